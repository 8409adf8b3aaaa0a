"""A testee for tests: `echo` gives its input back; other calls do what their names say."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any, BinaryIO


def main() -> None:
    out = sys.stdout.buffer
    words = sys.argv[1:]
    if "dies-at-start" in words:
        print("no such engine", file=sys.stderr)
        sys.exit(3)
    if "skipped" in words:
        print("echo is not on PATH", file=sys.stderr)
        sys.exit(77)
    if "talks" in words:
        out.write(b"Hello, world\n")
    if "deaf" in words:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    window = next((int(word.removeprefix("window=")) for word in words if word.startswith("window=")), 1)
    _send(out, {"name": "echo", "dialects": ["a", "b"], "calls": ["echo", "do.*", "refuse"], "window": window})
    while header := sys.stdin.buffer.read(4):
        request = json.loads(sys.stdin.buffer.read(int.from_bytes(header, "big")))
        _answer(out, request)
    if "deaf" in words:
        time.sleep(60)


def _answer(out: BinaryIO, request: dict[str, Any]) -> None:
    answer: dict[str, Any] = {"id": request["id"], "result": request.get("input")}
    match request["call"]:
        case "do.crash":
            print("this is why", file=sys.stderr, flush=True)
            os._exit(7)
        case "do.garbage":
            out.write(b"\x00\x00\x00\x03{no")
            out.flush()
            return
        case "do.long":
            out.write(b"\xff\xff\xff\xff")
            out.flush()
            return
        case "do.half":
            out.write(b"\x00\x00\x00\x10{")
            out.flush()
            os._exit(0)
        case "do.twice":
            _send(out, answer)
        case "do.other":
            answer["id"] += 1000
        case "do.nothing":
            return
        case "do.flood":
            for _ in range(200):
                sys.stderr.write("x" * 10_000 + "\n")
        case "do.empty":
            answer = {"id": request["id"]}
        case "do.fail":
            answer = {"id": request["id"], "failed": "division by zero"}
        case "do.unsupported":
            answer = {"id": request["id"], "unsupported": "no time"}
        case "refuse":
            answer = {"id": request["id"], "rejected": {"reason": "no", "kind": "bad"}}
    _send(out, answer)


def _send(out: BinaryIO, message: dict[str, Any]) -> None:
    body = json.dumps(message).encode()
    out.write(len(body).to_bytes(4, "big") + body)
    out.flush()


if __name__ == "__main__":
    main()
