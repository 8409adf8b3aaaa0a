"""Python values of Any, FieldMask and Empty, and the annotated scalars of generated classes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from pydantic import Field, JsonValue
from pydantic_core import core_schema

Int32: TypeAlias = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Int64: TypeAlias = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
UInt32: TypeAlias = Annotated[int, Field(ge=0, le=2**32 - 1)]
UInt64: TypeAlias = Annotated[int, Field(ge=0, le=2**64 - 1)]


__all__ = ["AnyMessage", "Empty", "FieldMask", "Int32", "Int64", "JsonValue", "UInt32", "UInt64"]


class _Plain:
    """Accepted by generated classes as it is."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(cls)


@dataclass(frozen=True, slots=True)
class AnyMessage(_Plain):
    """google.protobuf.Any: `type_url` ends in "/" and a full message name; `value` is that message in binary.

    `pack` and `unpack` work with models and well-known values; ProtoJSON needs the message's generated module imported.
    """

    type_url: str = ""
    value: bytes = b""

    @property
    def full_name(self) -> str:
        return self.type_url.rpartition("/")[2]

    @classmethod
    def pack(cls, model: Any, prefix: str = "type.googleapis.com") -> AnyMessage:
        return cls(f"{prefix}/{model.WIRE.full_name}", model.to_binary())

    def unpack(self) -> Any:
        """The message; raises LookupError where its module was not imported, WireError on bad data."""
        from samewire_wire._registry import registry

        return registry.find(self.full_name).read_binary(self.value)


@dataclass(frozen=True, slots=True)
class FieldMask(_Plain):
    """google.protobuf.FieldMask: `paths` as in the .proto, e.g. ("user.display_name", "photo")."""

    paths: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> FieldMask:
        """ProtoJSON: lowerCamelCase paths with commas between them."""
        if "_" in text:
            raise ValueError(f'"{text}" is no field mask: its names are lowerCamelCase')
        return cls(tuple(re.sub(r"[A-Z]", lambda big: "_" + big[0].lower(), path) for path in text.split(",") if path))

    def __str__(self) -> str:
        for path in self.paths:
            if re.search(r"[A-Z]|_(?![a-z])", path):
                raise ValueError(f'the path "{path}" has no lowerCamelCase form that reads back the same')
        return ",".join(re.sub(r"_([a-z])", lambda small: small[1].upper(), path) for path in self.paths)


@dataclass(frozen=True, slots=True)
class Empty(_Plain):
    """google.protobuf.Empty."""
