"""Faults as a raw socket sees them: bytes counted, FIN and RST told apart, time on the virtual clock."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvloop
from samewire.mock.v1.fault_wire import Fault, FaultRule, FaultSchedule
from samewire.mock.v1.latency_wire import Latency

from mock.engine.answer import JSON, Answer
from mock.engine.api import Apis
from mock.engine.clock import Clock
from mock.engine.faults.plan import FaultPlan
from mock.engine.http.http1 import Http1
from mock.engine.request import Request

BODY = b'{"text":"' + b"x" * 88 + b'"}'
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Engine:
    def __init__(self, fault: Fault, streamed: bool = False) -> None:
        self.clock = Clock(1000.0)
        self.streamed = streamed
        self.plan = FaultPlan(FaultSchedule(rules=[FaultRule(fault=fault)]), self.clock, 1, Apis([]))

    async def pieces(self) -> Any:
        yield BODY
        yield BODY

    def handle(self, request: Request) -> Answer:
        answer = Answer(200, JSON, chunks=self.pieces()) if self.streamed else Answer(200, JSON, BODY)
        strike = self.plan.strike(request)
        assert strike is not None
        return strike.spoil(answer, request)


async def exchange(engine: Engine, during: Callable[[bytearray], Any] | None = None) -> tuple[bytes, str]:
    """What came, and how it ended: "FIN", "RST" or "open"."""
    server = await asyncio.get_running_loop().create_server(lambda: Http1(engine), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    got, ended = bytearray(), "open"

    async def read() -> None:
        nonlocal ended
        try:
            while piece := await reader.read(65536):
                got.extend(piece)
            ended = "FIN"
        except ConnectionResetError:
            ended = "RST"

    writer.write(GET)
    reading = asyncio.ensure_future(read())
    if during is not None:
        await during(got)
    await asyncio.wait({reading}, timeout=0.5)
    reading.cancel()
    writer.close()
    server.close()
    return bytes(got), ended


def run(fault: Fault, streamed: bool = False, during: Any = None) -> tuple[bytes, str]:
    engine = Engine(fault, streamed)
    return uvloop.run(exchange(engine, None if during is None else lambda got: during(engine, got)))


def body(got: bytes) -> bytes:
    return got.partition(b"\r\n\r\n")[2]


def test_truncate_counts_bytes_and_ends_with_fin() -> None:
    got, ended = run(Fault(kind="truncate", after_bytes=10))
    assert (body(got), ended) == (BODY[:10], "FIN")
    assert b"content-length: %d\r\n" % len(BODY) in got


def test_truncated_stream_has_no_end_chunk() -> None:
    got, ended = run(Fault(kind="truncate"), streamed=True)
    half = BODY[: len(BODY) // 2]
    assert (body(got), ended) == (b"%x\r\n%b\r\n" % (len(half), half), "FIN")


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("reset_before_headers", lambda got: got == b""),
        ("reset_within_headers", lambda got: got.startswith(b"HTTP/1.1 200") and b"\r\n\r\n" not in got),
        ("reset_after_headers", lambda got: got.endswith(b"\r\n\r\n")),
        ("reset_within_body", lambda got: body(got) == BODY[: len(BODY) // 2]),
    ],
)
def test_resets_are_resets(kind: Any, seen: Callable[[bytes], bool]) -> None:
    got, ended = run(Fault(kind=kind))
    assert seen(got)
    assert ended == "RST"


def test_empty_garbage_and_goaway() -> None:
    assert run(Fault(kind="empty")) == (b"", "FIN")
    got, ended = run(Fault(kind="garbage"))
    assert (len(got), ended, got[:4] == b"HTTP") == (64, "FIN", False)
    assert run(Fault(kind="garbage"))[0] == got  # the same seed
    got, ended = run(Fault(kind="goaway"))
    assert (body(got), ended, b"connection: close\r\n" in got) == (BODY, "FIN", True)


def test_half_close_ends_our_side_only() -> None:
    got, ended = run(Fault(kind="half_close", after_bytes=5))
    assert (body(got), ended) == (BODY[:5], "FIN")


def test_hang_says_nothing_and_stays_open() -> None:
    assert run(Fault(kind="hang")) == (b"", "open")


def test_delay_waits_on_the_virtual_clock() -> None:
    async def during(engine: Engine, got: bytearray) -> None:
        await asyncio.sleep(0.05)
        await engine.clock.advance(4.9)
        await asyncio.sleep(0.05)
        assert got == b""
        await engine.clock.advance(0.2)

    got, ended = run(Fault(kind="delay", latency=Latency(fixed_s=5.0)), during=during)
    assert (body(got), ended) == (BODY, "open")


def test_bandwidth_is_bytes_per_second() -> None:
    async def during(engine: Engine, got: bytearray) -> None:
        await asyncio.sleep(0.05)
        await engine.clock.advance(1.01)
        await asyncio.sleep(0.05)
        assert len(got) == 100
        await engine.clock.advance(9)

    got, ended = run(Fault(kind="bandwidth", bytes_=100), during=during)
    assert (body(got), ended) == (BODY, "open")


def test_dribble_sends_few_at_a_time() -> None:
    async def during(engine: Engine, got: bytearray) -> None:
        for count in (7, 14, 21):
            await asyncio.sleep(0.05)
            assert len(got) == count
            await engine.clock.advance(1)
        await engine.clock.advance(100)

    got, _ = run(Fault(kind="dribble", bytes_=7, latency=Latency(fixed_s=1.0)), during=during)
    assert body(got) == BODY


def test_content_faults() -> None:
    got, _ = run(Fault(kind="status", status=503, headers={"retry-after": "1"}))
    assert got.startswith(b"HTTP/1.1 503 ") and b"retry-after: 1\r\n" in got
    assert body(run(Fault(kind="malformed_json"))[0]) == BODY[:-1] + b"{"
    assert b"content-type: text/html" in run(Fault(kind="wrong_content_type"))[0]
    assert body(run(Fault(kind="duplicate_chunk"), streamed=True)[0]).count(BODY) == 3
