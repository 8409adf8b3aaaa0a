"""Stubs for our own server, as a scenario file."""

from __future__ import annotations

from typing import Any

from perf.mock.payload import MODEL, PATH, REPLY, TIER


def stub(model: str = MODEL) -> dict[str, Any]:
    """What the peers are told too: a stub on `model` and `user.tier`."""
    conditions = [{"path": "$.model", "equals": model}, {"path": "$.user.tier", "equals": TIER}]
    return {"id": model, "request": {"path": PATH, "body": conditions}, "answers": [{"json": REPLY}]}


def over_grpc(rpc: str) -> dict[str, Any]:
    """The one stub, for a method over gRPC."""
    return {"stubs": [stub() | {"request": {"rpc": rpc, "body": stub()["request"]["body"]}}]}


def scenario(stubs: int = 1, stream: int = 0) -> dict[str, Any]:
    """So many stubs on one path, each for a model of its own; ours is the first.

    `stream`: messages of a stream on /v1/watch, all but the first of which come after an hour.
    """
    all_ = [stub(), *(stub(f"other-{number:06d}") for number in range(1, stubs))]
    if stream:
        held = {"stream": [REPLY] * stream, "between": {"fixed_s": 3600}}
        all_.append({"id": "watch", "request": {"path": "/v1/watch"}, "answers": [held]})
    return {"stubs": all_}
