"""What a pool must know about one kind of worker: its command line, how it talks, and how to ask it whether it lives.

Any program that speaks the framing can be driven: the bridge's Python workers and the testees, in any language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from parity.bridge.framing import LIMIT

if TYPE_CHECKING:
    from parity.bridge.channel import Channel

Q = TypeVar("Q")
A = TypeVar("A")
Q_contra = TypeVar("Q_contra", contravariant=True)
A_co = TypeVar("A_co", covariant=True)


class Undecodable(Exception):
    """A body that is no answer; `id`: of the request that it was for, where that much could be read."""

    def __init__(self, message: str, number: int | None = None) -> None:
        self.id = number
        super().__init__(message)


class Codec(Protocol[Q_contra, A_co]):
    """Requests to bodies of frames, and back."""

    def encode(self, number: int, request: Q_contra, /) -> bytes:
        """Raises ValueError where the request cannot be said."""

    def decode(self, body: bytes, /) -> tuple[int | None, A_co]:
        """The answer and the id of its request; None for what a worker says unasked. Raises Undecodable."""

    def name(self, request: Q_contra, /) -> str:
        """What errors call the request."""


@dataclass(frozen=True, slots=True)
class Command:
    """How a worker is started. `env`: all of its environment, None for ours. Times are in seconds."""

    argv: tuple[str, ...]
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    limit: int = LIMIT  # bytes of one body from it
    stderr: int = 64 * 1024  # bytes of its stderr that are kept
    start_timeout: float = 5.0  # until it has answered the greeting (facts A4)
    grace: float = 1.0  # from the end of its stdin to SIGTERM, and from there to SIGKILL (facts A4)


class Launcher(Protocol[Q, A]):
    """One kind of worker."""

    @property
    def codec(self) -> Codec[Q, A]: ...

    def command(self, worker_id: str, /) -> Command: ...

    async def greet(self, channel: Channel[Q, A], worker_id: str, /) -> None:
        """The handshake after the start. Raises Fault when it is not what it should be."""

    def probe(self, worker_id: str, session: str | None, /) -> Q | None:
        """The health check; None where there is none: a worker in doubt is then replaced at once."""

    def healthy(self, answer: A, /) -> bool:
        """What the answer to the health check means."""

    def forget(self, session: str, /) -> Q | None:
        """What tells a worker that a session is over."""

    def farewell(self, worker_id: str, /) -> Q | None:
        """What is said before stdin is closed; its answer is not waited for."""
