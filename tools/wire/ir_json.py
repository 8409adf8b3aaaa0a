"""The IR as JSON, for emitters in other languages, and back.

Objects have the keys of the dataclasses in `tools.wire.ir`, in their order; enums are their string values; tuples are
lists. `Schema.descriptors` is left out. Bounds that are whole numbers are written as such.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from enum import Enum
from typing import Any

from tools.wire import ir
from tools.wire.ir import Schema


def dump(schema: Schema) -> str:
    """JSON text, two spaces deep, one trailing newline; the same for the same schema, always."""
    return json.dumps(_plain(schema), indent=2, ensure_ascii=False) + "\n"


def load(text: str) -> Schema:
    """The schema of a dump; `descriptors` is empty. ValueError when the text is no dump."""
    try:
        schema = _build(Schema, json.loads(text))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a dump of the IR: {error}") from None
    assert isinstance(schema, Schema)
    return schema


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {
            field.name: _plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.name != "descriptors"
        }
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value


_HINTS: dict[type, dict[str, Any]] = {}


def _build(kind: Any, value: Any) -> Any:
    origin = typing.get_origin(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _HINTS.setdefault(kind, typing.get_type_hints(kind, vars(ir)))
        return kind(
            **{
                field.name: b"" if field.name == "descriptors" else _build(hints[field.name], value[field.name])
                for field in dataclasses.fields(kind)
            }
        )
    if origin is tuple:
        return tuple(_build(typing.get_args(kind)[0], item) for item in value)
    if origin is dict:
        return {key: _build(typing.get_args(kind)[1], item) for key, item in value.items()}
    if origin in (types.UnionType, typing.Union) and value is not None:
        inner = [each for each in typing.get_args(kind) if each is not types.NoneType]
        return _build(inner[0], value) if len(inner) == 1 else value
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return value
