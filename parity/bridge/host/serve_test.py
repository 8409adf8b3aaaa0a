from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.bridge.framing import Frames, frame
from parity.bridge.host.commands import Commands
from parity.bridge.host.serve import main, serve

PING = frame(b'{"id":1,"command":"ping","args":{}}')


def talk(stream: bytes, piece: int = 1 << 16, most: int = 1 << 16) -> tuple[list[int], str]:
    """Ids of the answers, and why it ended; `piece`, `most`: bytes that a read and a write take."""
    at = 0
    out = bytearray()

    def read(size: int) -> bytes:
        nonlocal at
        at += piece
        return stream[at - piece : at]

    def write(data: bytes) -> int:
        out.extend(data[:most])
        return len(data[:most])

    why = serve(Commands(), read, write)
    return [orjson.loads(body)["id"] for body in Frames().feed(bytes(out))] if out else [], why


@pytest.mark.parametrize(("piece", "most"), [(1, 1), (3, 7), (1000, 1000)])
def test_answers_come_in_order_whatever_the_pieces(piece: int, most: int) -> None:
    stream = b"".join(frame(b'{"id":%d,"command":"echo","args":{"text":"\xc3\xa9"}}' % number) for number in range(5))
    assert talk(stream, piece, most) == ([0, 1, 2, 3, 4], "no more messages")


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (b"", "no more messages"),
        (b"\0\0", "2 of the 4 bytes of its header"),
        (b"\0\0\0\0", "a frame of 0 bytes"),
        (b"\0\0\0\x09{}", "2 of the 9 bytes of its body"),
        (b"\xff\xff\xff\xff", "above the limit"),
        (frame(b"{"), "not JSON"),
        (frame(b"\xff{}"), "not JSON"),
        (frame(b"[]"), "expected an object"),
    ],
)
def test_what_ends_it(end: bytes, why: str) -> None:
    answered, reason = talk(PING + end)
    assert answered == [1]
    assert why in reason


@pytest.mark.parametrize("body", [b"{}", b'{"id":2}', b'{"command":"ping"}', b'{"id":"2","command":"ping"}'])
def test_what_is_no_request_gets_no_answer(body: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(PING + frame(body) + PING) == ([1, 1], "no more messages")
    assert "not answered: bridge.v1.Request" in capsys.readouterr().err


def test_nobody_who_reads() -> None:
    def broken(data: bytes) -> int:
        raise BrokenPipeError

    pieces = [PING]
    assert "nobody reads" in serve(Commands(), lambda _: pieces.pop() if pieces else b"", broken)


@given(st.binary(max_size=60))
def test_garbage_never_raises(garbage: bytes) -> None:
    assert talk(PING + garbage)[0][:1] == [1]


def test_options_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    assert "example: " in capsys.readouterr().out
    with pytest.raises(SystemExit) as caught:
        main(["--mode", "other"])
    assert caught.value.code == 2
