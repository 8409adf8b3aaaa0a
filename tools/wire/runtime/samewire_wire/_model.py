"""The base of generated classes."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from orjson import dumps
from pydantic import MISSING, BaseModel, ConfigDict

from samewire_wire._registry import Data, MessageSpec


class Model(BaseModel):
    """One message. All reading methods raise WireError on bad data; LookupError for a dialect that there is not."""

    model_config = ConfigDict(
        strict=True, extra="forbid", defer_build=True, protected_namespaces=(), val_json_bytes="base64"
    )

    WIRE: ClassVar[MessageSpec]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        spec = cls.__dict__.get("WIRE")
        if spec is not None:
            spec.model = cls

    @classmethod
    def from_wire(cls, data: Data, dialect: str | None = None) -> Self:
        """Reads JSON. Without a dialect: the first of the package's dialects that accepts it."""
        return cls.WIRE.readers[dialect](data)  # type: ignore[no-any-return]

    @classmethod
    def read_any(cls, data: Data) -> tuple[Self, str]:
        """Reads JSON in the first dialect that accepts it; gives the dialect's name too."""
        return cls.WIRE.read_any(data)

    def to_wire(self, dialect: str | None = None) -> bytes:
        """Compact JSON. Without a dialect: the package's first. Refuses a set field that the dialect lacks."""
        spec = self.WIRE
        try:
            return dumps(spec.writers[dialect](self))
        except Exception as error:
            from samewire_wire._write import explain

            raise explain(spec, self, dialect, error) from None

    @classmethod
    def from_protojson(cls, data: Data, ignore_unknown: bool = False) -> Self:
        """Reads canonical ProtoJSON. `ignore_unknown`: unknown keys and enum strings are dropped."""
        return cls.WIRE.read_protojson(data, ignore_unknown)  # type: ignore[no-any-return]

    def to_protojson(self) -> bytes:
        return self.WIRE.write_protojson(self)

    @classmethod
    def from_binary(cls, data: bytes) -> Self:
        """Reads protobuf binary; unknown fields and extensions are kept and written back by `to_binary`."""
        return cls.WIRE.read_binary(data)  # type: ignore[no-any-return]

    def to_binary(self) -> bytes:
        """Protobuf binary; equal models give equal bytes."""
        return self.WIRE.write_binary(self)


def one_arm(model: Model, oneof: str, arms: tuple[tuple[str, Any], ...], required: bool = False) -> None:
    """At most one field of a oneof is set; `arms`: attributes, and what each holds when unset. Raises ValueError."""
    held = vars(model)
    found = [arm for arm, unset in arms if held[arm] is not unset and held[arm] is not MISSING]
    if len(found) > 1:
        raise ValueError(f"{' and '.join(found)} are set, but at most one of the oneof {oneof} can be")
    if required and not found:
        raise ValueError(f"one of {', '.join(arm for arm, _ in arms)} must be set (oneof {oneof})")
