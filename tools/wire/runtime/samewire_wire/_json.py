"""Readers of JSON text: the validator of a message, and what its parser does not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from samewire_wire import _reader, _text_checks
from samewire_wire import _rules as r
from samewire_wire._error import WireError
from samewire_wire._locate import locate
from samewire_wire._registry import Reader, registry


def _rule(ref: r.Ref) -> r.Message:
    return registry.find(ref.message).rule(ref.dialect)  # type: ignore[return-value]


def default_factory(message: str, field: str, dialect: str) -> Callable[[], Any]:
    """Makes the default of a field that is a message or a container: reads the default's JSON anew each time."""
    rule = registry.find(message).rule(dialect)
    assert isinstance(rule, r.Object)
    return _reader.default_factory(next(key for key in rule.keys if key.field == field), _rule)


def reader(message: str, root: r.Type, count: Callable[[Any], int], ignore_unknown: bool) -> Reader:
    """Reads JSON text. `count`: the number of keys that a value took in. The reader raises WireError on bad data."""
    validate = _reader.validator(root, _rule, ignore_unknown=ignore_unknown).validate_json
    nests = _nests(root)
    careful: Any = None

    def suspicious(data: bytes) -> Any:
        nonlocal careful
        if nests and _text_checks.too_deep(data):
            raise WireError(message, "$", f"nested deeper than {_text_checks.DEPTH} levels")
        if found := _text_checks.duplicate(data):
            raise WireError(message, found[0], f'duplicate key "{found[1]}"')
        careful = careful or _reader.validator(root, _rule, ignore_unknown=ignore_unknown, careful=True)
        return careful.validate_json(data)

    def read(data: Any) -> Any:
        if type(data) is not bytes:
            data = _bytes(message, data)
        try:
            value = validate(data)
            keys = count(value)
            if len(data) - len(data.replace(b":", b"")) != keys and _text_checks.colons_after_quotes(data) != keys:
                return suspicious(data)
            if nests and _text_checks.too_deep(data):
                return suspicious(data)
            return value
        except ValidationError as error:
            raise locate(error, root, message, _rule) from None

    return read


def _nests(root: r.Type) -> bool:
    """Whether JSON of any depth is accepted: recursive messages, and any JSON values."""
    seen: set[r.Ref] = set()
    todo: list[tuple[r.Type, tuple[r.Ref, ...]]] = [(root, ())]
    while todo:
        kind, above = todo.pop()
        if isinstance(kind, r.WellKnown) and kind.name in ("Struct", "Value", "ListValue", "Any"):
            return True
        if isinstance(kind, r.Ref):
            if kind in above:
                return True
            if kind in seen:
                continue
            seen.add(kind)
            rule = _rule(kind)
            if isinstance(rule, r.Object) and rule.unknown == r.KEEP:
                return True
            todo.extend((part, (*above, kind)) for part in _reader.parts(rule))
        else:
            todo.extend((part, above) for part in _reader.parts(kind))
    return False


def _bytes(message: str, data: Any) -> bytes:
    if isinstance(data, str):
        try:
            return data.encode()
        except UnicodeEncodeError:
            raise WireError(message, "$", "not JSON: lone surrogate") from None
    if isinstance(data, bytearray | memoryview):
        return bytes(data)
    raise TypeError(f"expected bytes or str, got {type(data).__name__}")
