"""Requests and answers over one process, matched by id, with any number of them under way."""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from typing import Generic, NamedTuple

from samewire_wire import JsonValue

from parity.bridge.clock import Alarm, Clock
from parity.bridge.fault import Fault
from parity.bridge.framing import FrameError
from parity.bridge.launcher import A, Codec, Command, Q, Undecodable
from parity.bridge.process import Process


class Asked(NamedTuple, Generic[A]):
    """A request under way."""

    name: str
    answer: asyncio.Future[A]
    alarm: Alarm
    timeout: float


class Channel(Generic[Q, A]):
    """Ids are 1, 2, 3 …; an answer that comes after its time is thrown away, and is nobody else's.

    `broken`: the first thing that the process did against the protocol, for as long as it lives; None if nothing.
    `over`: done when the process has ended; its result is the Fault that tells how.
    """

    def __init__(self, command: Command, codec: Codec[Q, A], clock: Clock, worker_id: str) -> None:
        self.process = Process(command, clock, self._hear, self._end)
        self.broken: Fault | None = None
        self.late = 0  # answers that came after their time
        self._codec = codec
        self._clock = clock
        self._worker_id = worker_id
        self._asked: dict[int, Asked[A]] = {}
        self._given_up: set[int] = set()
        self._last = 0
        self._said: deque[A] = deque(maxlen=1)
        self._greeted = False
        self._loop = asyncio.get_running_loop()
        self._listener: asyncio.Future[A] | None = None
        self.over: asyncio.Future[Fault] = self._loop.create_future()

    @property
    def outstanding(self) -> int:
        """How many requests it still has to answer, also those that nobody waits for any more."""
        return len(self._asked) + len(self._given_up)

    def ask(self, request: Q, timeout: float) -> asyncio.Future[A]:
        """The answer, or a Fault: command_timeout (seconds), port_exited, decode_error, response_mismatch.

        Raises Fault at once when the process is gone, or the request cannot be said (encode_error).
        """
        if self.over.done():
            raise self.over.result()
        number = self._last + 1
        name = self._codec.name(request)
        try:
            self.process.send(self._codec.encode(number, request))
        except (ValueError, FrameError) as error:
            raise Fault("encode_error", str(error), worker_id=self._worker_id, command=name) from None
        self._last = number
        answer: asyncio.Future[A] = self._loop.create_future()
        self._asked[number] = Asked(name, answer, self._clock.later(timeout, self._expire, number), timeout)
        return answer

    async def unasked(self, timeout: float) -> A:
        """The next thing that the process says by itself, such as its name. One listener at a time."""
        if self._said:
            return self._said.popleft()
        if self.over.done():
            raise self.over.result()
        self._listener = self._loop.create_future()
        alarm = self._clock.later(timeout, functools.partial(self._tell_listener, _timeout("Greeting", timeout)))
        try:
            return await self._listener
        finally:
            alarm.cancel()
            self._listener = None

    def _hear(self, body: bytes) -> None:
        try:
            number, answer = self._codec.decode(body)
        except Undecodable as error:
            fault = Fault("decode_error", str(error))
            if error.id is not None and error.id in self._asked:
                self._fail(error.id, fault)
            else:
                self._break(fault)
            return
        if number is None:
            self._unasked(answer)
            return
        asked = self._asked.pop(number, None)
        if asked is not None:
            asked.alarm.cancel()
            if not asked.answer.done():
                asked.answer.set_result(answer)
        elif number in self._given_up:
            self._given_up.discard(number)
            self.late += 1
        elif 0 < number <= self._last:
            # Those under way are not to blame, nor in danger: their ids are others.
            self._doubt(Fault("response_mismatch", f"ID {number} was answered twice", got=number))
        else:
            expected: list[JsonValue] = list(self._asked)
            wanted = ", ".join(map(str, expected[:3])) + (" …" if len(expected) > 3 else "") or "nothing"
            self._break(
                Fault("response_mismatch", f"Expected ID {wanted}, got {number}", expected=expected[:100], got=number)
            )

    def _unasked(self, said: A) -> None:
        if self._listener is not None and not self._listener.done():
            self._listener.set_result(said)
        elif self._greeted:
            self._doubt(Fault("response_mismatch", "The process says something that nobody asked for"))
        else:
            self._said.append(said)
        self._greeted = True

    def _doubt(self, fault: Fault) -> None:
        self.broken = self.broken or fault.within(worker_id=self._worker_id)

    def _break(self, fault: Fault) -> None:
        """Whose answer this was cannot be known: all that are under way fail, and their own answers come too late."""
        self._doubt(fault)
        for number in list(self._asked):
            self._fail(number, fault)

    def _fail(self, number: int, fault: Fault) -> None:
        asked = self._asked.pop(number)
        asked.alarm.cancel()
        if fault.type != "port_exited":
            self._given_up.add(number)
        if not asked.answer.done():
            asked.answer.set_exception(fault.within(worker_id=self._worker_id, command=asked.name))

    def _expire(self, number: int) -> None:
        asked = self._asked[number]
        self._fail(number, _timeout("Command", asked.timeout))

    def _tell_listener(self, fault: Fault) -> None:
        if self._listener is not None and not self._listener.done():
            self._listener.set_exception(fault.within(worker_id=self._worker_id))

    def _end(self, fault: Fault) -> None:
        fault = fault.within(worker_id=self._worker_id)
        self._tell_listener(fault)
        for number in list(self._asked):
            self._fail(number, fault)
        self._given_up.clear()
        if not self.over.done():
            self.over.set_result(fault)


def _timeout(what: str, seconds: float) -> Fault:
    milliseconds = round(seconds * 1000)
    return Fault("command_timeout", f"{what} timed out after {milliseconds}ms", timeout_ms=milliseconds)
