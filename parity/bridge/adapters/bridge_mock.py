"""The adapter of layer 2: the whole protocol, byte for byte, and no process; it can be told to fail."""

from __future__ import annotations

import asyncio
from random import Random
from typing import ClassVar

from bridge.v1.adapter_wire import BridgeMockConfig, BridgeMockStats, Capabilities, ErrorScenario, Layer
from bridge.v1.frame_wire import Request, Response
from samewire_wire import MISSING, JsonValue, Model

from parity.bridge.adapters.wired import WiredAdapter
from parity.bridge.clock import Clock
from parity.bridge.fault import Fault
from parity.bridge.framing import Frames, frame
from parity.bridge.host.commands import Commands
from parity.bridge.host.launcher import Ask, result
from parity.bridge.host.launcher import Frames as Codec
from parity.bridge.launcher import Undecodable

ANY = "any"
TIMEOUT = 5.0  # seconds (facts A7, bridge_mock)


class BridgeMockServer:
    """The other end of the pipe: bytes in, bytes out, with the errors that it was told to make."""

    def __init__(self, config: BridgeMockConfig, dialect: str, random: Random) -> None:
        self.config = config
        self.scenarios: list[ErrorScenario] = []
        self.received = 0
        self.sent = 0
        self.errors = 0
        self.commands = Commands("standalone", dialect=dialect)
        self._random = random
        self._frames = Frames()

    def hear(self, data: bytes) -> bytes:
        """The answers, as frames; nothing for a request that is swallowed."""
        return b"".join(
            self._answer(Request.from_wire(body, self.commands.dialect)) for body in self._frames.feed(data)
        )

    def _answer(self, request: Request) -> bytes:
        self.received += 1
        if self._random.random() < self.config.timeout_probability:
            return b""
        error = self._error(request.command)
        if error is not None:
            self.errors += 1
            response = Response(id=request.id, success=False, error=error)
        else:
            response = self.commands.answer(request)
        self.sent += 1
        return frame(response.to_wire(self.commands.dialect))

    def _error(self, command: str) -> str | None:
        for scenario in self.scenarios:
            if scenario.command in (command, ANY) and self._random.random() < scenario.probability:
                return scenario.message
        if self._random.random() < self.config.error_probability:
            return ErrorScenario(command=ANY).message
        if command == "create_program" and len(self.commands.programs) >= self.config.max_programs:
            return f"Maximum number of programs reached: {self.config.max_programs}"
        return None


class BridgeMock(WiredAdapter):
    """`seed`: of the errors that come by chance; `clock`: of the response's delay and of waiting for none."""

    LAYER: ClassVar[Layer] = "layer_2"
    CAPABILITIES: ClassVar[Capabilities] = Capabilities(
        layer="layer_2",
        protocol_testing=True,
        protocol_validation=True,
        wire_format_testing=True,
        wire_format_validation=True,
        error_injection=True,
        deterministic=True,
        deterministic_outputs=True,
        scenario_testing=True,
        concurrency_safe=True,
        python_execution=False,
        performance="fast",
    )

    def __init__(
        self, clock: Clock, config: BridgeMockConfig | None = None, *, dialect: str = "bridge-v1", seed: int = 0
    ) -> None:
        super().__init__(dialect)
        self.server = BridgeMockServer(config or BridgeMockConfig(), dialect, Random(seed))
        self.history: list[tuple[str, str]] = []  # ("sent" or "response", the JSON), oldest first
        self._clock = clock
        self._born = clock.now()
        self._codec = Codec(dialect)
        self._last = 0
        self._pending = 0

    def add_error_scenario(self, scenario: ErrorScenario) -> None:
        self.server.scenarios.append(scenario)

    def remove_error_scenario(self, name: str) -> bool:
        """Whether there was one of this id."""
        kept = [each for each in self.server.scenarios if each.id is MISSING or each.id != name]
        found = len(kept) < len(self.server.scenarios)
        self.server.scenarios = kept
        return found

    async def get_stats(self) -> Model:
        return BridgeMockStats(
            requests_received=self.server.received,
            responses_sent=self.server.sent,
            errors_triggered=self.server.errors,
            active_programs=len(self.server.commands.programs),
            pending_requests=self._pending,
            uptime_seconds=self._clock.now() - self._born,
        )

    async def _execute(self, session: str | None, command: str, args: dict[str, JsonValue]) -> JsonValue:
        self._last += 1
        body = self._codec.encode(self._last, Ask(command, args))
        self._log("sent", body)
        self._pending += 1
        try:
            await self._wait(self.server.config.response_delay_ms / 1000)
            answers = Frames().feed(self.server.hear(frame(body)))
            if not answers:
                await self._wait(TIMEOUT)
                milliseconds = round(TIMEOUT * 1000)
                raise Fault(
                    "command_timeout",
                    f"Command timed out after {milliseconds}ms",
                    timeout_ms=milliseconds,
                    command=command,
                )
        finally:
            self._pending -= 1
        self._log("response", answers[0])
        try:
            _, response = self._codec.decode(answers[0])
        except Undecodable as error:
            raise Fault("decode_error", str(error), command=command) from None
        return result(response, command=command)

    def _log(self, what: str, body: bytes) -> None:
        if self.server.config.enable_logging:
            self.history.append((what, body.decode()))

    async def _wait(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._clock.later(seconds, woken.set)
        await woken.wait()
