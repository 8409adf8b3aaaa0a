"""One answer of a stub, compiled: what can be made beforehand is bytes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import orjson
from samewire.mock.v1.stub_wire import Reply as ReplyMessage
from samewire.mock.v1.stub_wire import Stub
from samewire_wire import MISSING

from mock.engine import writing
from mock.engine.answer import JSON, TEXT, Answer, Pairs
from mock.engine.faults.grpc_status import Status
from mock.engine.request import Request
from mock.engine.stubs import allowed, over_grpc, template
from mock.engine.stubs.encoding import Unsayable, binary_result
from mock.engine.stubs.error import StubError
from mock.engine.stubs.filters import Unfit
from mock.engine.stubs.json_path import join
from mock.engine.stubs.pause import Pause, Spoiler
from mock.engine.stubs.template import Scene, Session, Unrendered
from mock.engine.stubs.view import View

if TYPE_CHECKING:
    from mock.engine.api import Apis, Method
    from mock.engine.faults.strike import Strike

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NO_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# How an answer is framed is the connection's affair; to break it is what faults are for.
_FRAMING = {"content-length", "transfer-encoding", "connection", "date"}
_OCTETS: Pairs = ((b"content-type", b"application/octet-stream"),)
_BODIES = ("json", "text", "base64", "stream", "grpc", "pass")
_DONE = "[DONE]"
Render = Callable[[Scene], Any]


def compiled(reply: ReplyMessage, stub: Stub, apis: Apis, where: str) -> Reply:
    """Raises StubError for what can't be sent, and for what the definitions do not allow unless `stub.unchecked`."""
    given = (
        reply.json_ is not MISSING,
        reply.text is not None,
        reply.base64 is not None,
        bool(reply.stream),
        reply.grpc is not None,
        bool(reply.pass_),
    )
    said = [name for name, there in zip(_BODIES, given, strict=True) if there]
    if len(said) > 1:
        raise StubError(where, f"has {' and '.join(said)}, but an answer is one of them")
    method = allowed.method_of(stub.request, apis)
    made = Reply(reply, method, apis, bool(stub.unchecked), where)
    if method is not None and not stub.unchecked and (reply.status or 200) < 400:
        if reply.json_ is not MISSING:
            allowed.check(reply.json_, method, f"{where}.json")
        for index, each in enumerate(reply.stream):
            if not (each == _DONE and method.stream == "sse"):
                allowed.check(each, method, f"{where}.stream[{index}]")
    return made


class Reply:
    """`rendered`: there are templates in it, so each answer is made by `turn`; else `answer` is all there is to it."""

    __slots__ = (
        "_body",
        "_done",
        "_headers",
        "_json",
        "_kept",
        "_pause",
        "_plain",
        "_render_headers",
        "_render_json",
        "_render_stream",
        "_render_text",
        "_spoiler",
        "_status",
        "_stream",
        "_text",
        "grpc",
        "passing",
        "rendered",
        "where",
    )

    def __init__(self, reply: ReplyMessage, method: Method | None, apis: Apis, unchecked: bool, where: str) -> None:
        self.where = where
        self.grpc = None if reply.grpc is None else Status(reply.grpc, apis, f"{where}.grpc")
        self.passing = bool(reply.pass_)
        self._status = reply.status
        self._json: Any = reply.json_
        self._text = reply.text
        self._body = reply.base64
        self._stream: list[Any] = list(reply.stream)
        self._done = not unchecked  # an SSE stream ends as the definitions have it
        self._pause = Pause(reply.delay, reply.between, where)
        self._spoiler = None if reply.fault is None else Spoiler(reply.fault, apis, f"{where}.fault")
        self._headers, self._render_headers = _headers(reply.headers, f"{where}.headers")
        self._render_json = None if self._json is MISSING else template.compiled(self._json, f"{where}.json")
        self._render_text = None if self._text is None else template.compiled_text(self._text, f"{where}.text")
        self._render_stream = template.compiled(self._stream, f"{where}.stream")
        self.rendered = any((self._render_headers, self._render_json, self._render_text, self._render_stream))
        self._kept: dict[str, Any] = {}  # of answers without templates: what was encoded, by form and method
        self._plain = self._made_beforehand(method)

    def _made_beforehand(self, method: Method | None) -> tuple[int, Pairs, bytes] | None:
        """Of an answer that is the same for everyone who does not call over gRPC."""
        varies = self.rendered or self._pause.waits or self._spoiler or self._stream or self.grpc or self.passing
        usual = method is not None and not (method.stream or method.server_streaming or method.api.binary_results)
        if varies or not (usual or (method is None and self._status is not None and self._json is MISSING)):
            return None
        status = self._status or (method.status if method else 0) or 200
        if self._json is not MISSING:
            return status, _over(JSON, self._headers), orjson.dumps(self._json)
        if self._text is not None:
            return status, _over(TEXT, self._headers), self._text.encode()
        return status, _over(_OCTETS if self._body else (), self._headers), self._body or b""

    def answer(self, request: Request, session: Session) -> Answer | Awaitable[Answer | None] | None:
        """None: the backend answers, with `strike` done to its answer."""
        if self._plain is not None and request.protocol != "gRPC":
            return Answer(*self._plain)
        return self.turn(1, request.fields or {}).answer(request, session)

    def turn(self, call: int, fields: dict[str, str]) -> Turn:
        """The answer to one call; `fields`: what the variables of the path stand for."""
        return Turn(self, call, fields)

    def make(self, request: Request, session: Session, call: int, fields: dict[str, str]) -> Answer | None:
        """At once; what can't be made is an answer that says why."""
        if self.passing:
            return None
        try:
            answer = self._make(request, session, Scene(View(request), session, call, fields))
        except (Unrendered, Unsayable, Unfit) as error:
            reason = str(error) if isinstance(error, Unrendered) else f"{self.where}: {error}"
            return over_grpc.failed(reason) if request.protocol == "gRPC" else _failed(reason)
        return self._spoiler.strike(session).spoil(answer, request) if self._spoiler else answer

    def _make(self, request: Request, session: Session, scene: Scene) -> Answer:
        headers = self._render_headers(scene) if self._render_headers else self._headers
        method = request.rpc
        if request.protocol == "gRPC":
            return self._over_grpc(method, scene, headers)
        if self.grpc is not None:
            return Answer(self._status or self.grpc.http, _over(JSON, headers), self.grpc.body)
        status = self._status or (method.status if method else 0) or 200
        if self._stream:
            return self._streamed(status, headers, method, scene)
        if self._json is not MISSING:
            return self._said(status, headers, method, scene)
        if self._text is not None:
            text = self._render_text(scene) if self._render_text else self._text
            return Answer(status, _over(TEXT, headers), text.encode())
        return Answer(status, _over(_OCTETS if self._body else (), headers), self._body or b"")

    def _said(self, status: int, headers: Pairs, method: Method | None, scene: Scene) -> Answer:
        """One JSON value, in the form that the client takes."""
        value = self._render_json(scene) if self._render_json else self._json
        request = scene.view.request
        if status < 400 and method is not None:
            if method.api.binary_results and b"application/x-protobuf" in (request.header(b"accept") or b""):
                data = self._encoded("binary " + method.rpc, lambda: binary_result(method, value))
                if data is not None:
                    return Answer(status, _over(writing.PROTOBUF, headers), data)
            if method.stream and method.server_streaming and _wants_stream(method, scene.view.json()):
                return Answer(
                    status,
                    _over(_kind(method), headers),
                    self._piece(value, _events(method, headers)) + self._end(method, value),
                )
        return Answer(status, _over(JSON, headers), self._encoded("json", lambda: _dumped(value)))

    def _streamed(self, status: int, headers: Pairs, method: Method | None, scene: Scene) -> Answer:
        values = self._render_stream(scene) if self._render_stream else self._stream
        sse = _events(method, headers)
        pieces = [self._piece(each, sse) for each in values]
        end = self._end(method, values[-1])
        if end:
            pieces.append(end)
        return Answer(status, _over(_kind(method), headers), chunks=self._pause.between(pieces, scene.session))

    def _piece(self, value: Any, sse: bool) -> bytes:
        if sse and value == _DONE:
            return writing.DONE
        line = writing.one_line(_dumped(value))
        return b"data: " + line + b"\n\n" if sse else line + b"\n"

    def _end(self, method: Method | None, last: Any) -> bytes:
        ends = method is not None and method.stream == "sse" and self._done and last != _DONE
        return writing.DONE if ends else b""

    def _over_grpc(self, method: Method | None, scene: Scene, headers: Pairs) -> Answer:
        if self.grpc is not None:
            return over_grpc.refused(self.grpc.trailers, headers)
        if method is None:
            return over_grpc.failed(
                f"{self.where}: the definitions have no such method, so this has no form in protobuf"
            )
        if self._stream:
            values = self._render_stream(scene) if self._render_stream else self._stream
        elif self._json is not MISSING:
            values = [self._render_json(scene) if self._render_json else self._json]
        elif self._text is None and self._body is None:
            values = [{}]
        else:
            return over_grpc.failed(f"{self.where}: text and base64 have no form in gRPC; use json or stream")
        if (self._status or 200) >= 400:
            return over_grpc.refused_as(self._status or 500, values[0] if values else None, headers)
        frames: list[bytes] = self._encoded("grpc " + method.rpc, lambda: over_grpc.frames(method, values))
        return over_grpc.answered(frames, headers, lambda pieces: self._pause.between(pieces, scene.session))

    def _encoded(self, form: str, make: Callable[[], Any]) -> Any:
        """Kept where it is the same for every call."""
        if self.rendered:
            return make()
        if form not in self._kept:
            self._kept[form] = make()
        return self._kept[form]

    def wait(self, session: Session) -> Awaitable[None] | None:
        """What is to be waited for before the first byte."""
        return self._pause.before(session)

    def strike(self, request: Request, session: Session) -> Strike | None:
        """What is to be done to the backend's answer when this passes; None for nothing."""
        return self._spoiler.strike(session) if self._spoiler else None


class Turn:
    """A reply, and which call of the stub this is."""

    __slots__ = ("_call", "_fields", "reply")

    def __init__(self, reply: Reply, call: int, fields: dict[str, str]) -> None:
        self.reply = reply
        self._call = call
        self._fields = fields

    def answer(self, request: Request, session: Session) -> Answer | Awaitable[Answer | None] | None:
        waiting = self.reply.wait(session)
        if waiting is not None:
            return self._later(waiting, request, session)
        return self.reply.make(request, session, self._call, self._fields)

    async def _later(self, waiting: Awaitable[None], request: Request, session: Session) -> Answer | None:
        await waiting
        return self.reply.make(request, session, self._call, self._fields)

    def strike(self, request: Request, session: Session) -> Strike | None:
        return self.reply.strike(request, session)


def _headers(headers: dict[str, str], where: str) -> tuple[Pairs, Callable[[Scene], Pairs] | None]:
    """The headers as they are sent, and what renders them where they have templates."""
    renders: list[tuple[str, Callable[[Scene], str] | None, str]] = []
    for name, value in headers.items():
        at = join(where, name)
        if not _TOKEN.fullmatch(name):
            raise StubError(at, f"{name!r} is no name of a header")
        if name.lower() in _FRAMING:
            raise StubError(at, f"{name} is made by the server; to break the framing use a fault (truncate, garbage …)")
        render = template.compiled_text(value, at)
        if render is None and _NO_VALUE.search(value):
            raise StubError(at, f"{value!r} can't stand in a header")
        renders.append((name.lower(), render, value))
    if not any(render for _, render, _ in renders):
        return tuple((name.encode(), value.encode()) for name, _, value in renders), None

    def rendered(scene: Scene) -> Pairs:
        pairs: list[tuple[bytes, bytes]] = []
        for name, render, value in renders:
            text = render(scene) if render else value
            if _NO_VALUE.search(text):
                raise Unrendered(f"{join(where, name)}: {text[:60]!r} can't stand in a header")
            pairs.append((name.encode(), text.encode()))
        return tuple(pairs)

    return (), rendered


def _over(usual: Pairs, own: Pairs) -> Pairs:
    """The stub's own headers over the usual ones."""
    if not own:
        return usual
    names = {name for name, _ in own}
    return (*(pair for pair in usual if pair[0] not in names), *own)


def _events(method: Method | None, headers: Pairs) -> bool:
    """Whether a stream is one of events; where the definitions do not tell, the stub's content type does."""
    if method is not None:
        return method.stream == "sse"
    return any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in headers)


def _kind(method: Method | None) -> Pairs:
    return writing.SSE if method is not None and method.stream == "sse" else writing.NDJSON


def _wants_stream(method: Method, value: Any) -> bool:
    for name in method.stream_field.split(".") if method.stream_field else ():
        value = value.get(name) if isinstance(value, dict) else None
    return True if not method.stream_field else value if isinstance(value, bool) else method.stream_default


def _dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError as error:
        raise Unfit(f"the answer can't be written as JSON: {error}") from None


def _failed(reason: str) -> Answer:
    return Answer(500, JSON, orjson.dumps({"error": f"the stub can't answer: {reason}"}))
