"""Templates in what a stub answers: "{{ request.json.messages[0].role | upper }}".

    expression  value, then any number of filters: value | default("x") | upper
    value       request.json.a.b[0]["c d"]   the body as JSON
                request.headers.NAME         the first header of that name
                request.query.NAME           the first parameter of that name, decoded
                request.fields.NAME          a variable of the path, decoded
                request.path, request.method, request.body (as text)
                call                         how many times the stub answered, this answer included
                now                          seconds since 1970 on the session's clock
                uuid, random, random(1, 6)   seeded by the session; random is in [0, 1), with bounds it includes both
                "text", 1.5, true, false, null
    filters     default(x), json, upper, lower, int, float, string, length, base64, date, date("%Y-%m-%d")

A string that is one template alone becomes the value itself, of whatever type; within other text strings stand as they
are and all else as JSON. "{{ '{{' }}" gives "{{". A template is compiled once into functions; it can call nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final, Protocol
from uuid import UUID

import orjson

from mock.engine.clock import Clock
from mock.engine.stubs.error import StubError, meant
from mock.engine.stubs.filters import FILTERS, Unfit, as_text
from mock.engine.stubs.json_path import Steps, join, lookup
from mock.engine.stubs.view import NOTHING, View, text

OPEN: Final = "{{"
_TOKEN = re.compile(
    r"""\s*(?:(?P<end>\}\})|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_]))"""
    r"""|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<sign>[.\[\]()|,]))""",
    re.DOTALL,
)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_ROOTS = ("request", "call", "now", "uuid", "random")
_REQUEST = ("json", "headers", "query", "fields", "path", "method", "body")


class Session(Protocol):
    """What templates and delays need of a session."""

    clock: Clock
    random: Random


@dataclass(slots=True)
class Scene:
    """What one rendering sees. `fields`: variables of the path."""

    view: View
    session: Session
    call: int
    fields: dict[str, str]


class Unrendered(Exception):
    """A template without a value for this request; `str()` is one line: where, what, and what is missing."""


Render = Callable[[Scene], Any]


def compiled(value: Any, where: str) -> Render | None:
    """What renders a JSON value with templates in its strings; None for one without any. Raises StubError."""
    if isinstance(value, str):
        return _string(value, where) if OPEN in value else None
    if isinstance(value, list):
        items = [(each, compiled(each, join(where, index))) for index, each in enumerate(value)]
        if not any(render for _, render in items):
            return None
        return lambda scene: [render(scene) if render else each for each, render in items]
    if isinstance(value, dict):
        pairs = [(key, each, compiled(each, join(where, key))) for key, each in value.items()]
        if not any(render for _, _, render in pairs):
            return None
        return lambda scene: {key: render(scene) if render else each for key, each, render in pairs}
    return None


def compiled_text(value: str, where: str) -> Callable[[Scene], str] | None:
    """The same for what must be text in the end."""
    render = compiled(value, where)
    return None if render is None else lambda scene: as_text(render(scene))


def alone(value: str) -> bool:
    """Whether a string is one template and nothing else, so that it may become a value of any type."""
    parts = _Parser(value, "$").parts()
    return len(parts) == 1 and not isinstance(parts[0], str)


def _string(value: str, where: str) -> Render:
    parts = _Parser(value, where).parts()
    if len(parts) == 1 and not isinstance(parts[0], str):
        return parts[0]
    return lambda scene: "".join(each if isinstance(each, str) else as_text(each(scene)) for each in parts)


class _Parser:
    """Reads one string. `source` of a template is what stands between the braces."""

    def __init__(self, value: str, where: str) -> None:
        self._value = value
        self._where = where
        self._position = 0
        self._token: re.Match[str] | None = None

    def parts(self) -> list[str | Render]:
        """Text and templates as they follow each other."""
        parts: list[str | Render] = []
        while (begin := self._value.find(OPEN, self._position)) >= 0:
            if begin > self._position:
                parts.append(self._value[self._position : begin])
            self._position = begin + len(OPEN)
            self._next()
            evaluate = self._expression()
            if not self._is("end"):
                self._fail(f"expected }}}} or |, got {self._seen()}")
            parts.append(_checked(evaluate, self._value[begin : self._position], self._where))
        if self._position < len(self._value):
            parts.append(self._value[self._position :])
        return parts

    def _fail(self, reason: str) -> None:
        raise StubError(self._where, f"the template {self._value!r} can't be read: {reason}")

    def _next(self) -> None:
        self._token = _TOKEN.match(self._value, self._position)
        if self._token is None:
            rest = self._value[self._position :].strip()
            self._fail(f"unexpected {rest[:20]!r}" if rest else "}} is missing")
            return
        self._position = self._token.end()

    def _is(self, kind: str, sign: str | None = None) -> bool:
        token = self._token
        return token is not None and token.lastgroup == kind and (sign is None or token[kind] == sign)

    def _seen(self) -> str:
        return repr(self._token[0].strip()) if self._token else "nothing"

    def _take(self, kind: str) -> str:
        assert self._token
        taken = self._token[kind]
        self._next()
        return taken

    def _expression(self) -> Render:
        evaluate = self._primary()
        while self._is("sign", "|"):
            self._next()
            if not self._is("name"):
                self._fail(f"expected a filter, got {self._seen()}")
            evaluate = self._filtered(evaluate)
        return evaluate

    def _filtered(self, evaluate: Render) -> Render:
        assert self._token
        name = self._token["name"]
        if name not in FILTERS:
            self._fail(f"there is no filter {name!r}{meant(name, FILTERS)}; there are {', '.join(FILTERS)}")
        arguments = self._call()
        try:
            apply = FILTERS[name](*arguments)
        except (TypeError, ValueError) as error:
            self._fail(f"{name} can't be used like this: {error}")
            raise AssertionError from None
        return lambda scene: apply(evaluate(scene))

    def _call(self) -> list[Any]:
        """The arguments behind a name, none where there are no parentheses. Ends on the token behind."""
        self._next()
        if not self._is("sign", "("):
            return []
        self._next()
        arguments: list[Any] = []
        while not self._is("sign", ")"):
            arguments.append(self._literal())
            if not self._is("sign", ")"):
                if not self._is("sign", ","):
                    self._fail(f"expected , or ), got {self._seen()}")
                self._next()
        self._next()
        return arguments

    def _literal(self) -> Any:
        if self._is("text"):
            return _unquoted(self._take("text"))
        if self._is("number"):
            return orjson.loads(self._take("number"))
        if self._is("name") and self._token and self._token["name"] in _WORDS:
            return _WORDS[self._take("name")]
        self._fail(f"expected text, a number, true, false or null, got {self._seen()}")
        raise AssertionError

    def _primary(self) -> Render:
        if not self._is("name") or (self._token and self._token["name"] in _WORDS):
            value = self._literal()
            return lambda scene: value
        assert self._token
        name = self._token["name"]
        match name:
            case "request":
                self._next()
                return self._request()
            case "random":
                return self._random()
            case "call" | "now" | "uuid":
                self._next()
                return _SIMPLE[name]
        self._fail(f"there is no {name!r}{meant(name, _ROOTS)}; there are {', '.join(_ROOTS)}")
        raise AssertionError

    def _random(self) -> Render:
        bounds = self._call()
        if not bounds:
            return lambda scene: scene.session.random.random()
        if len(bounds) != 2 or not all(type(each) in (int, float) for each in bounds) or bounds[0] > bounds[1]:
            self._fail("random wants no bounds or two numbers, the lower first")
        low, high = bounds
        if isinstance(low, int) and isinstance(high, int):
            return lambda scene: scene.session.random.randint(low, high)
        return lambda scene: scene.session.random.uniform(low, high)

    def _request(self) -> Render:
        steps = self._steps()
        part = steps[0] if steps else ""
        if part not in _REQUEST:
            listed = ", ".join(f"request.{each}" for each in _REQUEST)
            self._fail(f"there is no request.{part}{meant(str(part), _REQUEST)}; there are {listed}")
        rest = steps[1:]
        if part == "json":
            look = lookup(rest)
            return lambda scene: look(scene.view.json())
        if part in ("path", "method", "body"):
            if rest:
                self._fail(f"request.{part} is text and has nothing in it")
            return _SIMPLE[f"request.{part}"]
        if not rest or not all(isinstance(each, str) for each in rest) or (part != "fields" and len(rest) > 1):
            self._fail(f'request.{part} wants one name: request.{part}.NAME or request.{part}["NAME"]')
        name = ".".join(map(str, rest))
        if part == "headers":
            key = name.lower().encode()
            return lambda scene: next(iter(scene.view.header(key)), NOTHING)
        if part == "query":
            return lambda scene: next(iter(scene.view.query(name)), NOTHING)
        return lambda scene: scene.fields.get(name, NOTHING)

    def _steps(self) -> Steps:
        """.a.b[0]["c"]"""
        steps: list[str | int] = []
        while self._is("sign", ".") or self._is("sign", "["):
            if self._is("sign", "."):
                self._next()
                if not self._is("name"):
                    self._fail(f"expected a name behind the dot, got {self._seen()}")
                steps.append(self._take("name"))
                continue
            self._next()
            step = self._literal()
            if not isinstance(step, str | int) or isinstance(step, bool):
                self._fail(f"expected an index or a name in brackets, got {step!r}")
            if not self._is("sign", "]"):
                self._fail(f"expected ], got {self._seen()}")
            self._next()
            steps.append(step)
        return tuple(steps)


_SIMPLE: dict[str, Render] = {
    "call": lambda scene: scene.call,
    "now": lambda scene: scene.session.clock.now(),
    "uuid": lambda scene: str(UUID(int=scene.session.random.getrandbits(128), version=4)),
    "request.path": lambda scene: scene.view.request.path,
    "request.method": lambda scene: scene.view.request.method,
    "request.body": lambda scene: text(scene.view.request.body),
}


def _unquoted(literal: str) -> str:
    return re.sub(
        r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), literal[1:-1], flags=re.DOTALL
    )


def _checked(evaluate: Render, source: str, where: str) -> Render:
    def render(scene: Scene) -> Any:
        try:
            value = evaluate(scene)
        except Unfit as error:
            raise Unrendered(f"{where}: {source}: {error}") from None
        if value is NOTHING:
            raise Unrendered(
                f"{where}: {source}: the request has nothing there; default(…) would say what to take then"
            )
        return value

    return render
