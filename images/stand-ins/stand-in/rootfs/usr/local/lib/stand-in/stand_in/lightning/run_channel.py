"""The channel `run:<id>`: a worker gets from it what it needs for a run, and tells it what happens."""

import json
import uuid
from typing import Any

from .channels import Refusal, Unexpected
from .store import Invalid, Store

# Why a run ended, as a worker says it -> state of the run.
STATES = {"ok": "success", "fail": "failed", "crash": "crashed", "cancel": "cancelled", "kill": "killed"}
FINAL = {"success", "failed", "crashed", "cancelled", "killed", "exception", "lost"}
LEVELS = {"success", "always", "info", "warn", "error", "debug"}
BLANK = "This field can't be blank."


class RunChannel:
    def __init__(self, store: Store, run: str, workflow: dict, dataclip: str | None, options: dict[str, Any]):
        self.store = store
        self.run = run
        self.workflow = workflow
        self.dataclip = dataclip
        self.options = options
        self.jobs = {job["id"]: job for job in workflow["jobs"]}
        self.events = {
            "fetch:plan": self.fetch_plan,
            "fetch:credential": self.fetch_credential,
            "fetch:dataclip": self.fetch_dataclip,
            "run:start": self.start,
            "run:log": self.log,
            "run:batch_logs": self.log_batch,
            "run:complete": self.complete,
            "step:start": self.start_step,
            "step:complete": self.complete_step,
        }

    async def handle(self, event: str, payload: Any) -> Any:
        if event not in self.events:
            raise Unexpected("no such event")
        return await self.events[event](payload if isinstance(payload, dict) else {})

    async def left(self) -> None:
        """The run goes on: its worker may come back, and is waited for until it counts as lost."""

    async def unheard(self, _response: Any) -> None:
        """The worker asks again, or its run is lost."""

    async def fetch_plan(self, _payload: dict) -> dict:
        triggers, edges = self.workflow.get("triggers", []), self.workflow.get("edges", [])
        jobs = [{"adaptor": None, "credential_id": None, "name": None, **job} for job in self.workflow["jobs"]]
        plan = {"id": self.run, "triggers": triggers, "jobs": jobs, "edges": edges, "dataclip_id": self.dataclip}
        return {**plan, "starting_node_id": (triggers or jobs)[0]["id"], "options": self.options}

    async def fetch_credential(self, payload: dict) -> dict:
        """Those of the workflow itself, in plain text: what is encrypted in the database proves the key, and is no credential."""
        if "id" not in payload:
            raise Refusal({"errors": {"id": [BLANK]}})
        known = self.workflow.get("credentials", {})
        if payload["id"] not in known:
            raise Refusal({"errors": {"id": ["Credential not found!"]}})
        return known[payload["id"]]

    async def fetch_dataclip(self, _payload: dict) -> bytes:
        return await self.store.dataclip(self.run)

    async def start(self, _payload: dict) -> None:
        await self.store.start(self.run)

    async def complete(self, payload: dict) -> None:
        reason = payload.get("reason")
        state = STATES.get(reason, reason) if isinstance(reason, str) else None
        if state not in FINAL:
            raise Invalid("state", "can't be blank" if reason is None else "is invalid")
        await self.store.complete(self.run, state, payload.get("error_type"), payload.get("error_message"))

    async def start_step(self, payload: dict) -> dict:
        if "job_id" not in payload:
            raise Refusal({"errors": {"job_id": [BLANK]}})
        if payload["job_id"] not in self.jobs:
            raise Invalid("job_id", "does not exist")
        step = identifier(payload, "step_id")
        clip = identifier(payload, "input_dataclip_id") if payload.get("input_dataclip_id") else None
        await self.store.start_step(self.run, step, payload["job_id"], clip)
        return {"step_id": step}

    async def complete_step(self, payload: dict) -> dict:
        """A dataclip comes as text, and with an id; without either the step has kept its output to itself."""
        step = identifier(payload, "step_id")
        if not payload.get("reason"):
            raise Invalid("reason", "can't be blank")
        output = None
        if payload.get("output_dataclip") or payload.get("output_dataclip_id"):
            output = identifier(payload, "output_dataclip_id"), content(payload)
        await self.store.complete_step(self.run, step, payload, output)
        return {"step_id": step}

    async def log(self, payload: dict) -> dict:
        await self.store.log(self.run, [line(payload)])
        return {"log_line_id": str(uuid.uuid4())}

    async def log_batch(self, payload: dict) -> None:
        """Of newer workers, when WORKER_BATCH_LOGS is on."""
        if not isinstance(payload.get("logs"), list):
            raise Unexpected("needs logs")
        await self.store.log(self.run, [line(one if isinstance(one, dict) else {}) for one in payload["logs"]])


def identifier(payload: dict, field: str) -> str:
    if not payload.get(field):
        raise Invalid(field, "can't be blank")
    try:
        return str(uuid.UUID(payload[field]))
    except (ValueError, AttributeError, TypeError):
        raise Invalid(field, "is invalid") from None


def content(payload: dict) -> Any:
    if not payload.get("output_dataclip"):
        raise Invalid("output_dataclip", "can't be blank")
    try:
        return json.loads(payload["output_dataclip"])
    except (ValueError, TypeError):
        raise Invalid("output_dataclip", "is invalid") from None


def line(payload: dict) -> dict[str, Any]:
    """One line of a log; a message is a list of what was printed, each a text or not."""
    if payload.get("message") is None:
        raise Invalid("message", BLANK)
    if not str(payload.get("timestamp", "")).isdigit():
        raise Invalid("timestamp", "can't be blank" if payload.get("timestamp") is None else "is invalid")
    if payload.get("level") is not None and payload["level"] not in LEVELS:
        raise Invalid("level", "is invalid")
    message = payload["message"] if isinstance(payload["message"], list) else [payload["message"]]
    text = " ".join(part if isinstance(part, str) else json.dumps(part) for part in message)
    step = identifier(payload, "step_id") if payload.get("step_id") else None
    return {**payload, "step_id": step, "message": text.replace("\0", ""), "timestamp": int(payload["timestamp"])}
