"""The two generations of PyPI `tinker` as judges. One process has one of them: they share the package's name."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.metadata
import types
from typing import Any

from parity.judges.judge import Reader, Refused
from parity.judges.models import Writer, all_but_null, one_line, only_set, reader, types_of

PACKAGE = "tinker.v1."
PUBLIC = "tinker_public."


class TinkerSdk:
    """`renamed`: our message's short name -> the SDK's class, where they differ (None: the SDK has no such type)."""

    def __init__(self, dialect: str, writer: Writer, renamed: dict[str, str | None]) -> None:
        version = importlib.metadata.version("tinker")
        self.name = f"tinker-{version}"
        self.title = f"PyPI tinker {version}"
        self.dialects = frozenset({dialect, "default"})
        self._dialect = dialect
        self._writer = writer
        self._renamed = renamed
        self._types = types_of(importlib.import_module("tinker.types"))

    def reader(self, message: str) -> Reader | None:
        """Of the pydantic types; the dataclasses of 0.38 are read from the binary form only."""
        if not message.startswith(PACKAGE):
            return None
        short = message.removeprefix(PACKAGE)
        kind = self._types.get(self._renamed.get(short, short) or "")
        if kind is None or dataclasses.is_dataclass(kind):
            return None
        return reader(kind, self._writer)

    def binary(self, message: str) -> Reader | None:
        """Of the SDK's own protobuf classes, 0.38 only."""
        if not message.startswith(PUBLIC):
            return None
        kind = getattr(_public(), message.removeprefix(PUBLIC), None)
        return None if kind is None else _binary(kind)


def v0_4_1(renamed: dict[str, str | None]) -> TinkerSdk:
    """0.4.1 writes what was set (tinker.md section 0, rule 1)."""
    return TinkerSdk("tinker-0.4.1", only_set, renamed)


def v0_38(renamed: dict[str, str | None]) -> TinkerSdk:
    """0.38.0 writes all but nulls (tinker.md section 0, rule 2)."""
    return TinkerSdk("tinker-0.38", all_but_null, renamed)


def _public() -> types.ModuleType | None:
    try:
        return importlib.import_module("tinker.proto.tinker_public_pb2")
    except ImportError:
        return None


def _binary(kind: Any) -> Reader:
    from google.protobuf.message import DecodeError  # 0.4.1 comes without protobuf

    def read(data: bytes) -> tuple[bytes, ...]:
        try:
            message = kind.FromString(data)
        except DecodeError as error:
            raise Refused(one_line(error)) from None
        written: bytes = message.SerializeToString(deterministic=True)
        return (written,)

    return read
