from __future__ import annotations

import json

from perf.mock import payload


def _parts(request: bytes) -> tuple[bytes, dict[str, object]]:
    head, _, body = request.partition(b"\r\n\r\n")
    assert b"Content-Length: %d" % len(body) in head
    return head, json.loads(body)


def test_repeated_requests_are_one() -> None:
    make = payload.repeated()
    assert make(0) is make(7)
    assert _parts(make(0))[1] == payload.REQUEST


def test_unique_requests_differ_in_body_and_header_and_nothing_else() -> None:
    make = payload.unique()
    (head, body), (other_head, other) = _parts(make(0)), _parts(make(2**40))
    assert head != other_head
    assert body["request_id"] != other["request_id"]
    assert body | {"request_id": ""} == payload.REQUEST | {"request_id": ""}
    assert len(make(0)) == len(make(2**40))
    assert b"traceparent: 00-" in head
