"""What a fault must say and may say, so that its kind means something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from samewire_wire import MISSING

from mock.engine.stubs.error import StubError

if TYPE_CHECKING:
    from samewire.mock.v1.fault_wire import Fault

# Per kind: what it can't do without, and what it also looks at. `unserved` is everybody's.
_FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "status": (("status",), ("headers", "json", "text")),
    "malformed_json": ((), ()),
    "truncate": ((), ("after_bytes",)),
    "wrong_content_type": ((), ("headers",)),
    "reset_before_headers": ((), ("code",)),
    "reset_within_headers": ((), ("code",)),
    "reset_after_headers": ((), ("code",)),
    "reset_within_body": ((), ("after_bytes", "code")),
    "hang": ((), ("latency", "after_bytes")),
    "slow_first_byte": (("latency",), ("after_bytes",)),
    "dribble": ((), ("bytes", "latency")),
    "bandwidth": (("bytes",), ()),
    "duplicate_chunk": ((), ("after_bytes",)),
    "half_close": ((), ("after_bytes",)),
    "grpc_status": (("grpc",), ("headers",)),
    "goaway": ((), ("code",)),
    "empty": ((), ()),
    "garbage": ((), ()),
    "delay": (("latency",), ()),
}
KINDS = frozenset(_FIELDS)
_MEANING = {
    "status": "which HTTP status, 100 to 999",
    "latency": 'how long, e.g. {"fixed_s": 2}',
    "bytes": "how many bytes per second",
    "grpc": 'which status, e.g. {"code": "UNAVAILABLE"}',
}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2


def check(fault: Fault, where: str) -> None:
    """Raises StubError with a JSON path below `where`."""
    if fault.kind not in _FIELDS:
        raise StubError(f"{where}.kind", "say which fault it is")
    needed, also = _FIELDS[fault.kind]
    said = _said(fault)
    for name in needed:
        if name not in said:
            raise StubError(f"{where}.{name}", f"a fault of kind {fault.kind} has to say {_MEANING[name]}")
    for name in said:
        if name not in needed and name not in also:
            takes = " and ".join((*needed, *also)) or "nothing"
            raise StubError(f"{where}.{name}", f"means nothing to a fault of kind {fault.kind}, which takes {takes}")
    if "json" in said and "text" in said:
        raise StubError(f"{where}.text", "there is `json` already; a body is the one or the other")
    if fault.status is not None and not 100 <= fault.status <= 999:
        raise StubError(f"{where}.status", f"{fault.status} is no HTTP status: give 100 to 999")
    if fault.bytes_ is not None and fault.bytes_ < 1:
        raise StubError(f"{where}.bytes", f"{fault.bytes_} would never come to an end: give 1 or more")
    if fault.after_bytes is not None and fault.after_bytes < 0:
        raise StubError(f"{where}.after_bytes", f"{fault.after_bytes} is no number of bytes: give 0 or more")
    for name, value in fault.headers.items():
        if not _TOKEN.fullmatch(name):
            raise StubError(f"{where}.headers", f"{name!r} is no name of a header")
        if any(char in value for char in "\r\n\0"):
            raise StubError(f"{where}.headers.{name}", "a header has one line")


def _said(fault: Fault) -> list[str]:
    """The fields that are there, by their names in JSON, but for `kind` and `unserved`."""
    there = {
        "status": fault.status is not None,
        "headers": bool(fault.headers),
        "json": fault.json_ is not MISSING,
        "text": fault.text is not None,
        "after_bytes": fault.after_bytes is not None,
        "latency": fault.latency is not None,
        "bytes": fault.bytes_ is not None,
        "grpc": fault.grpc is not None,
        "code": fault.code is not None,
    }
    return [name for name, is_there in there.items() if is_there]
