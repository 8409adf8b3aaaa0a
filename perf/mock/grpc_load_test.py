"""The generator against a server of grpcio, which is no friend of bytes that are not gRPC."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from perf.mock import grpc_load
from perf.mock.load import Lost


@contextmanager
def serving(answer: Any) -> Iterator[int]:
    server = grpc.server(ThreadPoolExecutor(2))
    method = grpc.unary_unary_rpc_method_handler(answer)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("s.S", {"M": method}),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(0).wait()


def test_so_many_requests_each_of_its_own() -> None:
    seen: list[bytes] = []

    def answer(request: bytes, context: Any) -> bytes:
        seen.append(request)
        return b"x" * 300

    with serving(answer) as port:
        done = grpc_load.run(port, "/s.S/M", lambda number: b"%d" % number, 300, 3, 4, 10, limit=200)
    assert (done.count, done.wrong) == (200, 0)
    assert sorted(map(int, seen)) == list(range(200))
    assert 0 < done.quantile(0.5) <= done.quantile(0.99) < 10


def test_answers_that_are_not_right_are_counted() -> None:
    def answer(request: bytes, context: Any) -> bytes:
        if request == b"1":
            context.abort(grpc.StatusCode.NOT_FOUND, "gone")
        return b"xy" if request == b"2" else b"x"

    with serving(answer) as port:
        done = grpc_load.run(port, "/s.S/M", lambda number: b"%d" % number, 1, 1, 1, 10, limit=5)
        assert (done.count, done.wrong) == (5, 2)
        assert "without the right message" in done.first_wrong
        with pytest.raises(TimeoutError, match="no right answer"):
            grpc_load.until_right(port, "/s.S/M", lambda _: b"2", 1, 0.2, lambda: True)
    with pytest.raises(Lost, match="ended before"):
        grpc_load.until_right(port, "/s.S/M", lambda _: b"", 1, 5, lambda: False)
