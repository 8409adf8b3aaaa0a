"""Testees as workers of the bridge's pool: the protocol of proto/samewire/parity/v1/testee.proto."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from samewire.parity.v1.testee_wire import Hello, Request, Response
from samewire_wire import WireError

from parity.bridge.channel import Channel
from parity.bridge.fault import Fault
from parity.bridge.launcher import Command, Undecodable

HELLO_WITHIN_S = 60.0
"""A cold JVM or a first import of a big SDK on a busy machine."""
Said = Hello | Response


class TesteeCodec:
    """Frames of one testee. The first that it sends is its Hello; everything after is in the form that it asked for."""

    def __init__(self) -> None:
        self.hello: Hello | None = None

    def encode(self, id: int, request: Request) -> bytes:  # noqa: A002 - as the protocol calls it
        request.id = id
        return request.to_binary() if self._binary else request.to_wire()

    def decode(self, body: bytes) -> tuple[int | None, Said]:
        try:
            if self.hello is None:
                self.hello = Hello.from_wire(body)
                return None, self.hello
            response = Response.from_binary(body) if self._binary else Response.from_wire(body)
        except WireError as error:
            what = "Hello" if self.hello is None else "Response"
            raise Undecodable(f"what it said is no {what}: {error}") from None
        return response.id, response

    def name(self, request: Request) -> str:
        return request.case

    @property
    def _binary(self) -> bool:
        return self.hello is not None and self.hello.form == "protobuf"


@dataclass
class Testee:
    """One client that is asked. `command`: its program and words."""

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str] | None = None
    cwd: Path | None = None
    named: bool = True
    """Its name is known here; else it is what its Hello says."""
    hello: Hello | None = field(default=None, compare=False)

    def launcher(self) -> TesteeLauncher:
        return TesteeLauncher(self)


class TesteeLauncher:
    """parity.bridge.launcher.Launcher of one testee. There is nothing to probe: one in doubt is replaced."""

    def __init__(self, testee: Testee) -> None:
        self.testee = testee
        self.codec = TesteeCodec()

    def command(self, worker_id: str) -> Command:
        # A codec belongs to one process.
        self.codec = TesteeCodec()
        return Command(
            self.testee.command, env=self.testee.environ, cwd=self.testee.cwd, start_timeout=HELLO_WITHIN_S, grace=2.0
        )

    async def greet(self, channel: Channel[Request, Said], worker_id: str) -> None:
        said = await channel.unasked(HELLO_WITHIN_S)
        if not isinstance(said, Hello):
            raise Fault("decode_error", "its first frame is no Hello", worker_id=worker_id)
        self.testee.hello = said

    def probe(self, worker_id: str, session: str | None) -> None:
        return None

    def healthy(self, answer: Said) -> bool:
        return True

    def forget(self, session: str) -> None:
        return None

    def farewell(self, worker_id: str) -> None:
        return None
