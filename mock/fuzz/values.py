"""JSON values: those that a message takes, and those that hardly anybody expects."""

from __future__ import annotations

import base64
import math
from random import Random
from typing import Any

from samewire_wire import MessageSpec, registry
from samewire_wire import _rules as r

_DEEP = 6  # levels at which optional keys end
_WORDS = ("", "a", "x y", "é", "meta-llama/Llama-3.2-1B", "llama3.2", "default", "$.a", "tinker://a/weights/1", "user")
_TIME = "2026-01-02T03:04:05Z"
_WELL_KNOWN = {
    "Timestamp": _TIME,
    "Duration": "1.5s",
    "Struct": {"a": 1},
    "Value": [1],
    "ListValue": [None],
    "Empty": {},
    "FieldMask": "a",
    "NullValue": None,
}
# Text, so that JSON may hold what no writer of JSON writes.
ODD = (
    "null",
    "true",
    "[]",
    "{}",
    '""',
    "0",
    "-0",
    "-1",
    "1.0",
    "1e400",
    "-1e400",
    "1e-400",
    "NaN",
    "Infinity",
    "1.",
    ".5",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "1" + "0" * 400,
    "01",
    "0.1e1",
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000"',
    '"\\x"',
    '"' + "a" * 5000 + '"',
    "[[[[[[[[]]]]]]]]",
    '{"":null}',
    '{"a":1,"a":2}',
    '"1"',
    '"NaN"',
    '"-1"',
    "[null]",
    '["a",1]',
    "\ufeff1",
    "'a'",
    "/**/1",
    "[1,]",
    '{"a"}',
    '"\u2028"',
    "2147483648",
    "-2147483649",
    "4294967296",
    '"AA"',
    '"===="',
    '"_-8"',
    '"2026-02-30T00:00:00Z"',
    '"9999999999999s"',
)


def message(random: Random, spec: MessageSpec, dialect: str, depth: int = 0) -> Any:
    """JSON data that is likely a message of `spec` in the dialect."""
    rule = spec.rule(dialect)
    if isinstance(rule, r.Object):
        return _object(random, rule.keys, depth)
    if isinstance(rule, r.Inline):
        return _typed(random, rule.type, depth)
    if isinstance(rule, r.Tagged):
        tag, kind = random.choice(list(rule.arms.items()))
        value = _typed(random, kind, depth)
        return {rule.tag: tag, **value} if isinstance(value, dict) else value
    if isinstance(rule, r.Shape):
        return _typed(random, random.choice(rule.arms), depth)
    if not isinstance(rule, r.Wrapped):
        return _typed(random, rule, depth)  # a well-known one
    key = random.choice(rule.keys)
    return {key.key: _typed(random, key.type, depth)}


def _object(random: Random, keys: tuple[r.Key, ...], depth: int) -> dict[str, Any]:
    made = {}
    for key in keys:
        wanted = key.missing is r.REFUSE or (depth < _DEEP and random.random() < 0.4)
        if key.key != r.ABSENT and wanted and depth < 3 * _DEEP:
            made[key.key] = _typed(random, key.type, depth + 1)
    return made


def _typed(random: Random, kind: r.Type, depth: int) -> Any:
    match kind:
        case r.Int():
            number = random.choice((0, 1, 2, 3, 7, 100, kind.low, kind.high))
            return str(number) if kind.numbers == r.PROTOJSON and random.random() < 0.3 else number
        case r.Float():
            return random.choice((0.0, 1.0, -0.5, 1e-4, 3e38, 0.7))
        case r.Bool():
            return random.random() < 0.5
        case r.String():
            return random.choice(_WORDS)
        case r.Bytes():
            return base64.b64encode(random.randbytes(random.randint(0, 9))).decode()
        case r.Literal():
            return kind.value
        case r.Enum():
            return random.choice(list(kind.values))
        case r.WellKnown():
            name = kind.name.rpartition(".")[2]
            return _WELL_KNOWN.get(name, random.choice((1, "a", True, _TIME)))
        case r.Ref():
            spec = registry.find(kind.message)
            return message(random, spec, kind.dialect, depth + 1)
        case r.List():
            return [
                _typed(random, kind.item, depth + 1) for _ in range(random.choice((0, 1, 2)) if depth < _DEEP else 0)
            ]
        case r.Map():
            count = 1 if depth < _DEEP else 0
            return {
                str(_typed(random, kind.key, depth + 1)): _typed(random, kind.value, depth + 1) for _ in range(count)
            }


def text(random: Random, value: Any, odd: float = 0.0) -> str:
    """As JSON; each value is something else with the probability `odd`, keys are lost, doubled and misspelt alike."""
    if odd and random.random() < odd:
        return _odd(random)
    if isinstance(value, dict):
        pairs = []
        for key, each in value.items():
            if random.random() < odd / 2:
                continue
            name = (
                random.choice(("", "type", key.upper(), key + "\\u0000", "\\ud800"))
                if random.random() < odd / 2
                else key
            )
            pairs.append(f'"{name}":{text(random, each, odd)}')
            if random.random() < odd / 2:
                pairs.append(pairs[-1])
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(text(random, each, odd) for each in value) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return "0"
    return _dumps(value)


def _odd(random: Random) -> str:
    if random.random() < 0.02:
        depth = random.choice((60, 200, 500, 1500, 20_000, 100_000))
        left, right = random.choice((("[", "]"), ('{"a":', "}"), ('[{"content":', "}]")))
        return left * depth + "1" + right * random.choice((depth, depth, 0))
    if random.random() < 0.02:
        return "[" + ",".join(["1"] * 20_000) + "]"
    return random.choice(ODD)


def _dumps(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)
