"""The way of a request: session, method, faults, stubs, upstream, backend; and back as an answer.

What can be answered at once is answered without a task or an await: stubs and backends that do not wait.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Awaitable, Callable, Collection
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from mock.engine import calls
from mock.engine.answer import JSON, Answer
from mock.engine.api import Api, Apis, Method, Route
from mock.engine.backend import Backend, Refusal
from mock.engine.clock import Clock
from mock.engine.grpc.builtin import Builtin
from mock.engine.grpc.call import GrpcCall, refused
from mock.engine.request import Request
from mock.engine.router import Router
from mock.engine.session import DEFAULT, Session, check_name

if TYPE_CHECKING:
    from mock.engine.journal.journal import Record
    from mock.engine.stubs.stub_set import Hit

PREFIX = "/__samewire"
SESSION_HEADER = b"x-samewire-session"
_SESSION_PATH = PREFIX + "/s/"
JOURNAL_BYTES = 8 * 1024 * 1024  # as the journal has it


class Upstream(Protocol):
    """Where requests go that no stub takes: a real server (`--proxy`)."""

    def forward(self, request: Request) -> Awaitable[Answer]: ...

    async def close(self) -> None: ...


class Engine:
    """`listening` and `connections` are the server's to fill."""

    def __init__(
        self,
        apis: Apis,
        *,
        seed: int = 0,
        journal_bytes: int = JOURNAL_BYTES,
        upstream: Upstream | None = None,
        token: str | None = None,
    ) -> None:
        self.apis = apis
        self.seed = seed
        self.journal_bytes = journal_bytes
        self.upstream = upstream
        self.token = token
        self.sessions: dict[str, Session] = {}
        self.listening: list[str] = []
        self.connections: Collection[object] = ()
        self._router = Router(apis.methods)
        self.builtin = _builtin(apis)
        self._admin_router: Router | None = None
        self._admin_methods: dict[str, Method] = {}
        self.admin_backend: Backend | None = None
        self.page: Callable[[Request], Answer | None] | None = None

    def session(self, name: str) -> Session:
        """Raises ValueError for what is no name of a session."""
        found = self.sessions.get(name)
        if found is None:
            check_name(name)
            found = self.sessions[name] = Session(name, self.apis, self.journal_bytes, self.seed)
        return found

    def administer(self, admin: Api) -> None:
        """`admin`: the API below /__samewire and of the same services over gRPC; it is not journalled, stubbed or
        broken."""
        self._admin_router = Router(admin.methods)
        self._admin_methods = {method.rpc: method for method in admin.methods}
        self.admin_backend = admin.backend(Clock(), self.seed, "")
        self.builtin = _builtin(Apis([*self.apis, admin]))

    async def close(self) -> None:
        if self.upstream is not None:
            await self.upstream.close()
        for session in self.sessions.values():
            await session.reset()

    # Requests

    def handle(self, request: Request) -> Answer | Awaitable[Answer]:
        """Never raises: what goes wrong here is an answer with status 500 that says so."""
        name = request.header(SESSION_HEADER)
        if request.path.startswith(PREFIX):
            if request.path.startswith(_SESSION_PATH):
                name = self._by_path(request)
            else:
                return self._guard(request, self._manage)
        elif request.protocol == "gRPC" and request.path[1:] in self._admin_methods:
            return self._guard(request, self._manage)
        try:
            session = self.session(name.decode("latin-1") if name else request.connection.session or DEFAULT)
        except ValueError as error:
            return _bad_session(request, error)
        if request.protocol == "gRPC":
            if request.path in Builtin.paths:
                return self.builtin.handle(request, session.clock)
            return self._over_grpc(request, session)
        found = self._router.find(request.method, request.path)
        route = None
        if found is not None:
            request.rpc, route, request.fields = found
        record = session.journal.open(request, session.clock)
        if request.incoming is not None:
            record.take(request)
        try:
            answer = self._answer(request, session, route, record)
        except Exception:
            answer = _crash(request, record)
        if isinstance(answer, Answer):
            answer.record = record
            record.answered(answer)
            return answer
        return self._later(answer, request, record)

    def _by_path(self, request: Request) -> bytes:
        """Takes /__samewire/s/NAME off the path; the name."""
        name, slash, rest = request.path[len(_SESSION_PATH) :].partition("/")
        request.path = slash + rest or "/"
        return name.encode("latin-1", "replace")

    async def _later(self, waiting: Awaitable[Answer], request: Request, record: Record) -> Answer:
        try:
            answer = await waiting
        except Exception:
            answer = _crash(request, record)
        except BaseException:
            record.close("client gone")
            raise
        answer.record = record
        record.answered(answer)
        return answer

    def _answer(
        self,
        request: Request,
        session: Session,
        route: Route | None,
        record: Record,
        call: GrpcCall | None = None,
    ) -> Answer | Awaitable[Answer]:
        """`call`: what gRPC says of it, None for HTTP."""
        strike = session.faults.strike(request) if session.faults is not None else None
        if strike is not None:
            record.fault = strike.rule
            if strike.unserved:
                record.by = f"fault {strike.rule}"
                return strike.spoil(Answer(200, JSON), request)
        hit = session.stubs.find(request, session.states)
        answer = (
            self._stubbed(hit, request, session, route, record, call)
            if hit
            else self._served(request, session, route, record, call)
        )
        if strike is None:
            return answer
        if isinstance(answer, Answer):
            return strike.spoil(answer, request)
        return _spoiled(answer, strike, request)

    def _stubbed(
        self,
        hit: Hit,
        request: Request,
        session: Session,
        route: Route | None,
        record: Record,
        call: GrpcCall | None,
    ) -> Answer | Awaitable[Answer]:
        record.by = f"stub {hit.stub}"
        answer = hit.reply.answer(request, session)
        if isinstance(answer, Answer):
            return answer
        return self._beyond_stub(answer, hit, request, session, route, record, call)

    async def _beyond_stub(
        self,
        waiting: Awaitable[Answer | None] | None,
        hit: Hit,
        request: Request,
        session: Session,
        route: Route | None,
        record: Record,
        call: GrpcCall | None,
    ) -> Answer:
        """A stub that waits, or that passes the request on and says what is done to the answer."""
        answer = await waiting if waiting is not None else None
        if answer is not None:
            return answer
        strike = hit.reply.strike(request, session)
        served = self._served(request, session, route, record, call)
        answer = served if isinstance(served, Answer) else await served
        return strike.spoil(answer, request) if strike else answer

    def _served(
        self, request: Request, session: Session, route: Route | None, record: Record, call: GrpcCall | None
    ) -> Answer | Awaitable[Answer]:
        if self.upstream is not None:
            record.by = "proxy"
            return self.upstream.forward(request)
        method = request.rpc
        if method is None:
            record.by = "miss"
            return self._miss(request, session) if call is None else refused(calls.unknown(request.path))
        record.by = "backend"
        backend = session.backend(method.api)
        if call is not None:
            return calls.over_grpc(request, method, backend, record, call)
        return calls.over_http(request, method, route, backend, record)

    def _miss(self, request: Request, session: Session) -> Answer:
        """No method and no stub: what the API says of unknown paths, or, where there are stubs, which came nearest."""
        nearest = session.stubs.explain(request, session.states)
        if nearest:
            problem = {"error": "no stub answers this request and the definitions have no such route"}
            shown = [orjson.loads(each.to_wire()) for each in nearest]
            return Answer(404, JSON, orjson.dumps(problem | {"near_misses": shown}))
        for api in self.apis:
            return session.backend(api).no_route(request, self._router.verbs(request.path))
        return Answer(404, JSON, orjson.dumps({"error": f"no route for {request.method} {request.path}"}))

    # gRPC

    def _over_grpc(self, request: Request, session: Session) -> Answer | Awaitable[Answer]:
        """Unary calls whose message is there are handled at once; others when it is, or as their messages come."""
        request.rpc = method = self.apis.find(request.path[1:])
        record = session.journal.open(request, session.clock)
        if request.incoming is not None:
            record.take(request)
        try:
            call = GrpcCall(request, session.clock)
            unary = method is None or not method.client_streaming
            if unary and request.incoming is not None:
                return self._later(self._when_read(call, request, session, record), request, record)
            if unary:
                request.payload = call.message()
            answer = self._answer(request, session, None, record, call)
        except Refusal as refusal:
            answer = refused(refusal)
        except Exception:
            answer = _crash(request, record)
        if isinstance(answer, Answer):
            answer.record = record
            record.answered(answer)
            return answer
        return self._later(call.within(answer), request, record)

    async def _when_read(self, call: GrpcCall, request: Request, session: Session, record: Record) -> Answer:
        try:
            request.payload = await call.one_message()
        except Refusal as refusal:
            return refused(refusal)
        answer = self._answer(request, session, None, record, call)
        return answer if isinstance(answer, Answer) else await call.within(answer)

    # The admin service

    def _guard(self, request: Request, then: Callable[[Request], Any]) -> Answer | Awaitable[Answer]:
        """Only who knows the token, where there is one."""
        if self.token is not None and request.header(b"authorization") != f"Bearer {self.token}".encode():
            return Answer(401, JSON, orjson.dumps({"error": "the admin service wants `Authorization: Bearer TOKEN`"}))
        return then(request)  # type: ignore[no-any-return]

    def _manage(self, request: Request) -> Answer | Awaitable[Answer]:
        """The page, and the methods of the admin service: like a backend's, but outside of sessions and journal."""
        if self.page is not None and (page := self.page(request)) is not None:
            return page
        backend, router = self.admin_backend, self._admin_router
        if backend is None or router is None:
            return Answer(404, JSON, orjson.dumps({"error": "this mock has no admin service"}))
        if request.protocol == "gRPC":
            return self._later_crash(self._manage_grpc(request, backend), request)
        found = router.find(request.method, request.path)
        if found is None:
            return backend.no_route(request, router.verbs(request.path))
        request.rpc, route, request.fields = found
        try:
            answer = calls.over_http(request, request.rpc, route, backend, None)
        except Exception:
            return _crash(request)
        return answer if isinstance(answer, Answer) else self._later_crash(answer, request)

    async def _manage_grpc(self, request: Request, backend: Backend) -> Answer:
        request.rpc = method = self._admin_methods[request.path[1:]]
        try:
            call = GrpcCall(request, backend.clock)
            request.payload = await call.one_message()
        except Refusal as refusal:
            return refused(refusal)
        answer = calls.over_grpc(request, method, backend, None, call)
        return answer if isinstance(answer, Answer) else await call.within(answer)

    async def _later_crash(self, waiting: Awaitable[Answer], request: Request) -> Answer:
        try:
            return await waiting
        except Exception:
            return _crash(request)


def _builtin(apis: Apis) -> Builtin:
    return Builtin(apis, [module for api in apis for module in api.modules])


async def _spoiled(waiting: Awaitable[Answer], strike: Any, request: Request) -> Answer:
    return strike.spoil(await waiting, request)  # type: ignore[no-any-return]


def _bad_session(request: Request, error: ValueError) -> Answer:
    if request.protocol == "gRPC":
        return refused(Refusal(400, message=str(error), grpc="INVALID_ARGUMENT"))
    return Answer(400, JSON, orjson.dumps({"error": str(error)}))


def _crash(request: Request, record: Record | None = None) -> Answer:
    """A defect of ours or of a backend: told where it is seen, never a closed connection."""
    text = traceback.format_exc()
    sys.stderr.write(f"samewire mock: {request.method} {request.target} failed\n{text}")
    where = text.strip().splitlines()
    if record is not None:
        record.problem = f"the mock itself failed: {where[-1]}"
    if request.protocol == "gRPC":
        return refused(Refusal(500, message=f"the mock itself failed: {where[-1]}", grpc="INTERNAL"))
    return Answer(500, JSON, orjson.dumps({"error": f"the mock itself failed: {where[-1]}"}))
