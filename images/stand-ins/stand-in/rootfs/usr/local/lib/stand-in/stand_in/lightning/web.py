"""/app/bin/server: what deployments and their tests need of Lightning's web application."""

import asyncio
import hashlib
import os
import re
from typing import Any
from urllib.parse import urlsplit

import jwt
from aiohttp import WSMsgType, web

from ..settings import Refused
from .channels import Channel, Refusal, WorkerSocket
from .database import connect, decrypt
from .queue_channel import TOPIC, QueueChannel
from .releases import VERSION
from .run_channel import RunChannel
from .store import Store
from .tokens import RunTokens, verify_worker
from .web_settings import check_exports, load
from .workflows import waiting, workflow_of


class Lightning:
    def __init__(self, values: dict[str, object]):
        self.values = values
        self.run_seconds = int(values.get("WORKER_MAX_RUN_DURATION_SECONDS", 300))
        # Longest time from claiming a run until it counts as lost.
        lost_after = self.run_seconds + int(values.get("RUN_GRACE_PERIOD_SECONDS", 10))
        self.store = Store(values, lost_after)
        self.tokens = RunTokens(values["WORKER_RUNS_PRIVATE_KEY"], lost_after)
        self.sockets: set[WorkerSocket] = set()
        self.queues: set[QueueChannel] = set()

    # Pages

    async def health(self, _request: web.Request) -> web.Response:
        """As upstream's: does not look at the database."""
        return web.Response(text="Hello you!")

    async def home(self, _request: web.Request) -> web.Response:
        if not await self.superusers():
            raise web.HTTPFound("/first_setup")
        return web.Response(text="<!doctype html><title>stand-in for OpenFn Lightning</title>", content_type="text/html")

    async def first_setup(self, _request: web.Request) -> web.Response:
        if await self.superusers():
            raise web.HTTPFound("/")
        return web.Response(text="Whoever comes here first owns this instance.")

    async def superusers(self) -> list[str]:
        return [email for (email,) in await self.store.query("select email::text from users where role = 'superuser' order by id")]

    async def webhook(self, request: web.Request) -> web.Response:
        """A body above MAX_DATACLIP_SIZE_MB answers 413."""
        body = await request.read()
        [run] = await self.enqueue(waiting(0.1))
        return web.json_response({"work_order_id": run, "bytes": len(body)})

    async def browser_socket(self, request: web.Request) -> web.WebSocketResponse:
        """Echoes. Without ORIGINS, or from another origin, it is refused."""
        origins = str(self.values.get("ORIGINS", "")).split(",")
        if not any(same_origin(pattern, request.headers.get("Origin", "")) for pattern in origins):
            raise web.HTTPForbidden(text="ORIGINS does not have this origin")
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                await socket.send_str(message.data)
        return socket

    # What tests ask

    async def status(self, _request: web.Request) -> web.Response:
        migrations = await self.store.query("select version, extract(epoch from at)::float from schema_migrations order by id")
        return web.json_response(
            {
                "version": VERSION,
                "migrations": [{"version": version, "at": at} for version, at in migrations],
                "superusers": await self.superusers(),
                "workers": sorted({queue.socket.worker for queue in self.queues}),
            }
        )

    async def credential(self, _request: web.Request) -> web.Response:
        [(body,)] = await self.store.query("select body from credentials")
        plain = decrypt(self.values["PRIMARY_ENCRYPTION_KEY"], body)
        if plain is None:
            return web.json_response({"error": "PRIMARY_ENCRYPTION_KEY: is not the key of this credential"}, status=500)
        return web.json_response({"sha256": hashlib.sha256(plain).hexdigest()})

    async def post_runs(self, request: web.Request) -> web.Response:
        """Runs that do nothing for some seconds, or those of the workflow in the body."""
        count = int(request.query.get("count", "1"))
        if request.can_read_body:
            try:
                workflow, dataclip = workflow_of(await request.json())
            except ValueError as error:
                raise web.HTTPBadRequest(text=f"not a workflow: {error}") from None
        else:
            workflow, dataclip = waiting(float(request.query.get("seconds", "0.1"))), None
        return web.json_response({"enqueued": count, "runs": await self.enqueue(workflow, dataclip, count)}, status=201)

    async def enqueue(self, workflow: dict, dataclip: Any = None, count: int = 1) -> list[str]:
        runs = await self.store.enqueue(workflow, dataclip, count)
        for queue in list(self.queues):
            await queue.announce()
        return runs

    async def runs(self, _request: web.Request) -> web.Response:
        return web.json_response(await self.store.summary())

    async def run(self, request: web.Request) -> web.Response:
        result = await self.store.result(request.match_info["run"])
        if result is None:
            raise web.HTTPNotFound()
        return web.json_response(result)

    # Workers

    async def worker_socket(self, request: web.Request) -> web.WebSocketResponse:
        try:
            claims = verify_worker(request.query.get("token", ""), str(self.values["WORKER_SECRET"]))
        except jwt.InvalidTokenError as error:
            print(f"refused a worker: {error}")
            raise web.HTTPForbidden(text="WORKER_SECRET: the token is not signed with it") from None
        socket = WorkerSocket(self.open_channel, str(claims.get("worker_id", "unknown")))
        self.sockets.add(socket)
        try:
            return await socket.serve(request)
        finally:
            self.sockets.discard(socket)

    async def open_channel(self, socket: WorkerSocket, topic: str, payload: Any) -> Channel:
        if topic == TOPIC:
            return QueueChannel(socket, self.store, self.tokens, self.queues)
        if topic.startswith("run:"):
            return await self.open_run(topic.removeprefix("run:"), payload)
        raise Refusal({"reason": "unmatched topic"})

    async def open_run(self, run: str, payload: Any) -> RunChannel:
        token = payload.get("token") if isinstance(payload, dict) else None
        if not self.tokens.verify(token, run):
            raise Refusal({"reason": "unauthorized"})
        plan = await self.store.plan(run)
        if plan is None:
            raise Refusal({"reason": "not_found"})
        return RunChannel(self.store, run, *plan, {"output_dataclips": True, "run_timeout_ms": self.run_seconds * 1000})

    async def close(self, _app: web.Application) -> None:
        await asyncio.gather(*(socket.socket.close(code=1001) for socket in list(self.sockets)))


def same_origin(pattern: str, origin: str) -> bool:
    """`https://host`, `//host` or `//*.host`, with a port or without."""
    wanted, given = urlsplit(pattern), urlsplit(origin)
    if not (wanted.hostname and given.hostname) or (wanted.scheme and wanted.scheme != given.scheme):
        return False
    if wanted.port and wanted.port != given.port:
        return False
    host = re.escape(wanted.hostname).replace(r"\*", r"[^.]+(\.[^.]+)*")
    return re.fullmatch(host, given.hostname) is not None


def check_migrated(values: dict[str, object]) -> None:
    with connect(values) as connection:
        table = connection.execute("select to_regclass('schema_migrations')").fetchone()[0]
        if table is None or not connection.execute("select 1 from schema_migrations where version = %s", [VERSION]).fetchone():
            raise Refused(f"DATABASE_URL: the database lacks the migrations of {VERSION}: run /app/bin/migrate first")


def application(values: dict[str, object]) -> web.Application:
    lightning = Lightning(values)
    app = web.Application(client_max_size=int(values.get("MAX_DATACLIP_SIZE_MB", 10)) * 1_000_000)
    app.on_shutdown.append(lightning.close)
    app.add_routes(
        [
            web.get("/", lightning.home),
            web.get("/health_check", lightning.health),
            web.get("/first_setup", lightning.first_setup),
            web.post("/i/{trigger}", lightning.webhook),
            web.get("/live/websocket", lightning.browser_socket),
            web.get("/socket/websocket", lightning.browser_socket),
            web.get("/worker/websocket", lightning.worker_socket),
            web.get("/stand-in/status", lightning.status),
            web.get("/stand-in/credential", lightning.credential),
            web.get("/stand-in/runs", lightning.runs),
            web.post("/stand-in/runs", lightning.post_runs),
            web.get("/stand-in/runs/{run}", lightning.run),
        ]
    )
    return app


def main(_arguments: list[str]) -> None:
    values = load(os.environ)
    check_exports(values)
    check_migrated(values)
    host, port = str(values.get("LISTEN_ADDRESS", "127.0.0.1")), int(values.get("PORT", 4000))
    print(f"stand-in for OpenFn Lightning {VERSION}: listening on {host}:{port}")
    web.run_app(application(values), host=host, port=port, shutdown_timeout=5, print=None)
