"""Field blocks of answers, kept: most answers of a mock have the same few heads."""

from __future__ import annotations

import time
from email.utils import formatdate

from mock.engine.answer import Pairs
from mock.engine.http.fields import write_field, write_fields, write_status

_KEPT = 1024
# About the connection, which HTTP/2 has no fields for (RFC 9113 section 8.2.2): left out where a stub says them.
_CONNECTION = {b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade"}
# An answer that says these has its own length, or ends with its head (gRPC's Trailers-Only).
_FRAMED = {b"content-length", b"grpc-status"}

_heads: dict[tuple[int, Pairs], tuple[bytes, bool]] = {}
_trailers: dict[Pairs, bytes] = {}
_date: tuple[int, bytes] = (0, b"")


def head(status: int, fields: Pairs, length: int | None) -> bytes:
    """:status, the fields, the date, and content-length where it is known, fits the status and is not said already."""
    try:
        block, framed = _heads[status, fields]
    except KeyError:
        block, framed = _write_head(status, fields)
    if length is None or framed:
        return block + date()
    return b"%b\x0f\x0d%c%d%b" % (block, len(str(length)), length, date())


def trailers(fields: Pairs) -> bytes:
    block = _trailers.get(fields)
    if block is None:
        if len(_trailers) >= _KEPT:
            _trailers.clear()
        block = _trailers[fields] = write_fields(_allowed(fields))
    return block


def date() -> bytes:
    """The field; made once a second."""
    global _date
    now = int(time.time())
    if _date[0] != now:
        _date = (now, write_field(b"date", formatdate(now, usegmt=True).encode()))
    return _date[1]


def _write_head(status: int, fields: Pairs) -> tuple[bytes, bool]:
    if len(_heads) >= _KEPT:
        _heads.clear()
    allowed = _allowed(fields)
    framed = status < 200 or status == 204 or not _FRAMED.isdisjoint(name for name, _ in allowed)
    made = _heads[status, fields] = (write_status(status) + write_fields(allowed), framed)
    return made


def _allowed(fields: Pairs) -> Pairs:
    lower = tuple((name.lower(), value) for name, value in fields)
    return tuple(field for field in lower if field[0] not in _CONNECTION)
