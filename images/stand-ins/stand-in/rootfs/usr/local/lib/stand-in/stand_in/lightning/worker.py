"""node ./dist/start.js: a worker that claims runs and sleeps instead of running them. It ends after its last run."""

import asyncio
import os
import signal
import socket
import time

import aiohttp
import jwt
from aiohttp import web

from .worker_settings import load

PAUSE = 0.5


class Worker:
    def __init__(self, values: dict[str, object]):
        self.secret = str(values["WORKER_SECRET"])
        self.public_key = values["WORKER_LIGHTNING_PUBLIC_KEY"]
        self.url = str(values.get("WORKER_LIGHTNING_SERVICE_URL", "ws://localhost:4000/worker"))
        self.capacity = int(values.get("WORKER_WORKLOOPS", values.get("WORKER_CAPACITY", 5)))
        self.port = int(values.get("WORKER_PORT", 2222))
        self.id = f"{socket.gethostname()}-{os.getpid()}"
        self.running: set[asyncio.Task] = set()
        # Asked for runs, and not answered yet: what web hands out is this worker's from then on.
        self.claiming = False
        # Run -> state, until web has confirmed it.
        self.results: dict[int, str] = {}
        self.stopping = asyncio.Event()

    @property
    def done(self) -> bool:
        return self.stopping.is_set() and not (self.running or self.results or self.claiming)

    async def work(self) -> None:
        pages = await self.serve()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.stopping.set)
        stop = asyncio.create_task(self.announce_stop(pages))
        while not self.done:
            try:
                await self.session()
            except (aiohttp.ClientError, ConnectionError, asyncio.TimeoutError) as error:
                # Not the error's own text: it has the token.
                print(f"could not connect to lightning at {self.url}: {getattr(error, 'status', type(error).__name__)}")
            if not self.done:
                await asyncio.sleep(1)
        await stop
        print("Server closed")

    async def serve(self) -> web.AppRunner:
        """As upstream's: 200, connected or not."""
        app = web.Application()
        app.add_routes([web.get(path, lambda _request: web.Response(text="OK")) for path in ("/", "/livez")])
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "0.0.0.0", self.port).start()
        return runner

    async def announce_stop(self, pages: web.AppRunner) -> None:
        await self.stopping.wait()
        print(f"stopping after {len(self.running)} runs")
        await pages.cleanup()

    async def session(self) -> None:
        """One connection to web, until it breaks or there is nothing left to do."""
        now = int(time.time())
        token = jwt.encode({"worker_id": self.id, "iat": now, "nbf": now}, self.secret, algorithm="HS256")
        async with aiohttp.ClientSession() as client:
            async with client.ws_connect(f"{self.url}/websocket", params={"token": token, "vsn": "2.0.0"}, heartbeat=30) as connection:
                print(f"connected to lightning at {self.url}")
                talking = asyncio.create_task(self.talk(connection))
                try:
                    async for message in connection:
                        self.hear(message.json())
                finally:
                    talking.cancel()
                    await asyncio.gather(talking, return_exceptions=True)
                    self.claiming = False

    async def talk(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        """Tells results, and asks for as many runs as there is room for."""
        while not self.done:
            for run, state in list(self.results.items()):
                await connection.send_json({"event": "complete", "run": run, "state": state})
            demand = self.capacity - len(self.running)
            if demand > 0 and not self.claiming and not self.stopping.is_set():
                self.claiming = True
                await connection.send_json({"event": "claim", "demand": demand})
            await asyncio.sleep(PAUSE)
        await connection.close()

    def hear(self, message: dict) -> None:
        if message["event"] == "completed":
            self.results.pop(message["run"], None)
        elif message["event"] == "claimed":
            self.claiming = False
            for run in message["runs"]:
                task = asyncio.create_task(self.run(run))
                self.running.add(task)
                task.add_done_callback(self.running.discard)

    async def run(self, run: dict) -> None:
        try:
            jwt.decode(run["token"], self.public_key, algorithms=["RS256"], leeway=5)
        except jwt.InvalidTokenError as error:
            print(f"WORKER_LIGHTNING_PUBLIC_KEY: run {run['id']} is not signed with its private key: {error}")
            self.results[run["id"]] = "refused"
            return
        await asyncio.sleep(run["seconds"])
        self.results[run["id"]] = "success"


async def start() -> None:
    await Worker(load(os.environ)).work()


def main(_arguments: list[str]) -> None:
    asyncio.run(start())
