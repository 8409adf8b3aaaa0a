"""Calls about the protocol: frames, requests, responses, and one whole worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from samewire_wire import MISSING

from parity.bridge.framing import FrameError, Frames, frame
from parity.bridge.host import serve
from parity.bridge.host.check import request_fault, response_fault
from parity.bridge.host.commands import Commands
from parity.bridge.host.launcher import Frames as Codec
from parity.bridge.launcher import Undecodable
from parity.bridge.testee.refusal import Refusal

_NOW = 1_795_207_561.5
"""Seconds since 1970, always: what a worker does here takes no time."""


def check_request(given: Any, _: str) -> Any:
    return _checked(request_fault(given["request"]))


def check_response(given: Any, _: str) -> Any:
    return _checked(response_fault(given["response"]))


def decode(given: Any, dialect: str) -> Any:
    """`{id, result}` or `{id, error}`."""
    try:
        number, response = Codec(dialect).decode(_bytes(given))
    except Undecodable as error:
        if error.id is not None:
            return {"id": error.id, "error": str(error)}
        raise Refusal(str(error).partition(":")[0], str(error)) from None
    if response.success:
        return {"id": number, "result": None if response.result is MISSING else response.result}
    return {"id": number, "error": response.error}


def frames(given: Any, _: str) -> Any:
    """Bodies as text, and the name of what broke the stream."""
    read = Frames(given.get("limit", 1 << 20))
    bodies: list[bytes] = []
    try:
        for piece in given["pieces"]:
            bodies += read.feed(bytes.fromhex(piece))
        read.end()
        broken = None
    except FrameError as error:
        broken = {"FrameTooLong": "too_long", "FrameEmpty": "empty", "FrameCut": "cut"}[type(error).__name__]
    return {"bodies": [body.decode() for body in bodies], "broken": broken}


def worker(given: Any, dialect: str) -> Any:
    """All that it answers until its stdin is over, and its exit code."""
    try:
        told = serve.options([*given.get("args", []), "--dialect", dialect])
    except SystemExit as end:
        return {"frames": [], "exit": end.code}
    commands = Commands(
        told.mode,
        told.worker_id,
        dialect,
        dspy=not told.without_dspy,
        now=lambda: _NOW,
        sleep=lambda _: None,
    )
    pieces = [_piece(each) for each in given["frames"]]
    out = bytearray()

    def write(data: bytes) -> int:
        out.extend(data)
        return len(data)

    serve.serve(commands, lambda _: pieces.pop(0) if pieces else b"", write)
    return {"frames": [orjson.loads(body) for body in Frames().feed(bytes(out))], "exit": 0}


def _checked(fault: str | None) -> Any:
    if fault is not None:
        raise Refusal(fault)
    return {}


def _bytes(said: Mapping[str, Any]) -> bytes:
    return bytes.fromhex(said["hex"]) if "hex" in said else str(said["text"]).encode()


def _piece(said: Mapping[str, Any]) -> bytes:
    """`hex`: bytes as they are; `json` and `text` go in a frame."""
    if "hex" in said:
        return bytes.fromhex(said["hex"])
    return frame(orjson.dumps(said["json"]) if "json" in said else str(said["text"]).encode())
