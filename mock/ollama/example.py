"""A value that a JSON Schema allows: the model's answer where a request says `format`, and arguments of tools."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence
from typing import Any

from mock.ollama import language

_DEEP = 6  # from here on only what a schema insists on
_FORMATS = {
    "date-time": "2026-01-15T09:30:00Z",
    "date": "2026-01-15",
    "time": "09:30:00Z",
    "duration": "PT1H",
    "email": "reader@example.com",
    "idn-email": "reader@example.com",
    "hostname": "example.com",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "uri": "https://example.com/",
    "uri-reference": "/guess",
    "iri": "https://example.com/",
    "uuid": "6f1c1a52-8d0b-4c7e-9f3a-2b5d7e9c1a34",
    "json-pointer": "/guess",
    "regex": "^guess$",
}


class Unsatisfiable(ValueError):
    """No value was found that the schema allows."""


def value(schema: Any, rng: random.Random, hints: Sequence[str] = (), prompt: str = "") -> Any:
    """`hints`: texts and numbers of the prompt that strings and numbers without limits become, in turn.
    `prompt`: a choice that stands in it is taken.

    Raises Unsatisfiable for a schema that allows nothing, or whose pattern is beyond us.
    """
    return _Maker(schema, rng, list(hints), prompt).make(schema, 0)


class _Maker:
    def __init__(self, root: Any, rng: random.Random, hints: list[str], prompt: str) -> None:
        self._root = root
        self._rng = rng
        self._hints = hints
        self._said = set(re.findall(r"\w+", prompt.lower()))

    def make(self, schema: Any, depth: int) -> Any:
        if schema is False:
            raise Unsatisfiable("the schema false allows nothing")
        if not isinstance(schema, dict) or not schema:
            return self._text({})
        if depth > 40:
            raise Unsatisfiable("the schema has no end")
        schema = self._merged(schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._of(schema["enum"])
        for either in ("anyOf", "oneOf"):
            if schema.get(either):
                return self._either(schema, either, depth)
        kind = self._kind(schema)
        return getattr(self, f"_{kind}")(schema, depth) if kind in ("object", "array") else self._plain(kind, schema)

    def _of(self, choices: Sequence[Any]) -> Any:
        """One that the prompt names, else any."""
        named = [each for each in choices if isinstance(each, str) and each.lower() in self._said]
        return named[0] if named else self._rng.choice(choices)

    def _either(self, schema: dict[str, Any], either: str, depth: int) -> Any:
        rest = {key: each for key, each in schema.items() if key != either}
        options = [option for option in schema[either] if option is not False]
        # Deep down the option without an end is not taken.
        order = sorted(options, key=_weight) if depth >= _DEEP else options
        for option in order:
            try:
                return self.make(_both(rest, option if isinstance(option, dict) else {}), depth + 1)
            except Unsatisfiable:
                continue
        raise Unsatisfiable(f"no option of {either} can be met")

    def _merged(self, schema: dict[str, Any]) -> dict[str, Any]:
        """With what $ref and allOf say."""
        seen: set[str] = set()
        while isinstance(reference := schema.get("$ref"), str):
            if reference in seen:
                raise Unsatisfiable(f"{reference} refers to itself")
            seen.add(reference)
            target = self._target(reference)
            schema = _both({key: each for key, each in schema.items() if key != "$ref"}, target)
        for part in schema.get("allOf", ()):
            if isinstance(part, dict):
                schema = _both({key: each for key, each in schema.items() if key != "allOf"}, self._merged(part))
        return schema

    def _target(self, reference: str) -> dict[str, Any]:
        at = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(at, dict) or step not in at:
                raise Unsatisfiable(f"{reference} leads nowhere")
            at = at[step]
        return at if isinstance(at, dict) else {}

    def _kind(self, schema: dict[str, Any]) -> str:
        said = schema.get("type")
        if isinstance(said, list):
            said = next((each for each in said if each != "null"), "null")
        if isinstance(said, str):
            return said
        if "properties" in schema or "required" in schema or "additionalProperties" in schema:
            return "object"
        if "items" in schema or "prefixItems" in schema:
            return "array"
        if any(key in schema for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")):
            return "number"
        return "string"

    def _plain(self, kind: str, schema: dict[str, Any]) -> Any:
        if kind == "boolean":
            return self._rng.random() < 0.5
        if kind == "null":
            return None
        if kind in ("integer", "number"):
            return self._number(schema, whole=kind == "integer")
        return self._text(schema)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties") or {}
        required = [each for each in schema.get("required") or () if isinstance(each, str)]
        made: dict[str, Any] = {}
        for name, inner in properties.items():
            if name not in required and depth >= _DEEP:
                continue
            try:
                made[name] = self.make(inner, depth + 1)
            except Unsatisfiable:
                if name in required:
                    raise
        others = schema.get("additionalProperties", True)
        for name in required:
            if name not in made:
                made[name] = self.make(others if isinstance(others, dict) else {}, depth + 1)
        count = len(made)
        while len(made) < schema.get("minProperties", 0):
            count += 1
            made[f"item{count}"] = self.make(others if isinstance(others, dict) else {}, depth + 1)
        return made

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        first = schema.get("prefixItems") or ()
        items = schema.get("items", {})
        low = max(int(schema.get("minItems", 0)), 1 if schema.get("contains") else 0)
        high = schema.get("maxItems", max(low, len(first), 3))
        wanted = max(low, min(int(high), max(len(first), 0 if depth >= _DEEP else self._rng.randint(1, 3))))
        made = [self.make(each, depth + 1) for each in list(first)[:wanted]]
        for _ in range(200 * wanted):
            if len(made) >= wanted or items is False:
                break
            one = self.make(schema.get("contains", items) if not made and schema.get("contains") else items, depth + 1)
            if not (schema.get("uniqueItems") and one in made):
                made.append(one)
        if len(made) < low:
            raise Unsatisfiable(f"{low} items can't be made")
        return made

    def _number(self, schema: dict[str, Any], whole: bool) -> int | float:
        # Draft 4 says true beside the bound, later ones have the bound itself.
        low, high = schema.get("minimum"), schema.get("maximum")
        above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
        step = schema.get("multipleOf") or (1 if whole else 0.5)
        above = low if above is True else None if above is False else above
        below = high if below is True else None if below is False else below
        floor = max((each for each in (low, above) if each is not None), default=None)
        ceiling = min((each for each in (high, below) if each is not None), default=None)
        hinted = self._hinted_number(whole)
        candidates = [] if hinted is None else [hinted]
        if floor is None and ceiling is None:
            candidates += [self._rng.randint(1, 100) * step]
        else:
            start: Any = floor if floor is not None else ceiling - 100 * step  # type: ignore[operator]
            count = math.ceil(start / step)
            candidates += [(count + offset) * step for offset in (self._rng.randint(0, 9), 0, 1)]
        if floor is not None and ceiling is not None and not whole and "multipleOf" not in schema:
            candidates += [(floor + ceiling) / 2]
        for found in candidates:
            if (
                (low is None or found >= low)
                and (high is None or found <= high)
                and (above is None or found > above)
                and (below is None or found < below)
                and ("multipleOf" not in schema or abs(found / step - round(found / step)) < 1e-9)
            ):
                return int(found) if whole else found
        raise Unsatisfiable("no number lies between the bounds")

    def _hinted_number(self, whole: bool) -> int | float | None:
        for index, hint in enumerate(self._hints):
            if re.fullmatch(r"-?\d+" if whole else r"-?\d+(\.\d+)?", hint):
                del self._hints[index]
                return float(hint) if "." in hint else int(hint)
        return None

    def _text(self, schema: dict[str, Any]) -> str:
        low, high = int(schema.get("minLength", 0)), schema.get("maxLength")
        if isinstance(pattern := schema.get("pattern"), str):
            return self._matching(pattern, low)
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        text = self._hint() or language.words(self._rng, self._rng.randint(1, 4))
        while len(text) < low:
            text += " " + language.words(self._rng, 1)
        return text if high is None else text[: int(high)]

    def _hint(self) -> str | None:
        for index, hint in enumerate(self._hints):
            if not re.fullmatch(r"-?\d+(\.\d+)?", hint):
                return self._hints.pop(index)
        return None

    def _matching(self, pattern: str, low: int) -> str:
        from tools.wire.fixtures.pattern import example

        try:
            found = example(pattern)
        except (ValueError, re.error) as error:
            raise Unsatisfiable(str(error)) from None
        # A pattern that is open behind takes more of its last character.
        while len(found) < low and re.search(pattern, found + (found[-1:] or "x")):
            found += found[-1:] or "x"
        return found


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Both schemas at once."""
    made = {**other, **one}
    if one.get("properties") and other.get("properties"):
        made["properties"] = {**other["properties"], **one["properties"]}
    if one.get("required") and other.get("required"):
        made["required"] = [*other["required"], *one["required"]]
    return made


def _weight(option: Any) -> int:
    """How much an option may lead on to."""
    if not isinstance(option, dict):
        return 0
    if "$ref" in option:
        return 3
    return {"object": 2, "array": 1}.get(option.get("type", ""), 0) if isinstance(option.get("type"), str) else 1
