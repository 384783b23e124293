"""Frames of Phoenix channels, version 2 of its serialization: what travels over the socket between web and workers."""

import json
from typing import Any, NamedTuple

REPLY = 1


class Malformed(Exception):
    """Not a frame. Phoenix ends the connection."""


class Frame(NamedTuple):
    join_ref: str | None
    ref: str | None
    topic: str
    event: str
    payload: Any


def decode(text: str) -> Frame:
    """[join_ref, ref, topic, event, payload]"""
    try:
        frame = Frame(*json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        raise Malformed(str(error)) from None
    references = all(reference is None or isinstance(reference, str) for reference in (frame.join_ref, frame.ref))
    if not (references and isinstance(frame.topic, str) and isinstance(frame.event, str)):
        raise Malformed("references, topic and event must be texts")
    return frame


def encode(frame: Frame) -> str:
    return json.dumps(frame)


def reply(to: Frame, status: str, response: Any) -> str:
    return encode(Frame(to.join_ref, to.ref, to.topic, "phx_reply", {"status": status, "response": response}))


def binary_reply(to: Frame, body: bytes) -> bytes:
    """A reply with status `ok` whose response is bytes: the lengths first, one byte each, then what they measure."""
    texts = [(text or "").encode() for text in (to.join_ref, to.ref, to.topic, "ok")]
    return bytes([REPLY, *map(len, texts)]) + b"".join(texts) + body
