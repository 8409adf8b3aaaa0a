"""The methods of samewire.mock.v1.MockService over the sessions of an engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from samewire.mock.v1.admin_wire import (
    AddStubsRequest,
    Clock,
    ConfigureBackendRequest,
    ExplainRequest,
    Explanation,
    Export,
    JournalPage,
    ListJournalRequest,
    LoadScenarioRequest,
    Problem,
    Server,
    SessionList,
    SessionName,
    SetClockRequest,
    SetFaultsRequest,
    SetScenarioStateRequest,
    StubIds,
    StubList,
    StubName,
    VerifyRequest,
)
from samewire.mock.v1.admin_wire import Session as SessionFacts
from samewire_wire import WireError

from mock.admin import strict, watch
from mock.admin.origin import foreign
from mock.engine.answer import JSON, Answer
from mock.engine.backend import Backend, Call, Refusal
from mock.engine.clock import check
from mock.engine.stubs.error import StubError
from mock.engine.stubs.matcher import Matcher

if TYPE_CHECKING:
    from samewire.mock.v1.fault_wire import FaultSchedule
    from samewire.mock.v1.journal_wire import Entry, Verdict

    from mock.engine.engine import Engine
    from mock.engine.request import Request
    from mock.engine.session import Session

VERSION = "0.1.0"
# How many near misses an explanation has.
NEAREST = 5


class AdminBackend(Backend):
    """Bad input is a samewire.mock.v1.Problem: 400 with its JSON path, 403 for pages of other sites, 404 for a stub,
    entry or API that there is not.
    """

    engine: ClassVar[Engine]

    def __init__(self, clock: Any, seed: int, session: str) -> None:
        super().__init__(clock, seed, session)
        self._started = time.monotonic()
        # By session: what those who watch its journal wait for, to be told that it is deleted.
        self._over: dict[str, asyncio.Future[None]] = {}

    # Before and instead of methods

    def admit(self, request: Request) -> None:
        why = foreign(request, named=self.engine.token is not None)
        if why is not None:
            raise problem(403, why, grpc="PERMISSION_DENIED")
        with _told():
            strict.check(request)

    def unreadable(self, request: Request, error: WireError | str) -> Answer:
        said = Problem(error=_reason(error), path=error.path) if isinstance(error, WireError) else Problem(error=error)
        return Answer(400, JSON, said.to_wire())

    def no_route(self, request: Request, verbs: list[str]) -> Answer:
        if verbs:
            text = f"{request.path} takes {' and '.join(verbs)}, not {request.method}"
            return Answer(405, (*JSON, (b"allow", ", ".join(verbs).encode())), Problem(error=text).to_wire())
        text = f"the admin service has no {request.path}; its paths are in samewire/mock/v1/admin.proto"
        return Answer(404, JSON, Problem(error=text).to_wire())

    # The server and its sessions

    def get_server(self, request: object, call: Call) -> Server:
        return Server(
            version=VERSION,
            apis=[api.name for api in self.engine.apis],
            listening=list(self.engine.listening),
            up_s=time.monotonic() - self._started,
            connections=len(self.engine.connections),
        )

    def list_sessions(self, request: object, call: Call) -> SessionList:
        return SessionList(sessions=[_facts(each) for _, each in sorted(self.engine.sessions.items())])

    def get_session(self, request: SessionName, call: Call) -> SessionFacts:
        return _facts(self._session(request.session))

    async def reset_session(self, request: SessionName, call: Call) -> None:
        await self._session(request.session).reset()

    async def delete_session(self, request: SessionName, call: Call) -> None:
        """One that there is not is deleted already."""
        self._session(request.session)
        if (over := self._over.pop(request.session, None)) is not None:
            over.set_result(None)
        await self.engine.sessions.pop(request.session).reset()

    async def load_scenario(self, request: LoadScenarioRequest, call: Call) -> StubIds:
        session = self._session(request.session)
        with _told():
            return StubIds(ids=await session.load(request.scenario))

    # Stubs

    def add_stubs(self, request: AddStubsRequest, call: Call) -> StubIds:
        with _told():
            return StubIds(ids=self._session(request.session).stubs.add(request.stubs))

    def list_stubs(self, request: SessionName, call: Call) -> StubList:
        return StubList(stubs=self._session(request.session).stubs.list())

    def delete_stub(self, request: StubName, call: Call) -> None:
        if not self._session(request.session).stubs.remove(request.id):
            raise problem(404, f"session {request.session} has no stub {request.id!r}")

    def clear_stubs(self, request: SessionName, call: Call) -> None:
        self._session(request.session).stubs.clear()

    def set_scenario_state(self, request: SetScenarioStateRequest, call: Call) -> None:
        self._session(request.session).states[request.name] = request.state

    # Faults, clock, settings

    def set_faults(self, request: SetFaultsRequest, call: Call) -> None:
        with _told():
            self._session(request.session).set_faults(request.faults)

    def get_faults(self, request: SessionName, call: Call) -> FaultSchedule:
        return self._session(request.session).schedule

    def get_clock(self, request: SessionName, call: Call) -> Clock:
        return _time(self._session(request.session))

    async def set_clock(self, request: SetClockRequest, call: Call) -> Clock:
        session = self._session(request.session)
        change = request.change
        if change.advance_s is not None:
            await session.clock.set(_moment(session.clock.now() + change.advance_s, "$.advance_s"))
        elif change.now_s is not None:
            await session.clock.set(_moment(change.now_s, "$.now_s"))
        elif change.real:
            session.clock.run()
        else:
            raise problem(400, 'say {"advance_s":30}, {"now_s":1795165200} or {"real":true}')
        return _time(session)

    def configure_backend(self, request: ConfigureBackendRequest, call: Call) -> None:
        session = self._session(request.session)
        try:
            with _told():
                session.configure(request.api, request.settings)
        except LookupError as error:
            raise problem(404, str(error)) from None

    # The journal

    def list_journal(self, request: ListJournalRequest, call: Call) -> JournalPage:
        return self._session(request.session).journal.page(request.after, request.limit, self._matcher(request))

    async def watch_journal(self, request: ListJournalRequest, call: Call) -> Answer | AsyncIterator[Entry]:
        """Over HTTP events with the entry's number as id; begins with the oldest entry, as a page does."""
        after = watch.last_event(call.request) or request.after or 0
        entries = self._session(request.session).journal.watch(after, self._matcher(request))
        if call.request.protocol == "gRPC":
            return entries
        over = self._over.setdefault(request.session, asyncio.get_running_loop().create_future())
        return watch.answer(entries, over)

    def clear_journal(self, request: SessionName, call: Call) -> None:
        self._session(request.session).journal.clear()

    async def verify(self, request: VerifyRequest, call: Call) -> Verdict:
        with _told():
            return await self._session(request.session).journal.verify(request.verification, self.engine.apis)

    def explain(self, request: ExplainRequest, call: Call) -> Explanation:
        session = self._session(request.session)
        try:
            record = session.journal.find(request.entry)
        except LookupError as error:
            raise problem(404, str(error)) from None
        return Explanation(near_misses=session.stubs.explain(record.request(), session.states, NEAREST))

    def export_har(self, request: SessionName, call: Call) -> Export:
        from mock.engine.journal.har import har

        return Export(text=har(self._session(request.session).journal))

    def export_cases(self, request: SessionName, call: Call) -> Export:
        from mock.engine.journal.cases import cases

        return Export(text=cases(self._session(request.session).journal))

    def export_stubs(self, request: SessionName, call: Call) -> StubList:
        from mock.engine.journal.recording import stubs

        return StubList(stubs=stubs(self._session(request.session).journal))

    # What they share

    def _session(self, name: str) -> Session:
        try:
            return self.engine.session(name)
        except ValueError as error:
            raise problem(400, str(error), "$.session") from None

    def _matcher(self, request: ListJournalRequest) -> Matcher | None:
        if request.request is None:
            return None
        with _told():
            return Matcher(request.request, self.engine.apis, "$.request")


def problem(status: int, error: str, path: str | None = None, *, grpc: str | None = None) -> Refusal:
    return Refusal(status, Problem(error=error, path=path), message=f"{path}: {error}" if path else error, grpc=grpc)


@contextmanager
def _told(below: str = "$") -> Iterator[None]:
    """What a tester wrote wrong is told with its place; `below`: where what is read stands in the body."""
    try:
        yield
    except StubError as error:
        raise problem(400, error.reason, below + error.path.removeprefix("$")) from None
    except WireError as error:
        raise problem(400, _reason(error), below + error.path.removeprefix("$")) from None
    except ValueError as error:
        raise problem(400, str(error)) from None


def _reason(error: WireError) -> str:
    return f"{error.reason} ({error.field} of {error.owner})" if error.field else error.reason


def _moment(seconds: float, path: str) -> float:
    try:
        check(seconds)
    except ValueError as error:
        raise problem(400, str(error), path) from None
    return seconds


def _time(session: Session) -> Clock:
    clock = session.clock
    return Clock(now_s=clock.now(), virtual=clock.virtual, waiting=clock.waiting)


def _facts(session: Session) -> SessionFacts:
    journal = session.journal
    return SessionFacts(
        name=session.name,
        stubs=len(session.stubs),
        fault_rules=len(session.schedule.rules),
        requests=journal.last,
        held=journal.held,
        evicted=journal.evicted,
        bytes_=journal.bytes,
        scenarios=dict(session.states),
        clock=_time(session),
    )
