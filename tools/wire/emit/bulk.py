"""Modules that make values very fast: `tinker/v1/training_bulk.py`, for load and benchmarks.

    from tinker.v1.sampling_bulk import stream
    values = stream("tinker.v1.SampleRequest", "tinker-0.4.1", seed=7)
    next(values)  # {"num_samples": 12, "prompt": …}

The values are what a writer of the dialect might write, as plain Python data, the same for the same seed on every
machine and version: everything comes from getrandbits of a Mersenne Twister, and strings from pools seeded by the
field's full name. A module needs nothing but the standard library.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from tools.wire.emit import values
from tools.wire.emit.values import Choice, Member
from tools.wire.fixtures import pattern
from tools.wire.ir import Json, Limit, Schema


def emit(schema: Schema) -> dict[str, str]:
    """One module per .proto that has messages."""
    return values.emit(schema, _Bulk())


_HEADER = '''
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Bits = Callable[[int], int]


def stream(message: str, dialect: str, seed: int = 0) -> Iterator[Any]:
    """Values of a message without end; the same for the same seed."""
    make = VALUES[message, dialect]
    bits = Random(f"{message}/{dialect}/{seed}").getrandbits
    while True:
        yield make(bits)

'''


class _Bulk:
    suffix = "bulk"
    header = _HEADER

    def integer(self, low: int, high: int, quoted: bool) -> str:
        width = min((high - low).bit_length(), 10)  # small numbers, as most are in earnest
        start = min(max(low, 0), high)
        span = high - start + 1
        bits = f"b({width})" if span >= 1 << width else f"b(16) % {span}"
        number = f"{start} + {bits}" if start else bits
        return f"str({number})" if quoted else number

    def floating(self, low: float | None, high: float | None, single: bool) -> str:
        if low is None or high is None:
            start = low if low is not None else (high - 8.0 if high is not None else 0.0)
            return f"{start!r} + b(10) / 128.0" if start else "b(10) / 128.0"
        return f"{low!r} + b(10) * {(high - low) / 1024!r}"

    def boolean(self) -> str:
        return "not b(1)"

    def text(self, name: str, limit: Limit) -> str:
        if limit.pattern is not None:
            return repr(pattern.example(limit.pattern))
        word = name.rpartition(".")[2].replace("_", "-")
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:2], "big")
        pool = [f"{word}-{(seed + 7919 * index) % 65536:04x}" for index in range(8)]
        if limit.min_length:
            pool = [text.ljust(limit.min_length, "x") for text in pool]
        return self.one_of([text[: limit.max_length] for text in pool])

    def base64(self, limit: Limit, url_safe: bool) -> str:
        size = min(max(limit.min_length or 0, 12), limit.max_length if limit.max_length is not None else 12)
        encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
        pool = [hashlib.sha256(bytes([index])).digest() * (size // 32 + 1) for index in range(8)]
        return self.one_of([encode(data[:size]).decode() for data in pool])

    def timestamp(self, seconds: bool) -> str:
        return "1795165200 + b(16)" if seconds else 'f"2026-11-21T09:{b(5) + 10}:{b(5) + 10}Z"'

    def duration(self) -> str:
        return 'f"{b(10)}s"'

    def json(self, kind: str) -> str:
        return {"Struct": '{"n": b(8)}', "ListValue": "[b(8), None]", "Value": "b(8)"}[kind]

    def constant(self, value: Json) -> str:
        return repr(value)

    def one_of(self, values: Sequence[str]) -> str:
        if len(values) == 1:
            return repr(values[0])
        if len(values) & (len(values) - 1) == 0:
            return f"{tuple(values)!r}[b({len(values).bit_length() - 1})]"
        return f"{tuple(values)!r}[b(8) % {len(values)}]"

    def any_of(self, expressions: Sequence[str]) -> str:
        chosen = expressions[-1]
        for index, expression in reversed(list(enumerate(expressions[:-1]))):
            chosen = f"({expression} if b(8) * {len(expressions) - index} < 256 else {chosen})"
        return chosen

    def or_null(self, expression: str) -> str:
        return f"({expression} if b(2) else None)"

    def list_of(self, expression: str, low: int, high: int, deep: bool) -> str:
        count = str(low) if low == high else f"b(8) % {high - low + 1}" + (f" + {low}" if low else "")
        if (high - low + 1) & (high - low) == 0 and low != high:
            count = f"b({(high - low).bit_length()})" + (f" + {low}" if low else "")
        made = f"[{expression} for _ in range({count})]"
        return f"({made} if d < 3 else [])" if deep and not low else made

    def map_of(self, keys: Sequence[str], expression: str, low: int, deep: bool) -> str:
        few = f"b(8) % {len(keys) - low + 1} + {low}" if low < len(keys) else str(len(keys))
        made = f"{{k: {expression} for k in {tuple(keys)!r}[: {few}]}}"
        return f"({made} if d < 3 else {{}})" if deep and not low else made

    def reference(self, name: str, deep: bool) -> str:
        return f"{name}(b, d + 1)"

    def define(self, name: str, doc: str, expression: str) -> list[str]:
        return [f"def {name}(b: Bits, d: int = 0) -> Any:", f'    """{doc}"""', f"    return {expression}"]

    def define_object(self, name: str, doc: str, parts: Sequence[Member | Choice]) -> list[str]:
        lines = [f"def {name}(b: Bits, d: int = 0) -> Any:", f'    """{doc}"""']
        always = [part for part in parts if isinstance(part, Member) and not part.absent]
        maybe = [part for part in parts if isinstance(part, Member) and part.absent]
        members = ", ".join(f"{part.key!r}: {_value(self, part)}" for part in always)
        lines.append(f"    m: dict[str, Any] = {{{members}}}")
        if maybe:
            lines.append(f"    s = b({len(maybe)}) if d < 4 else 0")
        for index, part in enumerate(maybe):
            lines += [f"    if s & {1 << index}:", f"        m[{part.key!r}] = {_value(self, part)}"]
        for choice in parts:
            if isinstance(choice, Choice):
                lines += _choice(choice)
        return [*lines, "    return m"]


def _value(words: _Bulk, part: Member) -> str:
    return words.or_null(part.value) if part.null else part.value


def _choice(part: Choice) -> list[str]:
    count = len(part.members) + (not part.required)
    lines = [f"    c = b(8) % {count}"]
    for index, member in enumerate(part.members):
        lines.append(f"    {'el' if index else ''}if c == {index}:")
        lines.append(f"        m[{member.key!r}] = {member.value}")
    return lines
