from __future__ import annotations

import pytest

from parity.bridge.tail import Tail


def test_all_of_a_little() -> None:
    tail = Tail(limit=10)
    tail.add(b"one\n")
    tail.add(b"two\n")
    assert tail.since() == "one\ntwo\n"


def test_only_what_came_after_a_mark() -> None:
    tail = Tail(limit=10)
    tail.add(b"before\n")
    mark = tail.total
    tail.add(b"after\n")
    assert tail.since(mark) == "after\n"
    assert tail.since(tail.total) == ""


@pytest.mark.parametrize("piece", [1, 7, 10, 25, 1000])
def test_a_flood_leaves_its_end_and_says_so(piece: int) -> None:
    tail = Tail(limit=10)
    flood = bytes(97 + number % 26 for number in range(1000))
    for start in range(0, 1000, piece):
        tail.add(flood[start : start + piece])
        assert len(tail._kept) <= 20
    assert tail.total == 1000
    assert tail.since() == f"[990 bytes before this are gone]\n{flood[-10:].decode()}"
    assert tail.since(995) == flood[-5:].decode()


def test_a_cut_character_does_no_harm() -> None:
    tail = Tail(limit=1)
    tail.add("é".encode())
    assert tail.since().endswith("\ufffd")
