"""Custom metadata: headers of gRPC that are the caller's own. Names in "-bin" have bytes, in base64 on the way."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterable, Mapping

from mock.engine.answer import Pairs

Value = str | bytes
# What gRPC itself says in headers.
_OWN = {b"content-type", b"te", b"user-agent", b"host", b"content-length"}


def read(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, Value]]:
    """The caller's metadata. Values in "-bin" that are no base64 are left out."""
    found: list[tuple[str, Value]] = []
    for name, value in headers:
        if name in _OWN or name.startswith(b"grpc-"):
            continue
        if not name.endswith(b"-bin"):
            found.append((name.decode("latin-1"), value.decode("latin-1")))
            continue
        # Several values may stand in one field.
        for part in value.split(b","):
            try:
                found.append((name.decode("latin-1"), b64decode(part + b"=" * (-len(part) % 4), validate=True)))
            except (Error, ValueError):
                continue
    return found


def write(metadata: Mapping[str, Value]) -> Pairs:
    """Headers. Text for a name in "-bin" is taken to be base64 already; names that are gRPC's own are left out."""
    pairs = []
    for text, value in metadata.items():
        name = text.lower().encode("latin-1", "replace")
        if name in _OWN or name.startswith(b"grpc-"):
            continue
        if isinstance(value, bytes):
            pairs.append((name, b64encode(value).rstrip(b"=") if name.endswith(b"-bin") else value))
        else:
            pairs.append((name, value.encode("latin-1", "replace")))
    return tuple(pairs)
