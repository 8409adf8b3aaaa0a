"""JSONPath (RFC 9535), with plain paths like $.a.b[0].c as plain lookups."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson

from mock.engine.stubs.error import StubError
from mock.engine.stubs.view import NOTHING

Steps = tuple[str | int, ...]
_STEP = re.compile(
    r"""\.([A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_\u0080-\U0010ffff]*)|\[(0|-?[1-9][0-9]{0,14})\]"""
    r"""|\['([^'"\\\x00-\x1f]*)'\]|\["([^'"\\\x00-\x1f]*)"\]"""
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REMEMBERED = 256  # patterns of match() and search() in filters


class JsonPath:
    """`steps`: the keys and indexes of a path that selects at most one value in a plain way; None for all others.

    Raises StubError at `where` for text that is no JSONPath.
    """

    __slots__ = ("_query", "first", "steps", "text")

    def __init__(self, text: str, where: str) -> None:
        self.text = text
        self.steps = plain_steps(text)
        self._query: Any = None
        # The value, or NOTHING; of a path that may select several, the first.
        self.first: Callable[[Any], Any]
        if self.steps is not None:
            self.first = lookup(self.steps)
        else:
            self._query = _compile(text, where)
            self.first = lambda value: next(iter(self.select(value)), NOTHING)

    def select(self, value: Any) -> list[Any]:
        """All values that the path selects; none where the value nests too deep for `..`."""
        if self._query is None:
            found = self.first(value)
            return [] if found is NOTHING else [found]
        if value is NOTHING:
            return []
        from jsonpath_rfc9535 import JSONPathError

        try:
            return [node.value for node in self._query.finditer(value)]
        except (JSONPathError, RecursionError):
            return []


def plain_steps(text: str) -> Steps | None:
    """("a", "b", 0) of "$.a.b[0]"; None where it takes more than names and indexes."""
    if not text.startswith("$"):
        return None
    steps: list[str | int] = []
    position = 1
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            return None
        name, index, single, double = match.groups()
        steps.append(
            int(index) if index is not None else next(each for each in (name, single, double) if each is not None)
        )
        position = match.end()
    return tuple(steps)


def lookup(steps: Steps) -> Callable[[Any], Any]:
    """What takes these steps into a JSON value; gives NOTHING where one of them can't be taken."""
    if not steps:
        return lambda value: value
    if len(steps) == 1 and isinstance(steps[0], str):
        name = steps[0]
        return lambda value: value.get(name, NOTHING) if value.__class__ is dict else NOTHING

    def look(value: Any) -> Any:
        for step in steps:
            if step.__class__ is str:
                if value.__class__ is not dict:
                    return NOTHING
                value = value.get(step, NOTHING)
            elif value.__class__ is not list:
                return NOTHING
            else:
                try:
                    value = value[step]  # type: ignore[index]
                except IndexError:
                    return NOTHING
        return value

    return look


def join(path: str, step: str | int) -> str:
    """The path of a child."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{step}" if _NAME.fullmatch(step) else f"{path}[{orjson.dumps(step).decode()}]"


def _compile(text: str, where: str) -> Any:
    from jsonpath_rfc9535 import JSONPathError

    try:
        return _environment().compile(text)
    except (JSONPathError, RecursionError, OverflowError) as error:  # the last for an index like 1e999
        reason = " ".join(str(getattr(error, "message", error)).split()) or "nests too deep"
        hint = "" if text.startswith("$") else "; a path begins with $"
        raise StubError(where, f"{text!r} is no JSONPath: {reason}{hint}") from None


@lru_cache(1)
def _environment() -> Any:
    # Imported late: most stubs have plain paths, and a server must start quickly.
    from iregexp_check import check
    from jsonpath_rfc9535 import JSONPathEnvironment

    from mock.engine.stubs.pattern import linear

    @lru_cache(_REMEMBERED)
    def compiled(pattern: str, whole: bool) -> Callable[[str], bool] | None:
        # In an I-Regexp (RFC 9485) the dot leaves out two characters, and ^ and $ stand for themselves.
        if not check(pattern):
            return None
        special = {".": r"[^\n\r]", "^": r"\^", "$": r"\$"}
        translated = re.sub(r"(\\.|\[(?:\\.|[^\]\\])*\])|[.^$]", lambda m: m[1] or special[m[0]], pattern)
        return linear(rf"^(?:{translated})$" if whole else translated)

    def linearly(function: Any, whole: bool) -> Any:
        """match() or search() of the RFC, on the engine that takes linear time."""

        def call(self: Any, string: object, pattern: object) -> bool:
            if not isinstance(string, str) or not isinstance(pattern, str):
                return False
            test = compiled(pattern, whole)
            return test is not None and test(string)

        kind = type(function)
        return type(kind.__name__, (kind,), {"__call__": call})()

    environment: Any = JSONPathEnvironment()
    # Its second release, for Python 3.12 and above, calls them otherwise.
    functions = environment.functions if hasattr(environment, "functions") else environment.function_extensions
    functions["match"] = linearly(functions["match"], whole=True)
    functions["search"] = linearly(functions["search"], whole=False)
    return environment
