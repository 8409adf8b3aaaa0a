"""What a case gives, as this client's own types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from samewire_wire import MessageSpec, Model, registry

from parity.reference.dialect import Dialect

M = TypeVar("M", bound=Model)


def message(kind: type[M], value: Any, dialect: Dialect) -> M:
    """JSON of a tinker.v1 message. Raises WireError."""
    return kind.from_wire(text(value), spoken(kind.WIRE, dialect))


def shown(value: Model, dialect: Dialect) -> Any:
    """A message as JSON."""
    return json.loads(value.to_wire(spoken(value.WIRE, dialect)))


def part(name: str, value: Any, dialect: Dialect) -> Any:
    """JSON of a message that has no class of its own, e.g. a union. Raises WireError."""
    spec = registry.find(f"tinker.v1.{name}")
    return spec.read(text(value), spoken(spec, dialect))


def spoken(spec: MessageSpec, dialect: Dialect) -> str:
    """0.38 has some of them in protobuf only: cases show those as 0.4.1 has them."""
    return dialect.name if dialect.name in spec.dialects else spec.dialects[0]


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


def lower(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name.lower(): value for name, value in (headers or {}).items()}
