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

# What must not stand in a value (section 8.2.1), so that what a stub copies out of a request is no broken frame.
_UNSAFE = bytes.maketrans(b"\0\r\n", b"   ")

_heads: dict[tuple[int, Pairs], tuple[bytes, bool, bool]] = {}
_trailers: dict[Pairs, bytes] = {}
_date: tuple[int, bytes] = (0, b"")


def has_length(status: int) -> bool:
    """Whether `content-length` may be said (RFC 9110 section 8.6)."""
    return status >= 200 and status != 204 and status != 304


def head(status: int, fields: Pairs, length: int | None) -> bytes:
    """:status, the fields, and what they don't say themselves: the date, and content-length where it is known and fits
    the status."""
    try:
        block, framed, dated = _heads[status, fields]
    except KeyError:
        block, framed, dated = _write_head(status, fields)
    when = b"" if dated else date()
    if length is None or framed:
        return block + when
    return b"%b\x0f\x0d%c%d%b" % (block, len(str(length)), length, when)


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


def _write_head(status: int, fields: Pairs) -> tuple[bytes, bool, bool]:
    if len(_heads) >= _KEPT:
        _heads.clear()
    allowed = _allowed(fields)
    names = {name for name, _ in allowed}
    framed = status < 200 or status == 204 or not _FRAMED.isdisjoint(names)
    made = _heads[status, fields] = (write_status(status) + write_fields(allowed), framed, b"date" in names)
    return made


def _allowed(fields: Pairs) -> Pairs:
    lower = tuple((name.lower(), value.translate(_UNSAFE).strip(b" \t")) for name, value in fields)
    return tuple(field for field in lower if field[0] not in _CONNECTION)
