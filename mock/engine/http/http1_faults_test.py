"""Faults as a raw socket sees them: bytes counted, FIN and RST told apart, time on the virtual clock."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from mock.engine.faults.check import KINDS
from mock.engine.http.testing_http1 import Faulty, Peer, run, served, until

BODY = Faulty.BODY
HALF = BODY[: len(BODY) // 2]


def exchange(
    kind: str,
    *,
    stream: bool = False,
    during: Callable[[Faulty, Peer], Awaitable[None]] | None = None,
    **said: Any,
) -> tuple[bytes, str, list[str]]:
    """What came (after what `during` read); how the connection ended, "FIN", "RST" or "open"; what the journal was
    told."""

    async def story() -> tuple[bytes, str, list[str]]:
        engine = Faulty(kind, **said)
        async with served(engine) as server:
            peer = await server.connect()
            peer.ask("/stream" if stream else "/")
            if during is not None:
                await during(engine, peer)
            got, ended = await peer.rest(0.1)
            return got, ended, list(engine.record.ended)

    return run(story())


def body(got: bytes) -> bytes:
    head, _, rest = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    return rest


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@pytest.mark.parametrize(
    ("kind", "ended", "journal"),
    [("truncate", "FIN", "cut"), ("half_close", "FIN", "client gone"), ("reset_within_body", "RST", "reset")],
)
@pytest.mark.parametrize(("after", "part"), [(None, HALF), (0, b""), (10, BODY[:10]), (1000, BODY[:-1])])
def test_part_of_a_body(kind: str, ended: str, journal: str, after: int | None, part: bytes) -> None:
    said: dict[str, Any] = {} if after is None else {"after_bytes": after}
    got, how, told = exchange(kind, **said)
    assert (body(got), how) == (part, ended)
    assert b"content-length: %d\r\n" % len(BODY) in got  # promised, and not kept
    assert told in ([journal], [])  # a half-closed exchange ends when the client closes its side


@pytest.mark.parametrize(("kind", "ended"), [("truncate", "FIN"), ("half_close", "FIN"), ("reset_within_body", "RST")])
def test_part_of_a_stream(kind: str, ended: str) -> None:
    """Without its end chunk, however much of it came."""
    assert exchange(kind, stream=True)[:2][1] == ended
    for after, part in ((None, chunk(HALF)), (110, chunk(BODY) + chunk(BODY[: 110 - len(BODY)]))):
        said: dict[str, Any] = {} if after is None else {"after_bytes": after}
        assert body(exchange(kind, stream=True, **said)[0]) == part
    assert body(exchange(kind, stream=True, after_bytes=9999)[0]) == chunk(BODY) * 2


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("reset_before_headers", lambda got: got == b""),
        ("reset_within_headers", lambda got: got.startswith(b"HTTP/1.1 200") and b"\r\n\r\n" not in got),
        ("reset_after_headers", lambda got: got.endswith(b"\r\n\r\n") and b"content-length: 99\r\n" in got),
    ],
)
def test_resets_are_resets(kind: str, seen: Callable[[bytes], bool]) -> None:
    got, ended, told = exchange(kind)
    assert seen(got)
    assert (ended, told) == ("RST", ["reset"])


def test_empty_and_garbage() -> None:
    assert exchange("empty") == (b"", "FIN", ["cut"])
    got, ended, told = exchange("garbage")
    assert (len(got), ended, told) == (64, "FIN", ["cut"])
    assert not got.startswith(b"HTTP")
    assert exchange("garbage")[0] == got  # the same seed


def test_half_close_ends_our_side_only() -> None:
    async def story() -> None:
        engine = Faulty("half_close", after_bytes=5)
        async with served(engine) as server:
            peer = await server.connect()
            peer.ask()
            assert body((await peer.rest())[0]) == BODY[:5]
            # What the client still says is taken and ignored, until it closes too.
            for _ in range(20):
                peer.ask()
                await asyncio.sleep(0.005)
            assert engine.record.ended == []
            assert await peer.rest() == (b"", "FIN")
            peer.writer.close()
            await until(lambda: engine.record.ended == ["client gone"])

    run(story())


def test_hang() -> None:
    assert exchange("hang") == (b"", "open", [])
    got, ended, _ = exchange("hang", after_bytes=7)
    assert (body(got), ended) == (BODY[:7], "open")

    async def passed(engine: Faulty, peer: Peer) -> None:
        await peer.quiet()
        await engine.clock.advance(29)
        await peer.quiet()
        await engine.clock.advance(2)

    assert exchange("hang", latency={"fixed_s": 30}, during=passed) == (b"", "FIN", ["cut"])


def test_delay_and_slow_first_byte() -> None:
    async def passed(engine: Faulty, peer: Peer) -> None:
        await peer.quiet()
        await engine.clock.advance(4.9)
        await peer.quiet()
        await engine.clock.advance(0.2)

    for kind in ("delay", "slow_first_byte"):
        got, ended, told = exchange(kind, latency={"fixed_s": 5.0}, during=passed)
        assert (body(got), ended, told) == (BODY, "open", ["complete"])

    async def part(engine: Faulty, peer: Peer) -> None:
        assert body((await peer.rest(0.05))[0]) == BODY[:9]
        await passed(engine, peer)

    assert exchange("slow_first_byte", after_bytes=9, latency={"fixed_s": 5.0}, during=part)[0] == BODY[9:]


def test_bandwidth_is_bytes_per_second() -> None:
    async def seconds(engine: Faulty, peer: Peer) -> None:
        for _ in range(2):
            await asyncio.sleep(0.05)
            await engine.clock.advance(1.0001)
            assert len((await peer.rest(0.05))[0]) == 60
        await engine.clock.advance(9)

    got, ended, told = exchange("bandwidth", bytes=60, during=seconds)
    assert BODY.endswith(got)
    assert (ended, told) == ("open", ["complete"])


def test_dribble_sends_few_at_a_time() -> None:
    sent = []

    async def seconds(engine: Faulty, peer: Peer) -> None:
        for _ in range(3):
            piece, _ = await peer.rest(0.05)
            sent.append(piece)
            await engine.clock.advance(1)
        await engine.clock.advance(100)

    got, _, told = exchange("dribble", bytes=7, latency={"fixed_s": 1.0}, during=seconds)
    assert [len(piece) for piece in sent] == [7, 7, 7]
    assert body(b"".join(sent) + got) == BODY
    assert told == ["complete"]


def test_goaway_closes_after_its_answer() -> None:
    got, ended, told = exchange("goaway")
    assert (body(got), ended, told) == (BODY, "FIN", ["complete"])
    assert b"connection: close\r\n" in got


def test_status_and_headers() -> None:
    headers = {"Retry-After": "1", "X-Own": "2", "Content-Length": "7", "Date": "then"}
    got, ended, told = exchange("status", status=503, headers=headers, text="no")
    head, _, text = got.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"HTTP/1.1 503 Service Unavailable"
    assert sorted(head.lower().split(b"\r\n")[1:]) == [
        b"content-length: 2",
        b"content-type: text/plain; charset=utf-8",
        b"date: then",
        b"retry-after: 1",
        b"x-own: 2",
    ]
    assert (text, ended, told) == (b"no", "open", ["complete"])
    assert exchange("status", status=799)[0].startswith(b"HTTP/1.1 799 \r\n")


def test_malformed_json() -> None:
    assert body(exchange("malformed_json")[0]) == BODY[:-1] + b"{"
    streamed = body(exchange("malformed_json", stream=True)[0])
    assert streamed == chunk(BODY[:-1] + b"{") + chunk(BODY) + b"0\r\n\r\n"


def test_wrong_content_type() -> None:
    got = exchange("wrong_content_type")[0]
    assert body(got) == BODY
    assert got.count(b"content-type:") == got.count(b"content-type: text/html; charset=utf-8\r\n") == 1


def test_duplicate_chunk() -> None:
    assert body(exchange("duplicate_chunk", stream=True, after_bytes=100)[0]) == chunk(BODY) * 3 + b"0\r\n\r\n"
    assert body(exchange("duplicate_chunk")[0]) == BODY * 2


def test_a_grpc_status_to_a_client_of_json() -> None:
    got = exchange("grpc_status", grpc={"code": "RESOURCE_EXHAUSTED", "message": "later"})[0]
    assert got.startswith(b"HTTP/1.1 429 ")
    assert orjson.loads(got.partition(b"\r\n\r\n")[2]) == {"code": 8, "message": "later"}


@pytest.mark.parametrize("kind", ["malformed_json", "wrong_content_type", "duplicate_chunk"])
def test_the_connection_stays_usable(kind: str) -> None:
    """Where only the content is spoiled, framing is right."""

    async def story() -> None:
        async with served(Faulty(kind)) as server:
            peer = await server.connect()
            for target in ("/", "/stream", "/"):
                peer.ask(target)
                await peer.answer()
            peer.ask("/", "GET", "X-Plain: 1")
            assert (await peer.answer()).body == BODY

    run(story())


def test_no_kind_was_left_out() -> None:
    here = Path(__file__).read_text()
    assert [kind for kind in sorted(KINDS) if f'"{kind}"' not in here] == []
