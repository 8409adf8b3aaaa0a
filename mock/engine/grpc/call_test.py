from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from mock.engine.answer import Answer
from mock.engine.backend import Refusal
from mock.engine.clock import Clock
from mock.engine.grpc import framing, status
from mock.engine.grpc.call import GrpcCall, refused
from mock.engine.grpc.metadata import read
from mock.engine.http.testing import Serving, serving
from mock.engine.request import Request

RICH: list[dict[str, Any]] = [
    {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.5s"},
    {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"subject": "you"}]},
]


class Calls:
    """Methods of bytes: Echo, Repeat (ten times), Sum (of sizes), Talk (each back at once), Meta, Never, Ticks."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.gone = threading.Event()

    def handle(self, request: Request) -> Answer | Awaitable[Answer]:
        assert request.protocol == "gRPC"
        try:
            call = GrpcCall(request, self.clock)
            name = request.path.removeprefix("/t/")
            if name == "Talk":
                return call.stream(self._talk(call))
            if name == "Sum":
                return call.within(self._sum(call))
            if name == "Never":
                return call.within(self._never(call))
            if name == "Ticks":
                return call.stream(self._ticks())
            if request.incoming is not None:
                return self._later(request, call, name)
            return self._unary(request, call, name, call.message())
        except Refusal as refusal:
            return refused(refusal)

    def _unary(self, request: Request, call: GrpcCall, name: str, message: bytes) -> Answer:
        if name == "Echo":
            return call.unary(message, {"x-size": str(len(message))})
        if name == "Repeat":
            return call.stream(self._repeat(message))
        if name == "Meta":
            return call.unary(repr(sorted(read(request.headers))).encode())
        if name == "Bytes":
            return call.unary(b"", {"x-raw-bin": b"\x00\xff", "grpc-status": "9"})
        if name == "Rich":
            return status.answer("UNAVAILABLE", "come back", RICH)
        if name == "Refused":
            raise Refusal(409, message="schon da: ü % \n", headers={"retry-after": "3"})
        raise Refusal(501, message=f"no method {name}")

    async def _later(self, request: Request, call: GrpcCall, name: str) -> Answer:
        try:
            return self._unary(request, call, name, await call.one_message())
        except Refusal as refusal:
            return refused(refusal)

    async def _repeat(self, message: bytes) -> AsyncIterator[bytes]:
        for number in range(10):
            if message == b"break" and number == 3:
                raise Refusal(503, message="enough")
            if message == b"defect" and number == 3:
                raise RuntimeError("ours")
            yield message

    async def _sum(self, call: GrpcCall) -> Answer:
        return call.unary(str(sum([len(message) async for message in call.messages()])).encode())

    async def _talk(self, call: GrpcCall) -> AsyncIterator[bytes]:
        async for message in call.messages():
            yield message.upper()

    async def _never(self, call: GrpcCall) -> Answer:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.gone.set()
        raise AssertionError

    async def _ticks(self) -> AsyncIterator[bytes]:
        try:
            yield b"0"
            yield b"1"
            await self.clock.sleep(100_000)
            yield b"too late"
        finally:
            self.gone.set()


@pytest.fixture(name="calls", scope="module")
def fixture_calls() -> Calls:
    return Calls()


@pytest.fixture(name="server", scope="module")
def fixture_server(calls: Calls) -> Iterator[Serving]:
    with serving(calls) as server:
        yield server


@pytest.fixture(name="channel", scope="module")
def fixture_channel(server: Serving) -> Iterator[grpc.Channel]:
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(f"127.0.0.1:{server.port}", options=options) as channel:
        yield channel


def test_unary(channel: grpc.Channel) -> None:
    echo = channel.unary_unary("/t/Echo")
    answer, call = echo.with_call(b"hello", timeout=5)
    assert answer == b"hello"
    assert dict(call.initial_metadata())["x-size"] == "5"
    assert call.code() is grpc.StatusCode.OK
    assert echo(b"", timeout=5) == b""


def test_messages_larger_than_windows_and_frames(channel: grpc.Channel) -> None:
    message = bytes(range(256)) * 40_000  # 10 MB
    assert channel.unary_unary("/t/Echo")(message, timeout=20) == message


def test_server_streaming(channel: grpc.Channel) -> None:
    assert list(channel.unary_stream("/t/Repeat")(b"x" * 100_000, timeout=5)) == [b"x" * 100_000] * 10


def test_a_refusal_within_a_stream_is_its_status(channel: grpc.Channel) -> None:
    stream = channel.unary_stream("/t/Repeat")(b"break", timeout=5)
    assert [next(stream) for _ in range(3)] == [b"break"] * 3
    with pytest.raises(grpc.RpcError) as caught:
        next(stream)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert caught.value.details() == "enough"


def test_a_defect_within_a_stream_is_told_as_one(channel: grpc.Channel) -> None:
    stream = channel.unary_stream("/t/Repeat")(b"defect", timeout=5)
    assert [next(stream) for _ in range(3)] == [b"defect"] * 3
    with pytest.raises(grpc.RpcError) as caught:
        next(stream)
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert caught.value.details() == "the mock itself failed: RuntimeError('ours')"


def test_client_streaming(channel: grpc.Channel) -> None:
    assert channel.stream_unary("/t/Sum")(iter([b"a", b"bb", b"c" * 300_000]), timeout=5) == b"300003"
    assert channel.stream_unary("/t/Sum")(iter([]), timeout=5) == b"0"


def test_both_streaming_in_turns(channel: grpc.Channel) -> None:
    said: list[bytes] = []
    answered = threading.Event()

    def requests() -> Iterator[bytes]:
        for word in (b"one", b"two", b"three"):
            answered.clear()
            yield word
            assert answered.wait(5)

    for message in channel.stream_stream("/t/Talk")(requests(), timeout=10):
        said.append(message)
        answered.set()
    assert said == [b"ONE", b"TWO", b"THREE"]


def test_a_refusal_has_code_message_and_metadata(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/t/Refused")(b"", timeout=5)
    assert caught.value.code() is grpc.StatusCode.ABORTED
    assert caught.value.details() == "schon da: ü % \n"
    metadata = dict(caught.value.trailing_metadata()) | dict(caught.value.initial_metadata())
    assert metadata["retry-after"] == "3"


def test_a_rich_error_is_read_by_grpcios_own_reader(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/t/Rich")(b"", timeout=5)
    told = rpc_status.from_call(caught.value)
    assert told is not None
    assert (told.code, told.message) == (grpc.StatusCode.UNAVAILABLE.value[0], "come back")
    retry, quota = error_details_pb2.RetryInfo(), error_details_pb2.QuotaFailure()
    assert told.details[0].Unpack(retry) and told.details[1].Unpack(quota)
    assert (retry.retry_delay.ToMilliseconds(), quota.violations[0].subject) == (1500, "you")


def test_messages_beyond_a_limit(channel: grpc.Channel, server: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours, and the one that a client has by itself."""
    monkeypatch.setattr(framing, "LARGEST", 100_000)
    echo = channel.unary_unary("/t/Echo")
    assert len(echo(b"x" * 100_000, timeout=5)) == 100_000
    for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):
        with pytest.raises(grpc.RpcError) as caught:
            echo(b"x" * 100_001, timeout=5, compression=compression)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "100000" in (caught.value.details() or "")
    with pytest.raises(grpc.RpcError) as caught:
        channel.stream_unary("/t/Sum")(iter([b"x" * 5, b"x" * 100_001]), timeout=5)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert echo(b"alive", timeout=5) == b"alive"
    options = [("grpc.max_receive_message_length", 1000)]
    with grpc.insecure_channel(f"127.0.0.1:{server.port}", options=options) as small:
        with pytest.raises(grpc.RpcError) as caught:
            small.unary_unary("/t/Echo")(b"x" * 1001, timeout=5)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert small.unary_unary("/t/Echo")(b"x" * 1000, timeout=5)


def test_an_unknown_method_is_unimplemented(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/t/Nothing")(b"", timeout=5)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_metadata_with_bytes(channel: grpc.Channel) -> None:
    metadata = (("x-text", "a b"), ("x-raw-bin", b"\x00\xff\x80"))
    seen = channel.unary_unary("/t/Meta")(b"", timeout=5, metadata=metadata)
    assert "('x-text', 'a b')" in seen.decode()
    assert r"('x-raw-bin', b'\x00\xff\x80')" in seen.decode()


def test_metadata_of_an_answer(channel: grpc.Channel) -> None:
    """What is gRPC's own can't be said by a backend."""
    _, call = channel.unary_unary("/t/Bytes").with_call(b"", timeout=5)
    assert dict(call.initial_metadata())["x-raw-bin"] == b"\x00\xff"
    assert call.code() is grpc.StatusCode.OK


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_compression_both_ways(channel: grpc.Channel, compression: grpc.Compression) -> None:
    answer, call = channel.unary_unary("/t/Echo").with_call(b"z" * 1_000_000, timeout=5, compression=compression)
    assert answer == b"z" * 1_000_000
    assert call.code() is grpc.StatusCode.OK


def test_a_deadline_of_the_client(channel: grpc.Channel, calls: Calls) -> None:
    calls.gone.clear()
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/t/Never")(b"", timeout=0.2)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert calls.gone.wait(2)


def test_a_deadline_on_the_sessions_clock(calls: Calls, server: Serving, channel: grpc.Channel) -> None:
    """A test moves the time, so nobody waits an hour (which the client rounds up by some seconds)."""
    future = channel.unary_unary("/t/Never").future(b"", timeout=3600)
    stream = channel.unary_stream("/t/Ticks")(b"", timeout=3600)
    assert next(stream) == b"0"
    time.sleep(0.1)
    try:
        asyncio.run_coroutine_threadsafe(calls.clock.advance(4000), server.loop).result(5)
        assert future.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        with pytest.raises(grpc.RpcError) as caught:
            list(stream)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    finally:
        server.call(calls.clock.run)


def test_a_cancelled_call_is_gone(channel: grpc.Channel, calls: Calls) -> None:
    calls.gone.clear()
    stream = channel.unary_stream("/t/Ticks")(b"")
    assert [next(stream), next(stream)] == [b"0", b"1"]
    stream.cancel()
    assert calls.gone.wait(2)
    assert channel.unary_unary("/t/Echo")(b"alive", timeout=5) == b"alive"


def test_many_calls_at_once(channel: grpc.Channel) -> None:
    echo = channel.unary_unary("/t/Echo")
    with ThreadPoolExecutor(16) as pool:
        payloads = [str(number).encode() * (number % 50 + 1) for number in range(500)]
        assert list(pool.map(lambda payload: echo(payload, timeout=10), payloads)) == payloads


def test_keepalive(server: Serving) -> None:
    options = [("grpc.keepalive_time_ms", 50), ("grpc.keepalive_permit_without_calls", 1)]
    with grpc.insecure_channel(f"127.0.0.1:{server.port}", options=options) as channel:
        echo = channel.unary_unary("/t/Echo")
        assert echo(b"1", timeout=5) == b"1"
        time.sleep(0.4)
        assert echo(b"2", timeout=5) == b"2"


def test_a_server_that_leaves_finishes_what_is_open(server: Serving) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        talk = channel.stream_stream("/t/Talk")
        go = threading.Event()

        def requests() -> Iterator[bytes]:
            yield b"a"
            go.wait(5)
            yield b"b"

        before = set(server.fronts)
        stream = talk(requests(), timeout=5)
        assert next(stream) == b"A"
        for front in set(server.fronts) - before:
            server.call(front.close)
        go.set()
        assert list(stream) == [b"B"]
        # A new connection takes the next call.
        assert channel.unary_unary("/t/Echo")(b"new", timeout=5, wait_for_ready=True) == b"new"


def test_with_the_asyncio_client(server: Serving) -> None:
    async def run() -> None:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            assert await channel.unary_unary("/t/Echo")(b"hi", timeout=5) == b"hi"
            assert [each async for each in channel.unary_stream("/t/Repeat")(b"r", timeout=5)] == [b"r"] * 10
            assert await channel.stream_unary("/t/Sum")(iter([b"ab", b"c"]), timeout=5) == b"3"
            talk = channel.stream_stream("/t/Talk")(timeout=5)
            for word in (b"x", b"y"):
                await talk.write(word)
                assert await talk.read() == word.upper()
            await talk.done_writing()
            assert await talk.read() is grpc.aio.EOF
            assert await talk.code() is grpc.StatusCode.OK
            echo = channel.unary_unary("/t/Echo")
            answers = await asyncio.gather(*[echo(str(number).encode(), timeout=10) for number in range(300)])
            assert answers == [str(number).encode() for number in range(300)]
            waiting = channel.unary_unary("/t/Never")(b"")
            await asyncio.sleep(0.05)
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiting

    asyncio.run(run())


def _raw(server: Serving, body: bytes, **headers: str) -> Mapping[str, str]:
    """Headers and trailers of a call that no client of grpcio makes."""
    import httpx

    told: dict[str, Any] = {"content-type": "application/grpc", "te": "trailers"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    with httpx.Client(http1=False, http2=True) as client:
        answer = client.post(f"http://127.0.0.1:{server.port}/t/Echo", content=body, headers=told)
    return answer.headers


def _refusal_of(server: Serving, body: bytes, **headers: str) -> tuple[str, str]:
    """Status and message."""
    told = _raw(server, body, **headers)
    return told["grpc-status"], told.get("grpc-message", "")


def test_a_request_has_exactly_one_message(server: Serving) -> None:
    assert _refusal_of(server, b"") == ("12", "a call that takes one message got no message")
    two = b"\0\0\0\0\1a" * 2
    assert _refusal_of(server, two) == ("12", "a call that takes one message got 2 messages")


def test_a_request_that_is_cut_off(server: Serving) -> None:
    assert _refusal_of(server, b"\0\0\0\0\5a") == ("13", "the request ends within a message")


def test_what_is_not_known_is_told(server: Serving) -> None:
    told = _raw(server, b"\0\0\0\0\0", grpc_encoding="brotli")
    assert told["grpc-status"] == "12"
    assert set(told["grpc-accept-encoding"].split(",")) == {"identity", "deflate", "gzip"}
    assert _refusal_of(server, b"\1\0\0\0\1x")[0] == "13"
    assert _refusal_of(server, b"\1\0\0\0\1x", grpc_encoding="gzip")[0] == "13"
    assert _refusal_of(server, b"\0\0\0\0\0", grpc_timeout="soon")[0] == "13"
    assert _refusal_of(server, b"\0\0\0\0\0", content_type="application/grpc+json")[0] == "12"
