"""Regular expressions of ECMA 262, as the definitions say them, on engines that are here.

A pattern runs on the Rust engine that pydantic-core carries: it takes time linear in the text, whatever the pattern.
Only what that engine lacks (lookaround, back references, \\B) goes to Python's, which backtracks; there a repeated
group may hold neither another repeat nor an alternative, and texts are limited so that the worst case stays at about
ten million steps.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic_core import SchemaError, SchemaValidator, core_schema

from mock.engine.stubs.error import StubError

Ranges = list[tuple[int, int]]
_LAST = 0x10FFFF
_STEPS = 7  # powers of ten that the backtracking engine may take on one text
_COUNTED = 2500  # times that repeats within repeats may multiply to: linear time has a factor
_LONGEST = 1_000_000  # characters that it is ever given
_DIGIT: Ranges = [(0x30, 0x39)]
_WORD: Ranges = [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]
# WhiteSpace and LineTerminator of ECMA 262.
_SPACE: Ranges = [
    (0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
    (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
]  # fmt: skip
_NO_LINE_END: Ranges = [(0, 0x09), (0x0B, 0x0C), (0x0E, 0x2027), (0x202A, _LAST)]
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_CONTROLS = {"t": 0x09, "n": 0x0A, "v": 0x0B, "f": 0x0C, "r": 0x0D}
_SYNTAX = frozenset("^$\\.*+?()[]{}|/-")
_REPEAT = re.compile(r"[*+?]|\{(\d+)(,(\d*))?\}")
_GROUP = re.compile(r"\(\?(:|=|!|<=|<!|-?i:|<([A-Za-z_]\w*)>)")


class Pattern:
    """`found(text)`: whether it matches somewhere. `longest`: longer texts are not tried, None = all are.

    Raises StubError at `where` for what is no pattern of ECMA 262, or none that can be run here.
    """

    __slots__ = ("found", "longest", "source")

    def __init__(self, source: str, where: str) -> None:
        self.source = source
        self.longest: int | None = None
        reader = _Reader(source, where)
        reader.read()
        if reader.backtracks is None:
            try:
                self.found = linear("".join(reader.rust))
            except SchemaError as error:
                reason = [line.strip() for line in str(error).splitlines() if line.strip()][-1].removeprefix("error: ")
                raise StubError(where, f"the pattern {source!r} can't be used: {reason}") from None
            return
        if reader.rust_only is not None:
            raise StubError(
                where, f"the pattern {source!r} can't be used: {reader.rust_only} together with {reader.backtracks}"
            )
        self.longest = longest = min(int(10 ** (_STEPS / max(reader.degree, 1))), _LONGEST)
        try:
            search = re.compile("".join(reader.python), re.ASCII).search
        except (re.error, OverflowError, RecursionError) as error:
            raise StubError(where, f"the pattern {source!r} can't be used: {error}") from None
        self.found = lambda text: len(text) <= longest and search(text) is not None


def linear(pattern: str) -> Callable[[str], bool]:
    """Whether a pattern of the Rust engine matches somewhere. Raises SchemaError for what it does not take."""
    schema = core_schema.str_schema(pattern=pattern, regex_engine="rust-regex", strict=True)
    return SchemaValidator(schema).isinstance_python


@dataclass(slots=True)
class _Open:
    """A group that is being read. `degree`: repeats without a bound in it, the power that backtracking may reach."""

    lookaround: bool = False
    degree: int = 0
    inner: int = 0  # the highest degree of a lookaround within: those are not entered again
    counted: int = 1  # how often a part of it may come by repeats within repeats with a bound
    repeats: bool = False
    alternatives: bool = False


@dataclass
class _Reader:
    """Reads the pattern once, and writes it for both engines."""

    source: str
    where: str
    position: int = 0
    rust: list[str] = field(default_factory=list)
    python: list[str] = field(default_factory=list)
    backtracks: str | None = None  # what needs the backtracking engine
    rust_only: str | None = None  # what only the other has
    open: list[_Open] = field(default_factory=lambda: [_Open()])
    groups: int = 0
    risky: str | None = None

    def read(self) -> None:
        last: _Open | str | None = None  # what a repeat would apply to: a group, "atom", or nothing
        while self.position < len(self.source):
            char = self.source[self.position]
            if repeat := _REPEAT.match(self.source, self.position):
                self._repeat(repeat, last)
                last = None
            elif char == "(":
                self._group()
                last = None
            elif char == ")":
                last = self._close()
            else:
                last = self._atom(char)
        if len(self.open) > 1:
            self._refuse("a ( is not closed")
        if self.backtracks and self.risky:
            self._refuse(f"{self.risky}, which may take for ever in a pattern with {self.backtracks}")

    @property
    def degree(self) -> int:
        """The power of the text's length that backtracking may take; a pattern that begins anywhere has one more."""
        return self.open[0].degree + self.open[0].inner + (not self.source.startswith("^"))

    def _refuse(self, reason: str) -> None:
        raise StubError(self.where, f"{self.source!r} is no pattern of ECMA 262 that can be used here: {reason}")

    def _emit(self, rust: str, python: str | None = None) -> None:
        self.rust.append(rust)
        self.python.append(rust if python is None else python)

    def _repeat(self, repeat: re.Match[str], last: _Open | str | None) -> None:
        text = repeat[0]
        if last is None or (isinstance(last, _Open) and last.lookaround):
            self._refuse(f"there is nothing that {text!r} at {self.position} could repeat")
        low, bounds, high = repeat.groups()
        if low is not None and high and int(high) < int(low):
            self._refuse(f"{text} ends before it begins")
        self.position = repeat.end()
        lazy = self.source.startswith("?", self.position)
        self.position += lazy
        self._emit(text + "?" * lazy)
        group = self.open[-1]
        group.repeats = True
        count = int(high or low or 1)
        if isinstance(last, _Open) and min(count, last.counted) > 1 and count * last.counted > _COUNTED:
            self._refuse(f"with {text} a repeat within a repeat comes {count * last.counted} times; {_COUNTED} at most")
        group.counted = max(group.counted, count * last.counted if isinstance(last, _Open) else count)
        if text in "*+" or (bounds and not high):
            group.degree += 1
        if isinstance(last, _Open) and text != "?" and (last.repeats or last.alternatives):
            self.risky = "a group that holds a repeat or alternatives is repeated"

    def _group(self) -> None:
        if not self.source.startswith("(?", self.position):
            self.position += 1
            self.groups += 1
            self.open.append(_Open())
            self._emit("(")
            return
        head = _GROUP.match(self.source, self.position)
        if head is None:
            self._refuse(f"{self.source[self.position : self.position + 4]!r} is unknown")
            return
        kind = head[1]
        self.position = head.end()
        lookaround = kind in ("=", "!", "<=", "<!")
        if lookaround:
            self.backtracks = "lookaround"
        self.groups += head[2] is not None
        self.open.append(_Open(lookaround))
        self._emit(f"(?P<{head[2]}>" if head[2] else head[0])

    def _close(self) -> _Open:
        if len(self.open) == 1:
            self._refuse(f"the ) at {self.position} closes nothing")
        self.position += 1
        self._emit(")")
        done, outer = self.open.pop(), self.open[-1]
        outer.counted = max(outer.counted, done.counted)
        if done.lookaround:
            outer.inner = max(outer.inner, done.degree + done.inner)
        else:
            outer.degree += done.degree
            outer.inner = max(outer.inner, done.inner)
            outer.repeats |= done.repeats
            outer.alternatives |= done.alternatives
        return done

    def _atom(self, char: str) -> str | None:
        """One character of the source, or an escape, or a class; "atom" where it can be repeated."""
        if char == "[":
            self._class()
            return "atom"
        if char == "\\":
            return self._escape()
        self.position += 1
        match char:
            case "^":
                self._emit("^")
                return None
            case "$":
                self._emit(r"\z", r"\Z")
                return None
            case "|":
                self.open[-1].alternatives = True
                self._emit("|")
                return None
            case ".":
                self._ranges(_NO_LINE_END)
            case _:
                self._char(ord(char))
        return "atom"

    def _escape(self) -> str | None:
        after = self.source[self.position + 1 : self.position + 2]
        if after in ("b", "B") and after:
            self.position += 2
            if after == "B":
                self.backtracks = r"\B"
            self._emit(r"(?-u:\b)", rf"\{after}")
            return None
        if after.isdecimal() and after != "0":
            self.backtracks = "back references"
            digits = re.match(r"\d+", self.source[self.position + 1 :])
            assert digits
            self.position += 1 + digits.end()
            self._emit("", f"(?:\\{digits[0]})")
            return "atom"
        if after == "k":
            name = re.match(r"\\k<([A-Za-z_]\w*)>", self.source[self.position :])
            if name is None:
                self._refuse("\\k wants a name: \\k<name>")
                return None
            self.backtracks = "back references"
            self.position += name.end()
            self._emit("", f"(?P={name[1]})")
            return "atom"
        if after in ("p", "P") and (prop := re.match(r"\\[pP]\{[A-Za-z_=]+\}", self.source[self.position :])):
            self.rust_only = prop[0]
            self.position += prop.end()
            self._emit(prop[0])
            return "atom"
        found = self._character()
        if isinstance(found, int):
            self._char(found)
        else:
            self._ranges(found)
        return "atom"

    def _character(self) -> int | Ranges:
        """What an escape means in and out of a class: a code point, or the ranges of \\d and its kind."""
        rest = self.source[self.position + 1 :]
        char = rest[:1]
        length = 1
        found: int | Ranges
        if char.lower() in _CLASSES and char:
            ranges = _CLASSES[char.lower()]
            found = _others(ranges) if char.isupper() else ranges
        elif char in _CONTROLS:
            found = _CONTROLS[char]
        elif char == "0" and not rest[1:2].isdecimal():
            found = 0
        elif control := re.match(r"c([A-Za-z])", rest):
            found, length = ord(control[1]) % 32, 2
        elif code := re.match(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}", rest):
            found, length = int(code[1] or code[2] or code[3], 16), code.end()
            low = re.match(r"\\u([dD][c-fC-F][0-9A-Fa-f]{2})", rest[length:])
            if 0xD800 <= found < 0xDC00 and low:
                found, length = 0x10000 + ((found - 0xD800) << 10) + int(low[1], 16) - 0xDC00, length + low.end()
            if found > _LAST or 0xD800 <= found < 0xE000:
                self._refuse(f"\\{rest[:length]} is no character")
        elif char in _SYNTAX and char:
            found = ord(char)
        else:
            self._refuse(f"the escape \\{char} is unknown" if char else "it ends in a \\")
            raise AssertionError
        self.position += 1 + length
        return found

    def _class(self) -> None:
        self.position += 1
        negated = self.source.startswith("^", self.position)
        self.position += negated
        ranges: Ranges = []
        props: list[str] = []
        while not self.source.startswith("]", self.position):
            if self.position >= len(self.source):
                self._refuse("a [ is not closed")
            if prop := re.match(r"\\[pP]\{[A-Za-z_=]+\}", self.source[self.position :]):
                self.rust_only = prop[0]
                props.append(prop[0])
                self.position += prop.end()
                continue
            first = self._member()
            dash = self.source.startswith("-", self.position) and not self.source.startswith("]", self.position + 1)
            if not dash or isinstance(first, list):
                ranges += first if isinstance(first, list) else [(first, first)]
                continue
            self.position += 1
            last = self._member()
            if isinstance(last, list):
                ranges += [(first, first), (0x2D, 0x2D), *last]
            elif last < first:
                self._refuse(f"the range {chr(first)}-{chr(last)} ends before it begins")
            else:
                ranges.append((first, last))
        self.position += 1
        if not props:
            self._ranges(_others(ranges) if negated else ranges)
            return
        self._emit(f"[{'^' * negated}{''.join(props)}{_written(ranges, _rust)}]")

    def _member(self) -> int | Ranges:
        if self.position >= len(self.source):
            self._refuse("a [ is not closed")
        if self.source.startswith("\\b", self.position):
            self.position += 2
            return 0x08
        if self.source.startswith("\\", self.position):
            return self._character()
        self.position += 1
        return ord(self.source[self.position - 1])

    def _char(self, code: int) -> None:
        self._emit(_rust(code), _python(code))

    def _ranges(self, ranges: Ranges) -> None:
        if not ranges:  # nothing matches an empty class
            self._emit(r"[^\x{0}-\x{10ffff}]", r"[^\x00-\U0010ffff]")
            return
        self._emit(f"[{_written(ranges, _rust)}]", f"[{_written(ranges, _python)}]")


def _others(ranges: Ranges) -> Ranges:
    """All code points but these."""
    result: Ranges = []
    begin = 0
    for first, last in sorted(ranges):
        if first > begin:
            result.append((begin, first - 1))
        begin = max(begin, last + 1)
    return result + ([(begin, _LAST)] if begin <= _LAST else [])


def _written(ranges: Ranges, write: Callable[[int], str]) -> str:
    return "".join(write(first) if first == last else f"{write(first)}-{write(last)}" for first, last in ranges)


def _plain(code: int) -> bool:
    return code < 128 and chr(code).isalnum()


def _rust(code: int) -> str:
    # A range may begin or end among the surrogates, which the engine knows no more than text has them.
    code = 0xD7FF if 0xD800 <= code < 0xDC00 else 0xE000 if 0xDC00 <= code < 0xE000 else code
    return chr(code) if _plain(code) else f"\\x{{{code:x}}}"


def _python(code: int) -> str:
    return chr(code) if _plain(code) else f"\\U{code:08x}"
