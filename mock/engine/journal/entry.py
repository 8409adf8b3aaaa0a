"""From a record to the entry that people and programs read; everything is decoded here and nothing is kept.

Nothing is masked: the journal's API shows the credentials that a test sent, for a test to check. Files that are
exported (HAR, cases, stubs) mask them; see mask.py.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
from samewire.mock.v1.journal_wire import Body, Entry, Header, Part

from mock.engine.journal import messages, sent
from mock.engine.journal.body import NO_JSON, body, json_value
from mock.engine.journal.record import Pieces, Record
from mock.engine.journal.unpack import unpacker

if TYPE_CHECKING:
    from samewire_wire import MessageSpec

    from mock.engine.answer import Pairs
    from mock.engine.api import Method, Route
    from mock.engine.journal.journal import Journal
    from mock.engine.request import Headers

# What a packed body may become for display.
_UNPACKED = 4 * 1024 * 1024
GRPC = "gRPC"
# Bytes of these types are no text, whatever they look like.
_BINARY = ("application/x-protobuf", "application/protobuf", "application/grpc", "application/octet-stream")


def entry(record: Record, journal: Journal) -> Entry:
    asked = record.asked
    said = Entry(
        seq=record.seq,
        session=journal.session,
        received_s=received_s(record, journal),
        clock_s=record.at,
        connection=asked.connection.id,
        protocol=asked.protocol,
        method=asked.method,
        target=asked.target,
        headers=_headers(asked.headers),
        request=_request_body(record),
        rpc=record.rpc.rpc if record.rpc else None,
        answered_by=record.by,
        fault=record.fault,
        problem=record.problem,
        ended=record.ended,
    )
    if record.rpc is not None:
        _read(said, record, record.rpc)
    if record.closed_at:
        said.took_s = _since(record, record.closed_at)
    if record.answered_at:
        said.wait_s = _since(record, first_byte_at(record))
        said.status = record.status
        said.answer_headers = _headers((*record.answer_headers, *record.trailers))
        said.grpc_status = grpc_status(record)
        said.answer, said.parts = _answer(record)
    return said


# What exports need too


def text(value: bytes) -> str:
    """Header values are UTF-8 where they can be, else Latin-1 (RFC 9110, 5.5)."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def header(pairs: Headers | Pairs, name: bytes) -> str:
    """The first of that name (lower case), "" where there is none."""
    return next((text(value) for key, value in pairs if key == name), "")


def received_s(record: Record, journal: Journal) -> float:
    """When the request came, in seconds since 1970."""
    return journal.wall + record.asked.received


def first_byte_at(record: Record) -> float:
    """On the monotonic clock; of a stream the first piece."""
    pieces = record.answer_pieces
    return pieces.times[0] if pieces is not None and pieces.times else record.answered_at


def raw_answer(record: Record) -> bytes:
    """The bytes of the body as far as they are kept, as they were on the wire."""
    return record.answer if record.answer_pieces is None else b"".join(record.answer_pieces.data)


def plain(data: bytes, encoding: str) -> bytes | None:
    """Without content encoding; None where that is not known or the bytes are not of it."""
    unpack = unpacker(encoding, _UNPACKED)
    try:
        return unpack.feed(data) if unpack else None
    except ValueError:
        return None


def answer_messages(record: Record) -> list[messages.Timed] | None:
    """Of a stream (or gRPC): each message with its framing, and its time (monotonic). None where it is one body."""
    how = messages.kind(header(record.answer_headers, b"content-type"))
    pieces = record.answer_pieces
    if how is None or (pieces is None and how is not messages.FRAMES):
        return None
    timed = [(record.answered_at, record.answer)] if pieces is None else _timed(pieces)
    unpack = unpacker(header(record.answer_headers, b"content-encoding"), _UNPACKED)
    if unpack is None:
        return None
    try:
        return list(messages.split(how, ((at, unpack.feed(piece)) for at, piece in timed)))
    except ValueError:
        return None


def answer_value(record: Record, message: bytes) -> Any:
    """One message of a stream as JSON; NO_JSON where it is none."""
    how = messages.kind(header(record.answer_headers, b"content-type"))
    if how is messages.FRAMES:
        if record.rpc is None:
            return NO_JSON
        return _of_frame(record.rpc.response, message, header(record.answer_headers, b"grpc-encoding"))
    data = messages.event_data(message) if how is messages.EVENTS else message
    return NO_JSON if data is None else json_value(data)


def grpc_status(record: Record) -> str | None:
    """As google.rpc.Code names it; None where the answer says none."""
    said = header((*record.trailers, *record.answer_headers), b"grpc-status")
    if not said.isdigit():
        return said or None
    from google.rpc import code_pb2

    code = code_pb2.Code.DESCRIPTOR.values_by_number.get(int(said))
    return str(code.name) if code else said


# Parts of an entry


def _since(record: Record, at: float) -> float:
    return max(at - record.asked.received, 0.0)


def _headers(pairs: Headers | Pairs) -> list[Header]:
    return [Header(name=text(name), value=text(value)) for name, value in pairs]


def _timed(pieces: Pieces) -> list[messages.Timed]:
    return list(zip(pieces.times, pieces.data, strict=True))


def _request_body(record: Record) -> Body | None:
    data = record.body
    size = record.body_size if record.body_pieces is None else record.body_pieces.size
    if not size:
        return None
    if record.asked.protocol == GRPC and record.rpc is not None:
        value = sent.value(record, record.rpc)
        if value is not NO_JSON:
            return Body(size=size, json_=value)
    return _shown(record.asked.headers, data, size, record.body_cut)


def _shown(headers: Headers | Pairs, data: bytes, size: int, cut: bool) -> Body:
    unpacked = plain(data, header(headers, b"content-encoding"))
    shown = body(data if unpacked is None else unpacked, size, cut=cut)
    if shown.text is not None and header(headers, b"content-type").startswith(_BINARY):
        shown.base64, shown.text = shown.text.encode(), None
    return shown


def _read(said: Entry, record: Record, method: Method) -> None:
    """Dialect, message, or why there is none."""
    said.dialect = record.dialect
    if record.body_cut or (record.body_pieces is not None and not record.body_pieces.whole):
        return
    if record.asked.protocol == GRPC:
        value = sent.value(record, method)
        if value is not NO_JSON:
            said.message = value
        return
    from mock.engine import reading, writing

    try:
        route = _route(record, method)
        value, dialect = reading.message(record.request(), method, route, record.dialect)
        spec = reading.binary_spec(method, record.asked) if reading.is_binary(record.asked) else method.request
        said.message = orjson.loads(writing.json_bytes(spec, value, dialect))
        said.dialect = dialect
    except (ValueError, LookupError) as error:
        said.problem = said.problem or str(error)


def _route(record: Record, method: Method) -> Route | None:
    asked = record.asked
    for route in method.routes:
        if route.verb == asked.method and re.match(route.match, asked.path):
            return route
    return None


def _answer(record: Record) -> tuple[Body | None, list[Part]]:
    raw = raw_answer(record)
    size = record.answer_size if record.answer_pieces is None else record.answer_pieces.size
    found = answer_messages(record)
    if found is None:
        return (_shown(record.answer_headers, raw, size, record.answer_cut) if size else None), []
    parts = [Part(at_s=_since(record, at), body=_part(record, message)) for at, message in found]
    whole = Body(size=size)
    if record.answer_cut:
        whole.cut = True
        if parts:
            parts[-1].body.cut = True
    if record.answer_pieces is None and len(parts) == 1:
        return parts[0].body.model_copy(update={"size": size}), []
    return whole, parts


def _part(record: Record, message: bytes) -> Body:
    value = answer_value(record, message)
    if value is NO_JSON:
        return body(message)
    return Body(size=len(message), json_=value)


def _of_frame(spec: MessageSpec, frame: bytes, encoding: str) -> Any:
    try:
        return _json(spec, spec.read_binary(messages.payload(frame, encoding, _UNPACKED)))
    except (ValueError, LookupError):
        return NO_JSON


def _json(spec: MessageSpec, value: Any) -> Any:
    return orjson.loads(spec.write(value))
