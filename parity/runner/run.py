"""A run: every question to every testee, side by side, and what came of it."""

from __future__ import annotations

import asyncio
import gc
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from samewire.parity.v1.result_wire import Asked, CaseResult, Results, TesteeResult
from samewire.parity.v1.testee_wire import Hello, Request, Response
from samewire_wire import MISSING

from mock.client.async_client import AsyncMockClient
from mock.client.error import MockError
from parity.bridge.fault import Fault
from parity.bridge.worker import Worker
from parity.runner.corpus import SCENARIO, Question
from parity.runner.judge import judge
from parity.runner.known import KnownList
from parity.runner.lane import Lanes
from parity.runner.mocks import Mocks
from parity.runner.pattern import matches
from parity.runner.scenario import MOCK, Stage
from parity.runner.testee import Said, Testee

FORMAT = 1
SKIPPED = 77
"""Exit status of a testee that cannot run on this machine, and has said why on stderr; as automake has it."""
RESTARTS = 25
"""How often a testee's process is started again before the rest of its questions are given up."""
GARBAGE = 100_000
"""Objects made between two looks for cycles: a run keeps nearly all that it makes, and looking costs a third of it."""


@dataclass
class Plan:
    """What is run. `whole`: all cases of the corpus, so that known differences must match something."""

    questions: Sequence[Question]
    testees: Sequence[Testee]
    known: dict[str, KnownList] = field(default_factory=dict)
    processes: int = 1
    """Of one testee at a time."""
    whole: bool = False
    servers: Mocks | None = None
    """What scenarios are played against; mock servers of its own where nothing is said."""


async def run(plan: Plan, tell: Callable[[CaseResult], None] = lambda _: None) -> Results:
    """Never raises for what a testee does."""
    began = time.monotonic()
    results = Results(format=FORMAT, seconds=0.0)
    results.cases = _asked(plan.questions)
    with _collecting_rarely():
        async with plan.servers or Mocks() as mocks:
            parts = await asyncio.gather(*(_Interview(plan, testee, mocks, tell).hold() for testee in plan.testees))
    for told in parts:
        results.testees.append(told.testee)
        results.results += told.results
        results.findings += told.findings
    results.seconds = time.monotonic() - began
    return results


def run_now(plan: Plan, tell: Callable[[CaseResult], None] = lambda _: None) -> Results:
    """`run` with an event loop of its own."""
    held: list[Results] = []

    async def main() -> None:
        # Not returned: when its task ends, asyncio.run has signal.getsignal write the task and its result as text.
        held.append(await run(plan, tell))

    asyncio.run(main())
    return held[0]


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(GARBAGE, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _asked(questions: Iterable[Question]) -> list[Asked]:
    seen: dict[str, Asked] = {}
    for question in questions:
        if question.name not in seen:
            seen[question.name] = Asked(
                name=question.name, call=question.call, source=list(question.source), why=question.why or None
            )
    return list(seen.values())


@dataclass
class _Told:
    testee: TesteeResult
    results: list[CaseResult] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


class _Interview:
    """One testee, from its Hello to its end."""

    def __init__(self, plan: Plan, testee: Testee, mocks: Mocks, tell: Callable[[CaseResult], None]) -> None:
        self._plan = plan
        self._testee = testee
        self._mocks = mocks
        self._tell = tell
        self._known = KnownList(testee.name, [])
        self._told = _Told(TesteeResult(name=testee.name, restarts=0))
        self._todo: deque[Question] = deque()
        self._alone: deque[Question] = deque()
        self._blamed: set[str] = set()

    async def hold(self) -> _Told:
        async with Lanes(self._testee, self._plan.processes) as lanes:
            try:
                hello = await lanes.hello()
            except Fault as fault:
                self._no_start(fault)
                return self._told
            self._meet(hello)
            await asyncio.gather(*(self._lane(lanes, hello.window or 1) for _ in range(self._plan.processes)))
            self._told.testee.restarts = lanes.restarts
        self._told.findings += self._known.findings(_today(), whole=self._plan.whole)
        return self._told

    def _no_start(self, fault: Fault) -> None:
        if fault.context.get("status") == SKIPPED:
            self._told.testee.skipped = fault.message.partition("; it said: ")[2] or "it does not say why"
        else:
            self._told.findings.append(f"{self._testee.name}: does not start: {fault}")

    def _meet(self, hello: Hello) -> None:
        if not self._testee.named:
            self._testee.name = self._told.testee.name = hello.name
        elif hello.name != self._testee.name:
            self._told.findings.append(f"{self._testee.name}: calls itself {hello.name!r}")
        self._told.testee.hello = hello
        self._known = self._plan.known.get(self._testee.name) or self._known
        self._sort(hello)

    def _sort(self, hello: Hello) -> None:
        for question in self._plan.questions:
            if question.dialect not in hello.dialects:
                continue
            if any(matches(call, question.call) for call in hello.calls):
                self._todo.append(question)
            else:
                self._settle(question, "unsupported", 0.0, detail=f"has no {question.call}")

    async def _lane(self, lanes: Lanes, window: int) -> None:
        while self._todo or self._alone:
            if lanes.restarts > RESTARTS:
                self._give_up()
                return
            try:
                async with lanes.worker() as worker:
                    await self._ask_all(worker, window)
                    self._doubt(worker)
            except Fault as fault:
                self._told.findings.append(f"{self._testee.name}: {fault}")
                self._give_up()

    async def _ask_all(self, worker: Worker[Request, Said], window: int) -> None:
        """Until there is nothing left, or the worker is of no more use.

        Where several were under way as it broke, each is asked again alone: so the one to blame is found.
        """
        under_way: set[asyncio.Task[bool]] = set()
        good = True
        while good and (self._todo or self._alone or under_way):
            while self._todo and len(under_way) < window:
                under_way.add(asyncio.create_task(self._ask(worker, self._todo.popleft(), alone=window == 1)))
            if not under_way:
                good = await self._ask(worker, self._alone.popleft(), alone=True)
                continue
            done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            good = all(task.result() for task in done) and worker.channel.broken is None
        for task in under_way:
            await task

    def _doubt(self, worker: Worker[Request, Said]) -> None:
        """What the process did against the protocol that no question can be blamed for."""
        broken = worker.channel.broken
        if broken is not None and broken.message not in self._blamed:
            self._told.findings.append(f"{self._testee.name}: {broken}")

    async def _ask(self, worker: Worker[Request, Said], question: Question, *, alone: bool) -> bool:
        """False when the worker is of no more use."""
        began = time.monotonic()
        mark = worker.channel.process.stderr.total
        stage: Stage | None = None
        asked = Request(
            id=0,
            case=question.name,
            call=question.call,
            dialect=question.dialect,
            input=question.input,
            deadline_ms=question.deadline_ms,
        )
        try:
            if question.call == SCENARIO:
                stage = await self._stage(question)
                asked.input = stage.input()
            response = await worker.ask(asked, question.deadline_ms / 1000)
            assert isinstance(response, Response)
            await self._settle_answer(question, response, stage, time.monotonic() - began)
            return True
        except MockError as error:
            self._settle(question, "fail", time.monotonic() - began, detail=f"the mock does not take the case: {error}")
            return True
        except Fault as fault:
            self._blamed.add(fault.message)
            if not alone:
                self._alone.append(question)
                return False
            shown = await stage.shown() if stage is not None else []
            self._settle(
                question,
                "broken",
                time.monotonic() - began,
                detail=str(fault),
                exchanges=shown,
                stderr=worker.said(mark) or None,
            )
            return False
        finally:
            if stage is not None:
                await stage.close()

    async def _stage(self, question: Question) -> Stage:
        assert question.scenario is not None
        server: AsyncMockClient = await self._mocks.server(question.scenario.mock or MOCK)
        return await Stage.prepare(server, question)

    async def _settle_answer(self, question: Question, response: Response, stage: Stage | None, seconds: float) -> None:
        if response.unsupported is not None:
            self._settle(question, "unsupported", seconds, detail=response.unsupported)
            return
        if response.failed is not None:
            shown = await stage.shown() if stage is not None else []
            self._settle(question, "broken", seconds, detail=f"failed: {response.failed}", exchanges=shown)
            return
        if response.rejected is None and response.result is MISSING:
            self._settle(question, "broken", seconds, detail="answered with no outcome")
            return
        found = judge(question, response)
        if stage is not None and question.expect.sent:
            found += await stage.sent(question.expect.sent)
        shown = await stage.shown() if stage is not None and found else []
        self._settle(question, "fail" if found else "pass", seconds, differences=found, exchanges=shown)

    def _give_up(self) -> None:
        for question in (*self._alone, *self._todo):
            self._settle(question, "broken", 0.0, detail="not asked: its testee broke too often")
        self._alone.clear()
        self._todo.clear()

    def _settle(self, question: Question, verdict: str, seconds: float, **more: object) -> None:
        result = CaseResult.model_validate(
            {
                "testee": self._testee.name,
                "case": question.name,
                "dialect": question.dialect,
                "verdict": verdict,
                "seconds": seconds,
                **more,
            }
        )
        settled = self._known.settle(result)
        if settled.verdict == "known":
            settled.exchanges = []  # only what is unexpected needs them
        self._told.results.append(settled)
        self._tell(settled)


def _today() -> date:
    return date.today()  # noqa: DTZ011 - people's own day
