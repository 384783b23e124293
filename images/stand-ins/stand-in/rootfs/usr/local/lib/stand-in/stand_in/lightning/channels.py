"""The socket of one worker: which channels it has joined, and what each of its frames is answered with."""

from typing import Any, Awaitable, Callable, Protocol

import psycopg
from aiohttp import WSMsgType, web

from . import frames
from .frames import Frame, Malformed
from .store import Invalid

# Largest frame that a worker may send, in bytes: what is larger ends the connection.
MOST = 11_000_000


class Refusal(Exception):
    """An answer with status `error`."""

    def __init__(self, response: Any):
        super().__init__(str(response))
        self.response = response


class Unexpected(Exception):
    """Nobody here understands the event. The real channel crashes on it, and has to be joined again."""


class Channel(Protocol):
    async def handle(self, event: str, payload: Any) -> Any:
        """The response; bytes for one that is not JSON."""

    async def left(self) -> None:
        """The worker is gone, or has left."""

    async def unheard(self, response: Any) -> None:
        """The connection ended before this response was sent."""


class WorkerSocket:
    def __init__(self, open_channel: "Open", worker: str):
        self.open_channel = open_channel
        self.worker = worker
        # Topic -> reference of the join, and the channel.
        self.joined: dict[str, tuple[str | None, Channel]] = {}
        # The worker's own heartbeat and this one keep proxies from cutting an idle connection.
        self.socket = web.WebSocketResponse(heartbeat=30, max_msg_size=MOST)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        await self.socket.prepare(request)
        try:
            async for message in self.socket:
                if message.type == WSMsgType.TEXT:
                    await self.hear(frames.decode(message.data))
                elif message.type == WSMsgType.BINARY:
                    raise Malformed("no worker sends bytes")
        except Malformed as malformed:
            print(f"worker {self.worker} sent what is no frame: {malformed}")
            await self.socket.close(code=1011)
        finally:
            for topic in list(self.joined):
                await self.joined.pop(topic)[1].left()
        return self.socket

    async def hear(self, frame: Frame) -> None:
        if frame.topic == "phoenix" and frame.event == "heartbeat":
            await self.send(frames.reply(frame, "ok", {}))
        elif frame.event == "phx_join":
            await self.join(frame)
        elif frame.event == "phx_leave":
            await self.leave(frame)
        elif frame.topic not in self.joined:
            await self.send(frames.reply(frame, "error", {"reason": "unmatched topic"}))
        elif frame.join_ref == self.joined[frame.topic][0]:
            await self.pass_on(frame, self.joined[frame.topic][1])
        # Else it belongs to a join that another one has taken the place of: Phoenix drops it.

    async def join(self, frame: Frame) -> None:
        if frame.topic in self.joined:
            await self.close(frame.topic, "phx_close")
        try:
            self.joined[frame.topic] = (frame.join_ref, await self.open_channel(self, frame.topic, frame.payload))
        except Refusal as refusal:
            return await self.send(frames.reply(frame, "error", refusal.response))
        except psycopg.Error as error:
            print(f"joining {frame.topic}: {error}")
            return await self.send(frames.reply(frame, "error", {"reason": "join crashed"}))
        await self.send(frames.reply(frame, "ok", {}))

    async def leave(self, frame: Frame) -> None:
        await self.send(frames.reply(frame, "ok", {}))
        if frame.topic in self.joined:
            await self.close(frame.topic, "phx_close")

    async def pass_on(self, frame: Frame, channel: Channel) -> None:
        try:
            response = await channel.handle(frame.event, frame.payload)
        except Refusal as refusal:
            await self.send(frames.reply(frame, "error", refusal.response))
        except Invalid as invalid:
            await self.send(frames.reply(frame, "error", {"errors": invalid.errors}))
        except (Unexpected, psycopg.Error) as error:
            print(f"channel {frame.topic} crashed on {frame.event} of worker {self.worker}: {error}")
            await self.close(frame.topic, "phx_error")
        else:
            binary = isinstance(response, bytes)
            if not await self.send(frames.binary_reply(frame, response) if binary else frames.reply(frame, "ok", response)):
                await channel.unheard(response)

    async def close(self, topic: str, event: str) -> None:
        reference, channel = self.joined.pop(topic)
        await channel.left()
        await self.send(frames.encode(Frame(reference, reference, topic, event, {})))

    async def push(self, topic: str, event: str, payload: Any) -> None:
        """Tells the worker something that it has not asked for."""
        if topic in self.joined:
            await self.send(frames.encode(Frame(self.joined[topic][0], None, topic, event, payload)))

    async def send(self, frame: str | bytes) -> bool:
        """False if the worker is gone."""
        try:
            await (self.socket.send_bytes(frame) if isinstance(frame, bytes) else self.socket.send_str(frame))
        except ConnectionError:
            return False
        return not self.socket.closed


# What a join leads to: given the socket, the topic and the payload. Raises Refusal.
Open = Callable[[WorkerSocket, str, Any], Awaitable[Channel]]
