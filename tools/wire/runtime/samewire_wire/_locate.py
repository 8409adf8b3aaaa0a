"""From a validation error to one WireError with JSON path, message and field."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from pydantic_core import ErrorDetails, ValidationError

from samewire_wire import _rules as r
from samewire_wire._error import WireError
from samewire_wire._reader import HIDDEN, Rules

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def locate(error: ValidationError, root: r.Type, message: str, rules: Rules) -> WireError:
    """The deepest of the errors: in a union it is the arm that came furthest."""
    details = error.errors(include_url=False)
    arms = Counter(_arm(each) for each in details)
    best = max(details, key=lambda each: _rank(each, arms[_arm(each)]))
    at = _Position(root, message, rules)
    for step in best["loc"]:
        at.step(step)
    if best["type"] in _AT_TAG:
        at.step(best["ctx"]["discriminator"].strip("'"))
    elif best["type"] == "item":
        at.step(best["ctx"]["index"])
    return WireError(message, at.path, _reason(best, at.type), owner=at.owner, field=at.field)


# A wrong tag says more than what the arms find by shape; a missing one says less.
_AT_TAG = {"union_tag_invalid": 1, "union_tag_not_found": 0}


def _arm(error: ErrorDetails) -> tuple[int | str, ...]:
    """The place up to the last choice of a union."""
    loc = error["loc"]
    choices = [index for index, step in enumerate(loc) if str(step).startswith(HIDDEN)]
    return loc[: choices[-1] + 1] if choices else ()


def _rank(error: ErrorDetails, errors_in_arm: int) -> tuple[int | bool, ...]:
    """Depth; then a wrong tag; then the arm with the fewest errors; then what is wrong rather than what is missing."""
    steps = [step for step in error["loc"] if not str(step).startswith(HIDDEN)]
    kind = error["type"]
    alternative = sum(step == HIDDEN + "else" for step in error["loc"])
    return (
        len(steps) + _AT_TAG.get(kind, 0),
        kind == "union_tag_invalid",
        -errors_in_arm,
        kind != "missing",
        -alternative,
    )


class _Position:
    def __init__(self, root: r.Type, message: str, rules: Rules) -> None:
        self.path, self.owner, self.field = "$", message, ""
        self.type: r.Type | None = root
        self._rules = rules

    def step(self, step: int | str) -> None:
        kind = self._opened()
        if isinstance(step, str) and step.startswith(HIDDEN):
            self._hidden(kind, step[1:])
            return
        match kind:
            case r.Tagged(arms=arms) if step in arms:
                self.type = arms[str(step)]
                return
            case r.Object(keys=keys) | r.Wrapped(keys=keys):
                self._key(keys, str(step))
            case r.List(item=item):
                self.type = item
            case r.Map(value=value):
                if step == "[key]":
                    return
                self.type = value
            case _:
                self.type = None
        self.path += f"[{step}]" if isinstance(step, int) else join(step)

    def _opened(self) -> r.Type | r.Message | None:
        """The type with references followed; remembers whose field comes next."""
        kind: r.Type | r.Message | None = self.type
        while isinstance(kind, r.Ref | r.Inline):
            if isinstance(kind, r.Ref):
                self.owner, self.field = kind.message, ""
                kind = self._rules(kind)
            else:
                self.field, kind = kind.field, kind.type
        return kind

    def _key(self, keys: tuple[r.Key, ...], name: str) -> None:
        key = next((key for key in keys if name == key.key or name in key.also), None)
        self.field, self.type = (key.field, key.type) if key else ("", None)

    def _hidden(self, kind: r.Type | r.Message | None, label: str) -> None:
        if isinstance(kind, r.Shape) and label.isdigit():
            self.type = kind.arms[int(label)]
        elif isinstance(kind, r.Tagged) and label.isdigit():
            self.type = kind.shapes[int(label)]


def join(key: str) -> str:
    return f".{key}" if _NAME.fullmatch(key) else f"[{json.dumps(key, ensure_ascii=False)}]"


_REASONS: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "is missing",
    "extra_forbidden": lambda _: "unknown key",
    "json_invalid": lambda ctx: f"not JSON: {ctx['error']}",
    "union_tag_not_found": lambda _: "is missing",
    "literal_error": lambda ctx: f"expected {ctx['expected'].replace(chr(39), chr(34))}",
    "union_tag_invalid": lambda ctx: f'expected one of {ctx["expected_tags"]}, got "{ctx["tag"]}"'.replace("'", '"'),
    "greater_than_equal": lambda ctx: f"expected at least {ctx['ge']}",
    "less_than_equal": lambda ctx: f"expected at most {ctx['le']}",
    "less_than": lambda _: "expected a number that a 32-bit float can hold",
    "greater_than": lambda _: "expected a number that a 32-bit float can hold",
    "finite_number": lambda _: "expected a finite number",
    "string_too_short": lambda ctx: f"expected at least {ctx['min_length']} characters",
    "string_too_long": lambda ctx: f"expected at most {ctx['max_length']} characters",
    "string_pattern_mismatch": lambda ctx: f"expected a match of {ctx['pattern']}",
    "bytes_too_short": lambda ctx: f"expected at least {ctx['min_length']} bytes",
    "bytes_too_long": lambda ctx: f"expected at most {ctx['max_length']} bytes",
    "too_short": lambda ctx: f"expected at least {ctx['min_length']} items",
    "too_long": lambda ctx: f"expected at most {ctx['max_length']} items",
    "value_error": lambda ctx: str(ctx["error"]),
}
_TYPE_ERRORS = re.compile(r"(int|float|bool|string|list|dict|model|model_attributes|dict|none_required|bytes)_type")


def _reason(error: ErrorDetails, kind: r.Type | None) -> str:
    name = error["type"]
    if name in _REASONS:
        reason = _REASONS[name](error.get("ctx", {}))
    elif _TYPE_ERRORS.fullmatch(name) and kind is not None:
        reason = f"expected {describe(kind)}"
    else:
        message = error["msg"]
        reason = message[0].lower() + message[1:]
    if name in ("missing", "extra_forbidden", "json_invalid", "item", *_AT_TAG):
        return reason
    if name == "value_error" and isinstance(error["input"], dict | list):
        return reason
    return f"{reason}, got {show(error['input'])}"


def describe(kind: r.Type) -> str:
    """In words, with an article: "a list of integers"."""
    match kind:
        case r.List(item=item):
            return f"a list of {_plural(describe(item))}"
        case r.Map():
            return "an object"
        case r.Ref():
            return f"an object, {kind.message}"
        case r.Literal(value=value):
            return f'"{value}"'
        case r.Bytes():
            return "a base64 string"
        case r.Enum():
            return f"a value of {kind.name}"
        case r.WellKnown():
            return f"a google.protobuf.{kind.name}"
    return {r.Int: "an integer", r.Float: "a number", r.Bool: "true or false", r.String: "a string"}[type(kind)]


def _plural(text: str) -> str:
    for article in ("an ", "a "):
        if text.startswith(article):
            text = text.removeprefix(article)
            break
    return text if " of " in text or text == "true or false" else text + "s"


def show(value: Any) -> str:
    """A value as short JSON, at most 60 characters; data can be large and hostile."""
    if isinstance(value, str):
        value = value if len(value) <= 80 else value[:80]
    elif isinstance(value, dict | list):
        return ("an object" if isinstance(value, dict) else "a list") + f" of {len(value)}"
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
