"""How a message of a private binary module looks in Python: an object, its only field, or one of several types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Object:
    """`fields`: (attribute, name in the .proto, what unset is: "missing", "none", "zero", "default", "required")."""

    cls: type[Any]
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Inline:
    field: str


@dataclass(frozen=True, slots=True)
class Union:
    """`arms`: (name in the .proto, Python type, type of the first item or None)."""

    arms: tuple[tuple[str, type[Any], type[Any] | None], ...]
