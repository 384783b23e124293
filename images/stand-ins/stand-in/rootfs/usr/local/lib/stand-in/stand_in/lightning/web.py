"""/app/bin/server: what deployments and their tests need of Lightning's web application."""

import asyncio
import hashlib
import os
import re
import time
from urllib.parse import urlsplit

import jwt
import psycopg
from aiohttp import WSMsgType, web

from ..settings import Refused
from .database import VERSION, connect, connection_settings, decrypt
from .web_settings import check_exports, load

CLAIM = """
update runs set state = 'started', worker = %s, claimed_at = now()
where id in (select id from runs where state = 'available' order by id limit %s for update skip locked)
returning id, seconds
"""
LOST = "update runs set state = 'lost' where state = 'started' and claimed_at < now() - make_interval(secs => %s)"
COMPLETE = "update runs set state = %s where id = %s and worker = %s and state = 'started'"


class Lightning:
    def __init__(self, values: dict[str, object]):
        self.values = values
        # Longest time from claiming a run until it counts as lost.
        self.run_seconds = int(values.get("WORKER_MAX_RUN_DURATION_SECONDS", 300)) + int(values.get("RUN_GRACE_PERIOD_SECONDS", 10))
        self.workers: dict[str, web.WebSocketResponse] = {}

    async def query(self, statement: str, parameters: list = []) -> list[tuple]:
        """On a connection of its own: the database may be restarted or restored at any time."""
        settings = connection_settings(self.values)
        async with await psycopg.AsyncConnection.connect(**settings) as connection:
            cursor = await connection.execute(statement, parameters)
            return await cursor.fetchall() if cursor.description else []

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
        return [email for (email,) in await self.query("select email::text from users where role = 'superuser' order by id")]

    async def webhook(self, request: web.Request) -> web.Response:
        """A body above MAX_DATACLIP_SIZE_MB answers 413."""
        body = await request.read()
        [(run,)] = await self.query("insert into runs (seconds) values (0.1) returning id")
        return web.json_response({"run": run, "bytes": len(body)})

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
        migrations = await self.query("select version, extract(epoch from at)::float from schema_migrations order by id")
        return web.json_response(
            {
                "version": VERSION,
                "migrations": [{"version": version, "at": at} for version, at in migrations],
                "superusers": await self.superusers(),
                "workers": sorted(self.workers),
            }
        )

    async def credential(self, _request: web.Request) -> web.Response:
        [(body,)] = await self.query("select body from credentials")
        plain = decrypt(self.values["PRIMARY_ENCRYPTION_KEY"], body)
        if plain is None:
            return web.json_response({"error": "PRIMARY_ENCRYPTION_KEY: is not the key of this credential"}, status=500)
        return web.json_response({"sha256": hashlib.sha256(plain).hexdigest()})

    async def enqueue(self, request: web.Request) -> web.Response:
        count, seconds = int(request.query.get("count", "1")), float(request.query.get("seconds", "0.1"))
        await self.query("insert into runs (seconds) select %s from generate_series(1, %s)", [seconds, count])
        return web.json_response({"enqueued": count}, status=201)

    async def runs(self, _request: web.Request) -> web.Response:
        await self.query(LOST, [self.run_seconds])
        states = await self.query("select state, count(*) from runs group by state")
        workers = await self.query("select worker, count(*) from runs where state = 'success' group by worker")
        return web.json_response({"states": dict(states), "workers": dict(workers)})

    # Workers

    async def worker_socket(self, request: web.Request) -> web.WebSocketResponse:
        try:
            claims = jwt.decode(request.query.get("token", ""), self.values["WORKER_SECRET"], algorithms=["HS256"], leeway=5)
        except jwt.InvalidTokenError as error:
            print(f"refused a worker: {error}")
            raise web.HTTPForbidden(text="WORKER_SECRET: the token is not signed with it") from None
        worker = str(claims["worker_id"])
        # The worker's own heartbeat and this one keep proxies from cutting an idle connection.
        socket = web.WebSocketResponse(heartbeat=30, max_msg_size=11_000_000)
        await socket.prepare(request)
        self.workers[worker] = socket
        print(f"worker {worker} joined")
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    await self.answer(worker, socket, message.json())
        finally:
            if self.workers.get(worker) is socket:
                del self.workers[worker]
            print(f"worker {worker} left")
        return socket

    async def answer(self, worker: str, socket: web.WebSocketResponse, message: dict) -> None:
        if message["event"] == "claim":
            claimed = await self.query(CLAIM, [worker, message["demand"]])
            runs = [{"id": run, "seconds": seconds, "token": self.run_token(run)} for run, seconds in claimed]
            await socket.send_json({"event": "claimed", "runs": runs})
        elif message["event"] == "complete":
            await self.query(LOST, [self.run_seconds])
            await self.query(COMPLETE, [message["state"], message["run"], worker])
            await socket.send_json({"event": "completed", "run": message["run"]})

    def run_token(self, run: int) -> str:
        now = int(time.time())
        claims = {"sub": f"run:{run}", "iat": now, "nbf": now, "exp": now + self.run_seconds}
        return jwt.encode(claims, self.values["WORKER_RUNS_PRIVATE_KEY"], algorithm="RS256")

    async def close(self, _app: web.Application) -> None:
        await asyncio.gather(*(socket.close(code=1001) for socket in list(self.workers.values())))


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
            web.post("/stand-in/runs", lightning.enqueue),
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
