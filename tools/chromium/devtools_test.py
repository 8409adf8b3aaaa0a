from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tools.chromium.devtools import DevTools, DevToolsError


class Peer:
    """The browser's side of the pipes: answers each command with what the test planned."""

    def __init__(self) -> None:
        self.reads, ours_out = os.pipe()
        ours_in, self.writes = os.pipe()
        self.events: list[tuple[str, str, dict[str, Any]]] = []
        self.devtools = DevTools(ours_out, ours_in, lambda *event: self.events.append(event))
        self.heard: list[dict[str, Any]] = []

    def answer(self, *pieces: bytes) -> threading.Thread:
        """Hears one command, then writes the pieces."""

        def run() -> None:
            data = b""
            while not data.endswith(b"\0"):
                data += os.read(self.reads, 4096)
            self.heard.append(json.loads(data[:-1]))
            for piece in pieces:
                os.write(self.writes, piece)

        thread = threading.Thread(target=run)
        thread.start()
        return thread


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()
    yield made
    for each in (made.reads, made.writes):
        with contextlib.suppress(OSError):
            os.close(each)
    made.devtools.close()


def test_an_answer_in_pieces_after_an_event(peer: Peer) -> None:
    event = b'{"method":"Page.loaded","sessionId":"s","params":{"a":1}}\0'
    thread = peer.answer(event + b'{"id":1,"res', b'ult":{"value":"\xc3\xa4"}}\0')
    assert peer.devtools.call("Runtime.evaluate", "s", expression="x") == {"value": "ä"}
    thread.join()
    assert peer.heard == [
        {"id": 1, "method": "Runtime.evaluate", "params": {"expression": "x"}, "sessionId": "s"},
    ]
    assert peer.events == [("s", "Page.loaded", {"a": 1})]


def test_a_refusal(peer: Peer) -> None:
    peer.answer(b'{"id":1,"error":{"code":-32601,"message":"no such method"}}\0')
    with pytest.raises(DevToolsError, match="No.Such: no such method"):
        peer.devtools.call("No.Such")


def test_no_answer(peer: Peer) -> None:
    with pytest.raises(TimeoutError, match="Page.navigate"):
        peer.devtools.call("Page.navigate", seconds=0.05)


def test_a_browser_that_is_gone(peer: Peer) -> None:
    os.close(peer.writes)
    with pytest.raises(DevToolsError, match="gone"):
        peer.devtools.call("Page.navigate")
    os.close(peer.reads)
    with pytest.raises(DevToolsError, match="gone"):
        peer.devtools.call("Page.navigate")


def test_events_while_nothing_is_asked(peer: Peer) -> None:
    os.write(peer.writes, b'{"method":"A"}\0{"method":"B"}\0')
    peer.devtools.listen(0.05)
    assert [method for _, method, _ in peer.events] == ["A", "B"]
