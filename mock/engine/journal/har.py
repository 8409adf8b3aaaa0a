"""HAR 1.2 (the format of the browsers' network panels): https://w3c.github.io/web-performance/specs/HAR/Overview.html"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from mock.engine.journal.body import as_text
from mock.engine.journal.entry import first_byte_at, header, plain, raw_answer, received_s, text
from mock.engine.journal.mask import MASK, masked

if TYPE_CHECKING:
    from mock.engine.answer import Pairs
    from mock.engine.journal.journal import Journal
    from mock.engine.journal.record import Record
    from mock.engine.request import Headers

_VERSIONS = {"HTTP/2": "HTTP/2.0", "gRPC": "HTTP/2.0"}


def har(journal: Journal) -> str:
    """All entries that are held, credentials masked. What was evicted or cut is said in comments.

    An exchange without an answer has status 0; times that are not known are 0.
    """
    log: dict[str, Any] = {
        "version": "1.2",
        "creator": {"name": "samewire mock", "version": "1"},
        "entries": [_entry(record, journal) for record in journal.records()],
    }
    if journal.evicted:
        log["comment"] = f"{journal.evicted} earlier entries were evicted"
    return orjson.dumps({"log": log}, option=orjson.OPT_INDENT_2).decode()


def _entry(record: Record, journal: Journal) -> dict[str, Any]:
    wait = _ms(record.asked.received, first_byte_at(record)) if record.answered_at else 0.0
    receive = _ms(first_byte_at(record), record.closed_at) if record.answered_at and record.closed_at else 0.0
    return {
        "startedDateTime": datetime.fromtimestamp(received_s(record, journal), UTC).isoformat(timespec="milliseconds"),
        "time": wait + receive,
        "request": _request(record),
        "response": _response(record),
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": receive},
        "connection": str(record.asked.connection.id),
        "comment": f"entry {record.seq}, answered by {record.by or 'nobody'}, {record.ended}",
    }


def _ms(begin: float, end: float) -> float:
    return round(max(end - begin, 0.0) * 1000, 3)


def _request(record: Record) -> dict[str, Any]:
    asked = record.asked
    scheme = "https" if asked.connection.secure else "http"
    host = header(asked.headers, b"host") or header(asked.headers, b":authority") or "127.0.0.1"
    size = record.body_size if record.body_pieces is None else record.body_pieces.size
    said: dict[str, Any] = {
        "method": asked.method,
        "url": f"{scheme}://{host}{asked.target}" if asked.target.startswith("/") else asked.target,
        "httpVersion": _VERSIONS.get(asked.protocol, asked.protocol),
        "cookies": _cookies(asked.headers, b"cookie"),
        "headers": _headers(asked.headers),
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(asked.query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": size,
    }
    if size:
        said["postData"] = _post_data(record)
    return said


def _post_data(record: Record) -> dict[str, Any]:
    """The specification has no base64 here; bytes that are no text are given so and the comment says it."""
    headers = record.asked.headers
    unpacked = plain(record.body, header(headers, b"content-encoding"))
    data = record.body if unpacked is None else unpacked
    shown = as_text(data, record.body_cut)
    said: dict[str, Any] = {"mimeType": header(headers, b"content-type"), "params": []}
    said["text"] = base64.b64encode(data).decode() if shown is None else shown
    comments = [*(["base64"] if shown is None else []), *(["cut"] if record.body_cut else [])]
    if comments:
        said["comment"] = ", ".join(comments)
    return said


def _response(record: Record) -> dict[str, Any]:
    headers = (*record.answer_headers, *record.trailers)
    size = record.answer_size if record.answer_pieces is None else record.answer_pieces.size
    unpacked = plain(raw_answer(record), header(headers, b"content-encoding"))
    data = raw_answer(record) if unpacked is None else unpacked
    content: dict[str, Any] = {"size": len(data), "mimeType": header(headers, b"content-type")}
    if data:
        shown = as_text(data, record.answer_cut)
        content["text"] = base64.b64encode(data).decode() if shown is None else shown
        if shown is None:
            content["encoding"] = "base64"
    if record.answer_cut:
        content["comment"] = "cut"
    return {
        "status": record.status,
        "statusText": HTTPStatus(record.status).phrase if record.status in set(HTTPStatus) else "",
        "httpVersion": _VERSIONS.get(record.asked.protocol, record.asked.protocol),
        "cookies": _cookies(headers, b"set-cookie"),
        "headers": _headers(headers),
        "content": content,
        "redirectURL": header(headers, b"location"),
        "headersSize": -1,
        "bodySize": size if record.answered_at else -1,
    }


def _headers(pairs: Headers | Pairs) -> list[dict[str, str]]:
    return [{"name": text(name), "value": masked(text(name), text(value))} for name, value in pairs]


def _cookies(pairs: Headers | Pairs, name: bytes) -> list[dict[str, str]]:
    """Names alone: what they hold is a credential."""
    found: list[str] = []
    for key, value in pairs:
        if key == name:
            try:
                found += SimpleCookie(text(value))
            except CookieError:
                continue
    return [{"name": each, "value": MASK} for each in found]
