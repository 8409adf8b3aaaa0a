"""The way of a request: session, method, faults, stubs, upstream, backend; and back as an answer.

What can be answered at once is answered without a task or an await: stubs and backends that do not wait.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from samewire_wire import WireError

from mock.engine import reading, writing
from mock.engine.answer import JSON, Answer
from mock.engine.api import Api, Apis, Method, Route
from mock.engine.backend import Backend, Call, Refusal
from mock.engine.clock import Clock
from mock.engine.request import Request
from mock.engine.router import Router
from mock.engine.session import DEFAULT, Session

if TYPE_CHECKING:
    from mock.engine.journal.journal import Record
    from mock.engine.stubs.stub_set import Hit

PREFIX = "/__samewire"
SESSION_HEADER = b"x-samewire-session"
_SESSION_PATH = PREFIX + "/s/"
JOURNAL_BYTES = 64 * 1024 * 1024


class Upstream(Protocol):
    """Where requests go that no stub takes: a real server (`--proxy`)."""

    def forward(self, request: Request) -> Awaitable[Answer]: ...


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
        self._admin_router: Router | None = None
        self._admin_methods: dict[str, Method] = {}
        self.admin_backend: Backend | None = None
        self.page: Callable[[Request], Answer | None] | None = None

    def session(self, name: str) -> Session:
        found = self.sessions.get(name)
        if found is None:
            found = self.sessions[name] = Session(name, self.apis, self.journal_bytes, self.seed)
        return found

    def administer(self, admin: Api) -> None:
        """`admin`: the API below /__samewire and of the same services over gRPC; it is not journalled, stubbed or
        broken."""
        self._admin_router = Router(admin.methods)
        self._admin_methods = {method.rpc: method for method in admin.methods}
        self.admin_backend = admin.backend(Clock(), self.seed, "")

    async def close(self) -> None:
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
        session = self.session(name.decode("latin-1") if name else request.connection.session or DEFAULT)
        if request.protocol == "gRPC":
            request.rpc = self.apis.find(request.path[1:])
            return self._recorded(request, session)
        found = self._router.find(request.method, request.path)
        route = None
        if found is not None:
            request.rpc, route, request.fields = found
        record = session.journal.open(request, session.clock)
        try:
            answer = self._answer(request, session, route, record)
        except Exception:
            answer = _crash(request)
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
            answer = _crash(request)
        except BaseException:
            record.close("client gone")
            raise
        answer.record = record
        record.answered(answer)
        return answer

    def _answer(
        self, request: Request, session: Session, route: Route | None, record: Record
    ) -> Answer | Awaitable[Answer]:
        strike = session.faults.strike(request) if session.faults is not None else None
        if strike is not None:
            record.fault = strike.rule
            if strike.unserved:
                record.by = f"fault {strike.rule}"
                return strike.spoil(Answer(200, JSON), request)
        hit = session.stubs.find(request, session.states)
        answer = (
            self._stubbed(hit, request, session, route, record)
            if hit
            else self._served(request, session, route, record)
        )
        if strike is None:
            return answer
        if isinstance(answer, Answer):
            return strike.spoil(answer, request)
        return _spoiled(answer, strike, request)

    def _stubbed(
        self, hit: Hit, request: Request, session: Session, route: Route | None, record: Record
    ) -> Answer | Awaitable[Answer]:
        record.by = f"stub {hit.stub}"
        answer = hit.reply.answer(request, session)
        if isinstance(answer, Answer):
            return answer
        return self._beyond_stub(answer, hit, request, session, route, record)

    async def _beyond_stub(
        self,
        waiting: Awaitable[Answer | None] | None,
        hit: Hit,
        request: Request,
        session: Session,
        route: Route | None,
        record: Record,
    ) -> Answer:
        """A stub that waits, or that passes the request on and says what is done to the answer."""
        answer = await waiting if waiting is not None else None
        if answer is not None:
            return answer
        strike = hit.reply.strike(request, session)
        served = self._served(request, session, route, record)
        answer = served if isinstance(served, Answer) else await served
        return strike.spoil(answer, request) if strike else answer  # type: ignore[no-any-return]

    def _served(
        self, request: Request, session: Session, route: Route | None, record: Record
    ) -> Answer | Awaitable[Answer]:
        if self.upstream is not None:
            record.by = "proxy"
            return self.upstream.forward(request)
        method = request.rpc
        if method is None:
            record.by = "miss"
            return self._miss(request, session)
        record.by = "backend"
        return self._call(request, method, route, session.backend(method.api), record)

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

    # Calls

    def _call(
        self, request: Request, method: Method, route: Route | None, backend: Backend, record: Record | None
    ) -> Answer | Awaitable[Answer]:
        hint = backend.dialect(request)
        call = Call(method, request, hint or method.dialects[0])
        call.accepts_binary = b"application/x-protobuf" in (request.header(b"accept") or b"")
        try:
            backend.admit(request)
            if request.incoming is not None and not _raw(backend, method):
                return self._when_complete(request, method, route, backend, record)
            message, call.dialect = reading.message(request, method, route, hint)
        except Refusal as refusal:
            return writing.refused(call, refusal)
        except (WireError, ValueError) as error:
            if record is not None:
                record.problem = str(error)
            return backend.unreadable(request, error if isinstance(error, WireError) else str(error))
        if record is not None:
            record.dialect = call.dialect
        call.streamed = method.server_streaming and _wants_stream(method, message)
        handler = getattr(backend, method.py_name, None)
        if handler is None:
            return writing.refused(call, Refusal(501, {"error": f"{method.rpc} is not built in this mock"}))
        try:
            result = handler(message, call)
        except Refusal as refusal:
            return writing.refused(call, refusal)
        if inspect.isawaitable(result):
            return self._awaited(call, result)
        if isinstance(result, AsyncIterator):
            return writing.stream(call, result)
        return writing.unary(call, result)

    async def _when_complete(
        self, request: Request, method: Method, route: Route | None, backend: Backend, record: Record | None
    ) -> Answer:
        """A big body of a method that wants a message."""
        assert request.incoming is not None
        request.body = b"".join([piece async for piece in request.incoming])
        request.incoming = None
        answer = self._call(request, method, route, backend, record)
        return answer if isinstance(answer, Answer) else await answer

    async def _awaited(self, call: Call, waiting: Awaitable[Any]) -> Answer:
        try:
            result = await waiting
        except Refusal as refusal:
            return writing.refused(call, refusal)
        return await writing.stream(call, result) if isinstance(result, AsyncIterator) else writing.unary(call, result)

    # gRPC

    async def _recorded(self, request: Request, session: Session) -> Answer:
        """A call over gRPC: through faults, stubs and backend like one over HTTP."""
        raise NotImplementedError

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
            raise NotImplementedError
        found = router.find(request.method, request.path)
        if found is None:
            return backend.no_route(request, router.verbs(request.path))
        request.rpc, route, request.fields = found
        try:
            answer = self._call(request, request.rpc, route, backend, None)
        except Exception:
            return _crash(request)

        async def later(waiting: Awaitable[Answer]) -> Answer:
            try:
                return await waiting
            except Exception:
                return _crash(request)

        return answer if isinstance(answer, Answer) else later(answer)


def _raw(backend: Backend, method: Method) -> bool:
    """Whether the backend reads the pieces of the body itself."""
    return method.client_streaming or method.py_name in backend.raw


def _wants_stream(method: Method, message: Any) -> bool:
    if not method.stream_field:
        return True
    value = message
    for name in method.stream_field.split("."):
        value = getattr(value, name, None)
    return value if isinstance(value, bool) else method.stream_default


async def _spoiled(waiting: Awaitable[Answer], strike: Any, request: Request) -> Answer:
    return strike.spoil(await waiting, request)  # type: ignore[no-any-return]


def _crash(request: Request) -> Answer:
    """A defect of ours or of a backend: told where it is seen, never a closed connection."""
    text = traceback.format_exc()
    sys.stderr.write(f"samewire mock: {request.method} {request.target} failed\n{text}")
    where = text.strip().splitlines()
    return Answer(500, JSON, orjson.dumps({"error": f"the mock itself failed: {where[-1]}"}))
