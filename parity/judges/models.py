"""Reading and writing with an SDK whose types are pydantic models, as both Tinker SDKs and Ollama's client have."""

from __future__ import annotations

import importlib
import json
import pkgutil
import types
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

import pydantic

from parity.judges.judge import Reader, Refused

# From the SDK's object to the JSON values that it may write.
Writer = Callable[[Any], tuple[Any, ...]]


def types_of(package: types.ModuleType) -> dict[str, Any]:
    """Every public class and type alias that a module of the package defines, by name. Shallow modules win."""
    found: dict[str, Any] = {}
    names = [info.name for info in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    for name in sorted(names, key=lambda name: name.count(".")):
        module = importlib.import_module(name)
        for attribute in getattr(module, "__all__", []):
            found.setdefault(attribute, getattr(module, attribute))
    return found


def reader(kind: Any, writer: Writer) -> Reader:
    """Reads as the SDKs do: the standard library's JSON, then pydantic in lax mode; writes with `writer`."""
    adapter = pydantic.TypeAdapter(kind)

    def read(data: bytes) -> tuple[bytes, ...]:
        try:
            value = adapter.validate_python(json.loads(data))
        except (ValueError, RecursionError) as error:  # pydantic's ValidationError and JSONDecodeError are ValueErrors
            raise Refused(one_line(error)) from None
        return tuple(json.dumps(written).encode() for written in writer(value))

    return read


def one_line(error: Exception) -> str:
    """The error's text without its line breaks and links."""
    lines = [line.strip() for line in str(error).splitlines()]
    return "; ".join(line for line in lines if line and not line.startswith("For further information"))[:300]


def only_set(value: Any) -> tuple[Any, ...]:
    """The JSON of what was set; and the same without literals, which the SDK's own code never sets."""
    kind = type(value) if isinstance(value, pydantic.BaseModel) else object
    data = pydantic.TypeAdapter(kind).dump_python(value, mode="json", exclude_unset=True)
    return data, _without_literals(value, data)


def all_but_null(value: Any) -> tuple[Any, ...]:
    """The JSON of everything, defaults and literals too, without nulls."""
    kind = type(value) if isinstance(value, pydantic.BaseModel) else object
    return (pydantic.TypeAdapter(kind).dump_python(value, mode="json", exclude_unset=False, exclude_none=True),)


def _without_literals(value: Any, data: Any) -> Any:
    if isinstance(value, pydantic.BaseModel) and isinstance(data, dict):
        fields = type(value).model_fields
        return {
            key: _without_literals(getattr(value, key, None), item)
            for key, item in data.items()
            if not (key in fields and _is_literal(fields[key].annotation))
        }
    if isinstance(value, (list, tuple)) and isinstance(data, list):
        return [_without_literals(*pair) for pair in zip(value, data, strict=True)]
    if isinstance(value, dict) and isinstance(data, dict):
        return {key: _without_literals(value.get(key), item) for key, item in data.items()}
    return data


def _is_literal(annotation: Any) -> bool:
    """A literal of one value, null aside."""
    if get_origin(annotation) is Literal:
        return len(get_args(annotation)) == 1
    parts = [part for part in get_args(annotation) if part is not type(None)]
    return len(parts) == 1 and _is_literal(parts[0])
