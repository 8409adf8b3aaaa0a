"""From what was answered to stubs that answer the same again: record, then replay.

A request is known again by its method, path, query and JSON body (over gRPC by the method of the definitions and the
message); its headers are not looked at. Equal requests get the recorded answers in turn, the last one from then on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from samewire.mock.v1.fault_wire import GrpcStatus
from samewire.mock.v1.latency_wire import Latency
from samewire.mock.v1.match_wire import BodyMatch, Match, TextMatch
from samewire.mock.v1.stub_wire import Reply, Stub

from mock.engine.journal import messages
from mock.engine.journal.body import NO_JSON, as_text, json_value, shallow
from mock.engine.journal.details import details
from mock.engine.journal.entry import (
    GRPC,
    answer_messages,
    answer_value,
    first_byte_at,
    grpc_status,
    header,
    plain,
    raw_answer,
    text,
)
from mock.engine.journal.mask import masked

if TYPE_CHECKING:
    from mock.engine.journal.journal import Journal
    from mock.engine.journal.record import Record
    from mock.engine.request import Request

# Of one answer and no other, or made anew by whoever sends it. Those of gRPC are in its status.
_VOLATILE = set(
    "age alt-svc cf-ray connection content-encoding content-length date etag expires grpc-accept-encoding grpc-encoding"
    " grpc-message grpc-status grpc-status-details-bin keep-alive last-modified request-id server server-timing te"
    " trailer traceparent tracestate transfer-encoding upgrade via x-request-id".split()
)
_DONE = b"[DONE]"
_OPEN, _ESCAPED = "{{", "{{ '{{' }}"  # strings of stubs are templates


@dataclass
class Recording:
    """`left_out`: one line for each exchange that no stub can give again, with the reason."""

    stubs: list[Stub] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def stubs(journal: Journal) -> list[Stub]:
    """See `record`."""
    return record(journal).stubs


def record(journal: Journal, *, timing: bool = False) -> Recording:
    """Of all entries that are held, but misses. Credentials in headers are masked. `timing`: answers take as long as
    they took, and the messages of a stream come as far apart as they did on average.
    """
    made = Recording()
    if journal.evicted:
        made.left_out.append(f"entries 1 to {journal.evicted}: evicted (a larger journal holds more)")
    told = [each for each in journal.records() if each.answered_at and each.by != "miss"]
    requests = {each.seq: each.request() for each in told}
    names = _names(requests.values())
    found: dict[str, tuple[int, Match, list[Reply], bool]] = {}
    for each in told:
        try:
            match, conditions = _match(requests[each.seq], names)
            said = reply(each)
        except Unfit as reason:
            made.left_out.append(f"entry {each.seq} ({each.asked.method} {each.asked.target}): {reason}")
            continue
        if timing:
            _timed(said, each)
        key = _canonical(json.loads(match.to_wire()))
        replies = found.setdefault(key, (conditions, match, [], each.rpc is not None))[2]
        replies.append(said)
    # Among stubs that match, the one added last answers: the less a stub says, the earlier it comes.
    ordered = sorted(found.values(), key=lambda each: each[0])
    for number, (_, match, replies, known) in enumerate(ordered, 1):
        stub = Stub(id=f"recorded-{number}", request=match, answers=replies)
        if known and match.rpc is None:
            stub.unchecked = True  # what a real server said stays as it was
        made.stubs.append(stub)
    return made


class Unfit(ValueError):
    """Why no stub can say it."""


@dataclass
class _Names:
    """What the requests to one path differ in: parameters, and whether there is a body."""

    query: set[str] = field(default_factory=set)
    body: bool = False


def _names(requests: Iterable[Request]) -> dict[tuple[str, str], _Names]:
    found: dict[tuple[str, str], _Names] = {}
    for request in requests:
        names = found.setdefault((request.method, request.path), _Names())
        names.query.update(name for name, _ in parse_qsl(request.query, keep_blank_values=True))
        names.body = names.body or _json(request) is not NO_JSON
    return found


def _match(request: Request, names: dict[tuple[str, str], _Names]) -> tuple[Match, int]:
    """What knows the request again, and how many conditions that are."""
    value = _json(request)
    if request.protocol == GRPC:
        if request.rpc is None:
            raise Unfit("the definitions have no such method, so its messages can't be read")
        if value is NO_JSON:
            raise Unfit("its messages can't be read")
        return Match(rpc=request.rpc.rpc, body=[BodyMatch(equals=value)]), 1
    match = Match(method=request.method)
    if request.path.startswith("/") and not any(char in request.path for char in "{}#"):
        match.path = request.path
    else:
        match.path_regex = f"^{_literal(request.path)}$"
    said = parse_qsl(request.query, keep_blank_values=True)
    for name, each in said:
        match.query.setdefault(name, TextMatch(equals=each))
    known = names[request.method, request.path]
    for name in sorted(known.query - match.query.keys()):
        match.query[name] = TextMatch(exists=False)
    if value is not NO_JSON:
        match.body.append(BodyMatch(equals=value))
    elif known.body:
        match.body.append(BodyMatch(exists=False))
    return match, len(said) + (value is not NO_JSON)


def _json(request: Request) -> Any:
    if not request.body and request.protocol != GRPC:
        return NO_JSON
    try:
        value = request.json()
    except (ValueError, LookupError):
        return NO_JSON
    return value if shallow(value) else NO_JSON


def _literal(path: str) -> str:
    return "".join(char if char.isalnum() or char in "/_-~%" else f"\\{char}" for char in path)


def _canonical(value: Any) -> str:
    """Equal for values that a matcher holds equal: 1 and 1.0, and keys in any order."""

    def plain_numbers(each: Any) -> Any:
        if isinstance(each, dict):
            return {key: plain_numbers(inner) for key, inner in each.items()}
        if isinstance(each, list):
            return [plain_numbers(inner) for inner in each]
        return int(each) if isinstance(each, float) and each.is_integer() else each

    return json.dumps(plain_numbers(value), sort_keys=True)


# The answer


def reply(record: Record) -> Reply:
    """What was answered, as a stub says it. Raises Unfit."""
    if record.answer_cut:
        raise Unfit("its answer was cut, or it ended before the journal had it")
    if record.ended != "complete":
        raise Unfit(f"its answer did not come to its end ({record.ended})")
    return _over_grpc(record) if record.asked.protocol == GRPC else _over_http(record)


def _over_http(record: Record) -> Reply:
    kind = header(record.answer_headers, b"content-type")
    reply = Reply(status=record.status, headers=_headers(record))
    method = record.rpc
    values = _values(record)
    how = messages.kind(kind)
    own = how is not None and (how is messages.EVENTS) == (method is not None and method.stream == "sse")
    if values and own and how is not messages.FRAMES and (method is None or method.stream):
        reply.stream = _escaped(values)
        return reply
    raw = raw_answer(record)
    unpacked = plain(raw, header(record.answer_headers, b"content-encoding"))
    data = raw if unpacked is None else unpacked
    if unpacked is None:
        reply.headers["content-encoding"] = header(record.answer_headers, b"content-encoding")
    if not data:
        return reply
    streams = method is not None and method.server_streaming and record.status < 400
    value = json_value(data) if kind.startswith("application/json") and not streams else NO_JSON
    said = as_text(data)
    if value is not NO_JSON:
        reply.json_ = _escaped(value)
        if kind == "application/json":
            del reply.headers["content-type"]  # it is the usual one
    elif said is not None:
        reply.text = _escaped(said)
    else:
        reply.base64 = data
    return reply


def _values(record: Record) -> list[Any]:
    """The messages of a stream; none where one of them is no JSON."""
    found = answer_messages(record) or []
    values: list[Any] = []
    for number, (_, message) in enumerate(found):
        if number == len(found) - 1 and messages.event_data(message) == _DONE:
            values.append(_DONE.decode())
            continue
        value = answer_value(record, message)
        if value is NO_JSON or value == _DONE.decode():
            return []
        values.append(value)
    return values


def _over_grpc(record: Record) -> Reply:
    status = grpc_status(record)
    found = answer_messages(record) or []
    reply = Reply(headers=_headers(record))
    reply.headers.pop("content-type", None)
    if status not in (None, "OK"):
        if found:
            raise Unfit(f"it sent messages before it ended with {status}; a stub has one or the other")
        reply.grpc = _status(record, str(status))
        return reply
    values = [answer_value(record, message) for _, message in found]
    if any(value is NO_JSON for value in values):
        raise Unfit("its messages can't be read")
    if record.rpc is not None and not record.rpc.server_streaming and len(values) == 1:
        reply.json_ = _escaped(values[0])
    elif values:
        reply.stream = _escaped(values)
    else:
        raise Unfit("a stream without messages")
    return reply


def _status(record: Record, code: str) -> GrpcStatus:
    pairs = (*record.trailers, *record.answer_headers)
    status = GrpcStatus(code=code, details=details(header(pairs, b"grpc-status-details-bin")))
    said = unquote(header(pairs, b"grpc-message"))
    if said:
        status.message = said
    return status


def _headers(record: Record) -> dict[str, str]:
    """What is to be said again; of a repeated header all values, but of cookies the first."""
    found: dict[str, str] = {}
    for key, value in record.answer_headers:
        name, said = text(key).lower(), text(value)
        if name in _VOLATILE:
            continue
        if name in found:
            if name != "set-cookie":
                found[name] += ", " + _escaped(masked(name, said))
            continue
        found[name] = _escaped(masked(name, said))
    return found


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(_OPEN, _ESCAPED)
    if isinstance(value, list):
        return [_escaped(each) for each in value]
    if isinstance(value, dict):
        return {key: _escaped(each) for key, each in value.items()}
    return value


def _timed(reply: Reply, record: Record) -> None:
    begin = first_byte_at(record)
    reply.delay = Latency(fixed_s=round(max(begin - record.asked.received, 0.0), 3))
    if len(reply.stream) > 1:
        found = answer_messages(record) or []
        reply.between = Latency(fixed_s=round(max(found[-1][0] - begin, 0.0) / (len(found) - 1), 3))
