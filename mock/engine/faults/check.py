"""What a fault must say, so that its kind means something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from samewire_wire import MISSING

from mock.engine.stubs.error import StubError

if TYPE_CHECKING:
    from samewire.mock.v1.fault_wire import Fault

_NEEDS = {
    "status": ("status", "status", "which HTTP status, 100 to 999"),
    "slow_first_byte": ("latency", "latency", 'how long, e.g. {"fixed_s": 2}'),
    "delay": ("latency", "latency", 'how long, e.g. {"fixed_s": 2}'),
    "bandwidth": ("bytes_", "bytes", "bytes per second"),
    "grpc_status": ("grpc", "grpc", 'which status, e.g. {"code": "UNAVAILABLE"}'),
}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2


def check(fault: Fault, where: str) -> None:
    """Raises StubError with a JSON path below `where`."""
    if fault.kind == "FAULT_KIND_UNSPECIFIED":
        raise StubError(f"{where}.kind", "say which fault it is")
    need = _NEEDS.get(fault.kind)
    if need is not None and getattr(fault, need[0]) is None:
        raise StubError(f"{where}.{need[1]}", f"a fault of kind {fault.kind} has to say {need[2]}")
    if fault.json_ is not MISSING and fault.text is not None:
        raise StubError(f"{where}.text", "there is `json` already; a body is the one or the other")
    for name, value in fault.headers.items():
        if not _TOKEN.fullmatch(name):
            raise StubError(f"{where}.headers", f"{name!r} is no name of a header")
        if any(char in value for char in "\r\n\0"):
            raise StubError(f"{where}.headers.{name}", "a header has one line")
