"""The channel `worker:queue`: workers ask it for runs, and it tells them when there are some."""

from typing import Any

from .channels import Unexpected, WorkerSocket
from .store import Store
from .tokens import RunTokens

TOPIC = "worker:queue"


class QueueChannel:
    def __init__(self, socket: WorkerSocket, store: Store, tokens: RunTokens, waiting: "set[QueueChannel]"):
        self.socket = socket
        self.store = store
        self.tokens = tokens
        # Those that are joined now, of all workers.
        self.waiting = waiting
        waiting.add(self)
        print(f"worker {socket.worker} joined")

    async def handle(self, event: str, payload: Any) -> Any:
        """`queues`, of newer workers, is not looked at: there is one queue."""
        if event != "claim" or not isinstance(payload, dict) or not {"demand", "worker_name"} <= payload.keys():
            raise Unexpected(f"{event}: needs demand and worker_name")
        demand, name = payload["demand"], payload["worker_name"]
        if type(demand) is not int or demand < 0 or not (name is None or isinstance(name, str)):
            raise Unexpected("demand must be a number, worker_name a text or null")
        runs = await self.store.claim(self.socket.worker, name or None, demand)
        return {"runs": [{"id": run, "token": self.tokens.issue(run)} for run in runs]}

    async def unheard(self, response: Any) -> None:
        await self.store.release([run["id"] for run in response["runs"]])

    async def left(self) -> None:
        self.waiting.discard(self)
        print(f"worker {self.socket.worker} left")

    async def announce(self) -> None:
        await self.socket.push(TOPIC, "work-available", {})
