"""Runs and what they leave behind, in the tables of Lightning's database: runs, steps, dataclips, log_lines."""

import json
import uuid
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from .database import connection_settings

CLAIM = """
update runs set state = 'claimed', worker = %s, worker_name = %s, claimed_at = now()
where id in (select id from runs where state = 'available' order by position limit %s for update skip locked)
returning id::text, position
"""
LOST = """
update runs set state = 'lost', finished_at = now()
where state in ('claimed', 'started') and claimed_at < now() - make_interval(secs => %s)
"""
RELEASE = """
update runs set state = 'available', worker = null, worker_name = null, claimed_at = null where state = 'claimed' and id::text = any(%s)
"""
START = "update runs set state = 'started', started_at = now() where id = %s and state = 'claimed' returning id"
COMPLETE = """
update runs set state = %s, error_type = %s, error_message = %s, finished_at = now()
where id = %s and state in ('claimed', 'started') returning id
"""
DATACLIP = "insert into dataclips (id, type, body) values (%s, %s, %s)"
START_STEP = "insert into steps (id, run_id, job_id, input_dataclip_id) values (%s, %s, %s, %s)"
COMPLETE_STEP = """
update steps set exit_reason = %s, error_type = %s, error_message = %s, output_dataclip_id = %s, finished_at = now()
where id = %s and run_id = %s returning id
"""
LOG = "insert into log_lines (run_id, step_id, source, level, message, timestamp) values (%s, %s, %s, %s, %s, to_timestamp(%s / 1000000.0))"


class Invalid(Exception):
    """What a worker told does not fit what is stored: field -> what is wrong with it."""

    def __init__(self, field: str, problem: str):
        super().__init__(f"{field}: {problem}")
        self.errors = {field: [problem]}


class Store:
    def __init__(self, values: dict[str, object], lost_after_seconds: int):
        self.values = values
        self.lost_after_seconds = lost_after_seconds

    async def connect(self) -> psycopg.AsyncConnection:
        """A connection for each use: the database may be restarted or restored at any time."""
        return await psycopg.AsyncConnection.connect(**connection_settings(self.values))

    async def query(self, statement: str, parameters: Any = ()) -> list[tuple]:
        async with await self.connect() as connection:
            cursor = await connection.execute(statement, parameters)
            return await cursor.fetchall() if cursor.description else []

    # What people and webhooks do

    async def enqueue(self, workflow: dict, dataclip: Any = None, count: int = 1) -> list[str]:
        """New runs of one workflow, with one input each if there is one. Their ids."""
        runs = [str(uuid.uuid4()) for _ in range(count)]
        async with await self.connect() as connection, connection.transaction():
            for run in runs:
                clip = None
                if dataclip is not None:
                    clip = str(uuid.uuid4())
                    await connection.execute(DATACLIP, [clip, "http_request", Jsonb({"data": dataclip})])
                await connection.execute("insert into runs (id, workflow, dataclip_id) values (%s, %s, %s)", [run, Jsonb(workflow), clip])
        return runs

    async def summary(self) -> dict[str, dict[str, int]]:
        await self.mark_lost()
        states = await self.query("select state, count(*) from runs group by state")
        workers = await self.query("select worker, count(*) from runs where state = 'success' group by worker")
        return {"states": dict(states), "workers": dict(workers)}

    # What workers do

    async def mark_lost(self) -> None:
        await self.query(LOST, [self.lost_after_seconds])

    async def claim(self, worker: str, worker_name: str | None, demand: int) -> list[str]:
        claimed = await self.query(CLAIM, [worker, worker_name, demand])
        return [run for run, _ in sorted(claimed, key=lambda row: row[1])]

    async def release(self, runs: list[str]) -> None:
        """Nobody was there any more to hear what was claimed."""
        await self.query(RELEASE, [runs])

    async def plan(self, run: str) -> tuple[dict, str | None] | None:
        """Workflow and id of the input; nothing if there is no such run."""
        rows = await self.query("select workflow, dataclip_id::text from runs where id = %s", [run])
        return rows[0] if rows else None

    async def dataclip(self, run: str) -> bytes:
        rows = await self.query("select body from dataclips where id = (select dataclip_id from runs where id = %s)", [run])
        return json.dumps(rows[0][0] if rows else None).encode()

    async def start(self, run: str) -> None:
        await self.mark_lost()
        if not await self.query(START, [run]):
            raise Invalid("state", f"cannot start a run that is {await self.state(run)}")

    async def complete(self, run: str, state: str, error_type: str | None, error_message: str | None) -> None:
        await self.mark_lost()
        if not await self.query(COMPLETE, [state, error_type, error_message, run]):
            raise Invalid("state", f"cannot complete a run that is {await self.state(run)}")

    async def state(self, run: str) -> str:
        [(state,)] = await self.query("select state from runs where id = %s", [run])
        return state

    async def start_step(self, run: str, step: str, job: str, input_dataclip: str | None) -> None:
        try:
            await self.query(START_STEP, [step, run, job, input_dataclip])
        except psycopg.errors.UniqueViolation:
            raise Invalid("step_id", "has already been taken") from None

    async def complete_step(self, run: str, step: str, ended: dict[str, Any], output: tuple[str, Any] | None) -> None:
        """`output`: id and content of the dataclip that the step made, if the worker shows it."""
        async with await self.connect() as connection, connection.transaction():
            if output:
                await connection.execute(DATACLIP, [output[0], "step_result", Jsonb(output[1])])
            reasons = [ended.get("reason"), ended.get("error_type"), ended.get("error_message")]
            cursor = await connection.execute(COMPLETE_STEP, [*reasons, output and output[0], step, run])
            if not await cursor.fetchall():
                raise Invalid("step_id", "not found")

    async def log(self, run: str, lines: list[dict[str, Any]]) -> None:
        """All lines or none."""
        try:
            async with await self.connect() as connection, connection.transaction():
                for line in lines:
                    place = [run, line.get("step_id"), line.get("source"), line.get("level")]
                    await connection.execute(LOG, [*place, line["message"], line["timestamp"]])
        except psycopg.errors.ForeignKeyViolation:
            raise Invalid("step_id", "must be associated with the run") from None

    async def result(self, run: str) -> dict[str, Any] | None:
        """A run with its steps, their outputs and its log, for tests."""
        rows = await self.query("select state, worker, worker_name, error_type, error_message from runs where id = %s", [run])
        if not rows:
            return None
        steps = await self.query(
            "select job_id::text, exit_reason, error_type, body from steps left join dataclips on dataclips.id = output_dataclip_id"
            " where run_id = %s order by position",
            [run],
        )
        logs = await self.query("select source, level, message from log_lines where run_id = %s order by timestamp, id", [run])
        return {
            **dict(zip(("state", "worker", "worker_name", "error_type", "error_message"), rows[0])),
            "steps": [dict(zip(("job_id", "exit_reason", "error_type", "output"), step)) for step in steps],
            "logs": [dict(zip(("source", "level", "message"), line)) for line in logs],
        }
