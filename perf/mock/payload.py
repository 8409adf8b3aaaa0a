"""The requests of the benchmark, and the reply that every server gives to those it matches.

Some 400 bytes of JSON in, 320 out. A server has to read the body: it answers only where `model` and `user.tier` match.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

PATH = "/v1/chat"
MODEL = "tml-chat-1"
TIER = "gold"
REQUEST: dict[str, Any] = {
    "model": MODEL,
    "user": {"id": "user-0017", "tier": TIER},
    "messages": [
        {
            "role": "system",
            "content": "You answer in one sentence, without lists, and you never say what you can't know.",
        },
        {
            "role": "user",
            "content": "Which of the two checkpoints of the run should be loaded to go on with training, and why?",
        },
    ],
    "temperature": 0.7,
    "max_tokens": 64,
    "request_id": "0" * 16,
}
REPLY: dict[str, Any] = {
    "id": "chat-00000001",
    "model": MODEL,
    "created": 1795165200,
    "message": {
        "role": "assistant",
        "content": "The later one: it holds the state of the optimizer too, without which the loss would jump.",
    },
    "finish_reason": "stop",
    "prompt_tokens": 57,
    "completion_tokens": 21,
}
Requests = Callable[[int], bytes]


def repeated(path: str = PATH, body: dict[str, Any] | None = None) -> Requests:
    """The same bytes every time."""
    one = _http(path, json.dumps(body or REQUEST, separators=(",", ":")).encode())
    return lambda _: one


def unique(path: str = PATH, body: dict[str, Any] | None = None) -> Requests:
    """A `request_id` and a `traceparent` of its own for each number, of one length."""
    data = json.dumps((body or REQUEST) | {"request_id": "@id"}, separators=(",", ":"))
    text = data.replace("%", "%%").replace("@id", "%016x")
    length = len(text % 0)
    head = _head(path, length, "traceparent: 00-%032x-%016x-01\r\n")
    form = (head + text).encode()
    return lambda number: form % (number + 1, number + 1, number)


def _http(path: str, body: bytes) -> bytes:
    return _head(path, len(body)).encode() + body


def _head(path: str, length: int, more: str = "") -> str:
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: samewire-bench\r\nAccept: */*\r\n"
        f"Content-Type: application/json\r\n{more}Content-Length: {length}\r\n\r\n"
    )
