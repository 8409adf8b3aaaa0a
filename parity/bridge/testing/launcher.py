"""How a pool drives child.py."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from parity.bridge.channel import Channel
from parity.bridge.fault import Fault
from parity.bridge.launcher import Command, Undecodable

CHILD = Path(__file__).with_name("child.py")


class Words:
    """The id, a blank, words; id 0 is what is said unasked."""

    def encode(self, number: int, request: str) -> bytes:
        if not request:
            raise ValueError("no words")
        return f"{number} {request}".encode()

    def decode(self, body: bytes) -> tuple[int | None, str]:
        number, _, words = body.decode().partition(" ")
        if not number.isdigit():
            raise Undecodable(f"no id in {body!r}")
        return int(number) or None, words

    def name(self, request: str) -> str:
        return request.partition(" ")[0]


def command(*words: str, **settings: Any) -> Command:
    return Command((sys.executable, "-S", "-E", str(CHILD), *words), **settings)


class Children:
    """`faults`: of the first workers, one each; those after them are polite."""

    codec = Words()

    def __init__(self, *faults: str, probes: bool = True, **settings: Any) -> None:
        self.faults = list(faults)
        self.probes = probes
        self.settings = settings
        self.sick = False

    def command(self, worker_id: str) -> Command:
        return command(*([self.faults.pop(0)] if self.faults else []), **self.settings)

    async def greet(self, channel: Channel[str, str], worker_id: str) -> None:
        if await channel.ask("hello", 5) != "hello":
            raise Fault("worker_init_failed", "impolite")

    def probe(self, worker_id: str, session: str | None) -> str | None:
        return ("silent" if self.sick else "ok?") if self.probes else None

    def healthy(self, answer: str) -> bool:
        return answer == "ok?"

    def forget(self, session: str) -> str | None:
        return f"forget {session}"

    def farewell(self, worker_id: str) -> str | None:
        return None
