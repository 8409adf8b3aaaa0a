from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock.engine.backend import Refusal
from mock.engine.grpc.framing import MessageReader, frame, messages, one


@given(
    st.lists(st.binary(max_size=300), max_size=8),
    st.lists(st.integers(1, 50)),
    st.sampled_from(["identity", "gzip", "deflate"]),
)
def test_messages_come_out_however_the_bytes_arrive(payloads: list[bytes], cuts: list[int], encoding: str) -> None:
    body = b"".join(frame(payload, encoding) for payload in payloads)
    reader = MessageReader(encoding)
    got = []
    at = 0
    for cut in [*cuts, len(body)]:
        got += reader.feed(body[at : at + cut])
        at += cut
    reader.end()
    assert got == payloads


def test_a_message_is_there_as_soon_as_its_last_byte() -> None:
    reader = MessageReader()
    body = frame(b"one") + frame(b"two")
    assert reader.feed(body[:7]) == []
    assert reader.feed(body[7:9]) == [b"one"]


@pytest.mark.parametrize(
    ("body", "encoding", "code", "why"),
    [
        (b"\0\0\0\0\5abc", "identity", "INTERNAL", "ends within a message"),
        (b"\0\0\0", "identity", "INTERNAL", "ends within a message"),
        (b"\2\0\0\0\1a", "gzip", "INTERNAL", "flag of a message is 2"),
        (b"\1\0\0\0\1a", "identity", "INTERNAL", "no grpc-encoding"),
        (b"\1\0\0\0\4abcd", "gzip", "INTERNAL", "is not gzip"),
        (
            b"\1" + (11).to_bytes(4, "big") + gzip.compress(b"abc")[:11],
            "gzip",
            "INTERNAL",
            "cut off",
        ),
        (b"\0\xff\xff\xff\xff", "identity", None, "at most"),
    ],
)
def test_bad_bytes_are_refused(body: bytes, encoding: str, code: str | None, why: str) -> None:
    with pytest.raises(Refusal, match=why) as caught:
        messages(body, encoding)
    assert caught.value.grpc == code


def test_a_bomb_is_refused_and_not_unpacked() -> None:
    packed = zlib.compress(b"\0" * 10_000_000)
    reader = MessageReader("deflate", largest=1_000_000)
    with pytest.raises(Refusal, match="unpacks to more than 1000000 bytes"):
        reader.feed(b"\1" + len(packed).to_bytes(4, "big") + packed)


def test_one() -> None:
    assert one([b"a"]) == b"a"
    for wrong in ([], [b"a", b"b"]):
        with pytest.raises(Refusal, match="takes one message"):
            one(wrong)
