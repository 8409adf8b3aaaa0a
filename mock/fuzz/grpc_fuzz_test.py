"""Calls over gRPC with frames and messages that are not right: a status, and never INTERNAL for a defect of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random

from mock.engine.grpc import framing
from mock.engine.request import Connection, Request
from mock.fuzz import traffic
from mock.fuzz.effort import Effort
from mock.fuzz.mutator import Mutator, cut
from mock.fuzz.target import Found, Target

BUILTIN = (
    "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    "grpc.health.v1.Health/Check",
    "grpc.health.v1.Health/List",
    "a.B/C",
    "",
    "//",
)
# They stream until the session ends.
ENDLESS = ("samewire.mock.v1.MockService/WatchJournal",)
TIMEOUTS = (b"1S", b"100m", b"1n", b"99999999H", b"999999999H", b"", b"S", b"-1S", b"1.5S", b"1s", b"\xff")
ENCODINGS = (b"identity", b"gzip", b"deflate", b"zstd", b"", b"\xff")
KINDS = (
    b"application/grpc",
    b"application/grpc+proto",
    b"application/grpc+json",
    b"application/grpc;x",
    b"application/grpc-web",
)
OUR_DEFECT = b"the mock itself failed"


async def _incoming(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def test_calls(target: Target, effort: Effort) -> None:
    methods = [each for each in (*target.engine.apis.methods, *target.admin.methods) if each.rpc not in ENDLESS]
    mutate = Mutator([b"\0\0\0\0\0", b"\1\0\0\0\1", b"\0\xff\xff\xff\xff", b"\2\0\0\0\0", b"\0\0\0\0\1a"])

    async def one(random: Random) -> None:
        method = random.choice(methods)
        rpc = method.rpc if random.random() < 0.95 else random.choice(BUILTIN)
        encoding = random.choice(ENCODINGS) if random.random() < 0.3 else b"identity"
        frames = []
        for _ in range(random.choice((1, 1, 1, 0, 2, 3))):
            message = traffic.binary(random, method, over_grpc=True) or b""
            if random.random() < 0.6:
                message = mutate(random, message)
            packing = encoding.decode("latin-1")
            frames.append(framing.frame(message, packing if packing in framing.ENCODINGS else "identity"))
        body = b"".join(frames)
        if random.random() < 0.4:
            body = mutate(random, body)
        headers = [(b"content-type", random.choice(KINDS)), (b"grpc-encoding", encoding), (b"x-api-key", b"tml-fuzz")]
        if random.random() < 0.2:
            headers.append((b"grpc-timeout", random.choice(TIMEOUTS)))
        pieces = random.random() < 0.5
        request = Request(
            "POST",
            f"/{rpc}",
            headers,
            b"" if pieces else body,
            connection=Connection(1),
            protocol="gRPC",
            incoming=_incoming(cut(random, body)) if pieces else None,
        )
        try:
            _, _, trailers = await target.call(request)
            if OUR_DEFECT in trailers.get(b"grpc-message", b""):
                raise Found(f"a defect of ours: {trailers}")
        except Exception as error:
            raise Found(f"{error}\n{rpc} {headers} {body!r:.20000}") from error

    target.run(target.rounds(effort, 8_000, one))
