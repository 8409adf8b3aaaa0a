from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from parity.reference.sse import Event, decode

STREAM = (
    "\ufeffevent: a\r\ndata: ü1\r\ndata:2\r\n\r\n"
    ": note\nid: 7\nretry: 20\n\n"
    "data\rdata: x: y\r\rid: 8\ndata: unfinished"
).encode()
EVENTS = [Event("ü1\n2", "a"), Event("", None, "7", 20), Event("\nx: y", None, "7")]


def test_whole() -> None:
    assert decode([STREAM]) == EVENTS


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_in_pieces_of_any_size(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(STREAM)]
    assert decode(STREAM[start:end] for start, end in pairwise(ends)) == EVENTS


def test_nothing() -> None:
    assert decode([b"\n\n: only a note\n\n"]) == []
    assert decode([b"retry: soon\nid: a\0b\ndata: 1\n\n"]) == [Event("1")]
