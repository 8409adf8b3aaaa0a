"""The testee protocol over standard input and output, with the standard library alone (testee.proto)."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Mapping
from typing import Any, BinaryIO

from parity.testees.tinker_sdk.answer import Call, Rejected, Unsupported


def serve(hello: dict[str, Any], calls: Mapping[str, Call]) -> None:
    """Says hello, then answers one request after the other until its input ends."""
    out = _alone()
    _write(out, hello | {"calls": sorted(calls)})
    source = sys.stdin.buffer
    while len(header := source.read(4)) == 4:
        request = json.loads(source.read(int.from_bytes(header, "big")))
        _write(out, {"id": request["id"]} | _outcome(calls[request["call"]], request.get("input")))


def _outcome(call: Call, given: Any) -> dict[str, Any]:
    try:
        return {"result": call(given)}
    except Rejected as rejected:
        return {"rejected": {"reason": str(rejected), "kind": rejected.kind}}
    except Unsupported as unsupported:
        return {"unsupported": str(unsupported)}
    except Exception as error:
        traceback.print_exc()
        return {"failed": f"{type(error).__name__}: {error}"}


def _alone() -> BinaryIO:
    """Standard output for frames only: what the SDK prints goes to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _write(out: BinaryIO, message: dict[str, Any]) -> None:
    body = json.dumps(message).encode()
    out.write(len(body).to_bytes(4, "big") + body)
    out.flush()
