"""Modules with hypothesis strategies: `tinker/v1/training_strategies.py`.

    from tinker.v1.sampling_strategies import VALUES

    @given(VALUES["tinker.v1.SampleRequest", "tinker-0.4.1"])
    def test_…(value): …  # {"num_samples": 12, "prompt": …}

A strategy makes JSON values as plain Python data that a reader of the dialect accepts: whole ranges of numbers, missing
and null wherever they are allowed, each arm of a union. It shrinks as hypothesis does.
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.wire.emit import values
from tools.wire.emit.values import Choice, Member
from tools.wire.fixtures.limits import python_pattern
from tools.wire.ir import Json, Limit, Schema


def emit(schema: Schema) -> dict[str, str]:
    """One module per .proto that has messages."""
    return values.emit(schema, _Strategies())


_HEADER = """
import base64
import re
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

Values = st.SearchStrategy[Any]

_FIRST, _LAST = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)
_JSON: Values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def _object(required: dict[str, Values], optional: dict[str, Values], *choices: Values) -> Values:
    made: Values = st.fixed_dictionaries(required, optional=optional)
    for choice in choices:
        made = st.builds(lambda left, right: {**left, **right}, made, choice)
    return made

"""


class _Strategies:
    suffix = "strategies"
    header = _HEADER

    def integer(self, low: int, high: int, quoted: bool) -> str:
        return f"st.integers({low}, {high})" + (".map(str)" if quoted else "")

    def floating(self, low: float | None, high: float | None, single: bool) -> str:
        width = ", width=32" if single else ""
        return f"st.floats({low!r}, {high!r}, allow_nan=False, allow_infinity=False{width})"

    def boolean(self) -> str:
        return "st.booleans()"

    def text(self, name: str, limit: Limit) -> str:
        if limit.pattern is not None:
            return f"st.from_regex(re.compile({python_pattern(limit.pattern)!r}, re.ASCII))" + _length_filter(limit)
        return f"st.text(min_size={limit.min_length or 0}, max_size={_most(limit)})"

    def base64(self, limit: Limit, url_safe: bool) -> str:
        encode = "base64.urlsafe_b64encode" if url_safe else "base64.b64encode"
        sizes = f"min_size={limit.min_length or 0}, max_size={_most(limit)}"
        return f"st.binary({sizes}).map(lambda data: {encode}(data).decode())"

    def timestamp(self, seconds: bool) -> str:
        if seconds:
            return "st.integers(0, 253402300799)"
        return 'st.datetimes(_FIRST, _LAST).map(lambda time: f"{time.isoformat()}Z")'

    def duration(self) -> str:
        return 'st.integers(-315576000000, 315576000000).map(lambda seconds: f"{seconds}s")'

    def json(self, kind: str) -> str:
        return {
            "Value": "_JSON",
            "Struct": "st.dictionaries(st.text(max_size=3), _JSON, max_size=3)",
            "ListValue": "st.lists(_JSON, max_size=3)",
        }[kind]

    def constant(self, value: Json) -> str:
        return f"st.just({value!r})"

    def one_of(self, values: Sequence[str]) -> str:
        return f"st.sampled_from({list(values)!r})"

    def any_of(self, expressions: Sequence[str]) -> str:
        return f"st.one_of({', '.join(expressions)})"

    def or_null(self, expression: str) -> str:
        return f"st.none() | {expression}"

    def list_of(self, expression: str, low: int, high: int, deep: bool) -> str:
        return f"st.lists({expression}, min_size={low}, max_size={min(high, max(low, 2)) if deep else high})"

    def map_of(self, keys: Sequence[str], expression: str, low: int, deep: bool) -> str:
        most = max(low, 2)
        return f"st.dictionaries(st.sampled_from({list(keys)!r}), {expression}, min_size={low}, max_size={most})"

    def reference(self, name: str, deep: bool) -> str:
        return f"st.deferred(lambda: {name})" if deep else name

    def define(self, name: str, doc: str, expression: str) -> list[str]:
        return [f"{name}: Values = {expression}", f'"""{doc}"""']

    def define_object(self, name: str, doc: str, parts: Sequence[Member | Choice]) -> list[str]:
        members = [part for part in parts if isinstance(part, Member)]
        lines = [f"{name}: Values = _object("]
        for absent in (False, True):
            chosen = [part for part in members if part.absent is absent]
            lines.append("    {" + ("" if chosen else "},"))
            for part in chosen:
                value = self.or_null(part.value) if part.null else part.value
                lines.append(f"        {part.key!r}: {value},")
            if chosen:
                lines.append("    },")
        for choice in parts:
            if isinstance(choice, Choice):
                arms = [f"st.fixed_dictionaries({{{arm.key!r}: {arm.value}}})" for arm in choice.members]
                none = [] if choice.required else ["st.just({})"]
                lines.append(f"    {self.any_of([*none, *arms])},")
        return [*lines, ")", f'"""{doc}"""']


def _most(limit: Limit) -> int:
    return limit.max_length if limit.max_length is not None else max(20, limit.min_length or 0)


def _length_filter(limit: Limit) -> str:
    if limit.min_length is None and limit.max_length is None:
        return ""
    high = f" <= {limit.max_length}" if limit.max_length is not None else ""
    return f".filter(lambda text: {limit.min_length or 0} <= len(text){high})"
