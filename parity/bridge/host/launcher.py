"""How a pool starts Python workers and talks to them in the bridge's frames."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson
from bridge.v1.frame_wire import Request, Response
from bridge.v1.lm_wire import ConfigureLmArgs
from bridge.v1.session_wire import CleanupSessionArgs
from bridge.v1.worker_wire import Mode, PingArgs, PingResult, ShutdownArgs
from samewire_wire import MISSING, JsonValue, Model, Timestamp, WireError

from parity.bridge.channel import Channel
from parity.bridge.fault import Fault
from parity.bridge.launcher import Command, Undecodable

TERM = 131  # the first byte of an Erlang term
_ID = next(iter(Response.model_fields))  # the key of the id, as the definition has it
MODULE = "parity.bridge.host.serve"


class Ask(NamedTuple):
    """A command and its arguments."""

    command: str
    args: Mapping[str, JsonValue] = {}


def ask(command: str, args: Model, dialect: str) -> Ask:
    return Ask(command, args.WIRE.writers[dialect](args))


@dataclass(frozen=True, slots=True)
class Frames:
    """The codec: a Request out, a Response in (facts A1)."""

    dialect: str

    def encode(self, number: int, request: Ask) -> bytes:
        stamp = Timestamp.from_seconds(time.time())
        return Request(id=number, command=request.command, args=dict(request.args), timestamp=stamp).to_wire(
            self.dialect
        )

    def decode(self, body: bytes) -> tuple[int | None, Response]:
        try:
            # In no dialect: some tell the time in seconds, some in text, and all are right.
            response = Response.from_wire(body)
        except WireError as error:
            raise _undecodable(body, error) from None
        return response.id, response

    def name(self, request: Ask) -> str:
        return request.command


def _undecodable(body: bytes, error: WireError) -> Undecodable:
    if body[:1] == bytes([TERM]):
        return Undecodable("binary_data: an Erlang term, not JSON")
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Undecodable(f"decode_error: {error}")
    number = said.get(_ID) if isinstance(said, dict) else None
    if isinstance(number, int) and not isinstance(number, bool):
        return Undecodable("Malformed response structure", number)
    return Undecodable(f"malformed_response: {error}")


@dataclass(slots=True)
class PythonWorkers:
    """`argv`: what is started, before the options; by default the interpreter that runs this.

    `words`: further options; `settings`: those of Command other than argv; `lm`: what every new worker is told.
    """

    dialect: str = "bridge-v1"
    argv: tuple[str, ...] = (sys.executable, "-m", MODULE)
    words: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    mode: Mode = "pool-worker"
    lm: ConfigureLmArgs | None = None

    @property
    def codec(self) -> Frames:
        return Frames(self.dialect)

    def command(self, worker_id: str) -> Command:
        options = ("--mode", self.mode, "--worker-id", worker_id, "--dialect", self.dialect)
        return Command((*self.argv, *options, *self.words), **self.settings)  # type: ignore[arg-type]

    async def greet(self, channel: Channel[Ask, Response], worker_id: str) -> None:
        args = PingArgs(initialization=True, worker_id=worker_id)
        answer = await channel.ask(ask("ping", args, self.dialect), 60.0)  # the pool's own time ends before
        if not self.healthy(answer):
            raise Fault("worker_init_failed", f"It is not well: {answer.error or answer.result}")
        if self.lm is not None:
            await channel.ask(ask("configure_lm", self.lm, self.dialect), 60.0)

    def probe(self, worker_id: str, session: str | None) -> Ask | None:
        return ask("ping", PingArgs(worker_id=worker_id, current_session=session), self.dialect)

    def healthy(self, answer: Response) -> bool:
        try:
            PingResult.from_wire(orjson.dumps(answer.result), self.dialect)  # its status is the literal "ok"
        except (WireError, TypeError):
            return False
        return answer.success

    def forget(self, session: str) -> Ask | None:
        return ask("cleanup_session", CleanupSessionArgs(session_id=session), self.dialect)

    def farewell(self, worker_id: str) -> Ask | None:
        return ask("shutdown", ShutdownArgs(worker_id=worker_id), self.dialect)


def result(answer: Response, **context: JsonValue) -> JsonValue:
    """What was asked for. Raises Fault(python_error) with the worker's text."""
    if answer.success and answer.result is not MISSING:
        return answer.result
    raise Fault("python_error", answer.error or "Malformed response structure", **context)
