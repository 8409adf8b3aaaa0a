"""Whether a request is the one that is meant. Used by stubs, fault rules, journal queries and verifications."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from samewire.mock.v1.journal_wire import Difference
from samewire.mock.v1.match_wire import Match
from samewire_wire import MessageSpec

from mock.engine import reading
from mock.engine.request import Request
from mock.engine.stubs.calls import Calls
from mock.engine.stubs.condition import Condition, Fact, body, single, texts
from mock.engine.stubs.error import StubError, meant
from mock.engine.stubs.json_path import join
from mock.engine.stubs.pattern import Pattern
from mock.engine.stubs.view import View

if TYPE_CHECKING:
    from mock.engine.api import Apis, Method

_VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_PROTOJSON = "protojson"
_ROUTE = 4  # weight of another method or path: as much as four other conditions


class Matcher:
    """Everything that `match` says but its call range, compiled. `calls` counts where there is one: whoever uses the
    matcher takes a turn for each request that matches (`calls.take()`).

    `facts`: what a request that matches has at certain places, for an index. `where`: the JSON path of `match`.
    Raises StubError for a bad pattern or path, and for a method, message or dialect that is not known.
    """

    __slots__ = ("_conditions", "_names", "_path", "calls", "facts", "holds")

    def __init__(self, match: Match, apis: Apis, where: str = "$") -> None:
        method = _method(match, apis, where)
        conditions: list[Condition] = []
        if match.rpc is not None:
            conditions.append(_rpc(match.rpc))
        if match.method is not None:
            conditions.append(_verb(match.method, join(where, "method")))
        self._path: re.Pattern[str] | None = None
        self._names: tuple[str, ...] = ()
        if match.path is not None:
            self._path, self._names = _template(match.path, join(where, "path"))
            conditions.append(_path(match.path, self._path))
        if match.path_regex is not None:
            pattern = Pattern(match.path_regex, join(where, "path_regex"))
            conditions.append(
                single(
                    "path",
                    f"matches {pattern.source}",
                    lambda view: pattern.found(view.request.path),
                    lambda view: view.request.path,
                    weight=_ROUTE,
                )
            )
        for name, each in match.query.items():
            conditions.append(texts("query", name, each, join(join(where, "query"), name)))
        for name, each in match.headers.items():
            if not _TOKEN.fullmatch(name):
                raise StubError(join(where, "headers"), f"{name!r} is no name of a header")
            conditions.append(texts("header", name, each, join(join(where, "headers"), name)))
        for index, part in enumerate(match.body):
            conditions.append(body(part, join(join(where, "body"), index)))
        if match.message is not None or match.dialect is not None:
            conditions.append(_decodes(match, method, apis, where))
        self._conditions = tuple(conditions)
        self.calls = Calls(match.calls, join(where, "calls")) if match.calls is not None else None
        self.facts: tuple[Fact, ...] = tuple(fact for condition in conditions for fact in condition.facts)
        # Whether all conditions hold, for a request that several matchers look at.
        self.holds = _all([condition.holds for condition in conditions])

    def matches(self, request: Request) -> bool:
        return self.holds(View(request))

    def differences(self, request: Request) -> list[Difference]:
        """All that keeps the request from matching; none when it matches."""
        return self.differences_in(View(request))

    def differences_in(self, view: View) -> list[Difference]:
        return [each for condition in self._conditions for each in condition.differences(view)]

    def distance(self, view: View) -> int:
        """How far a request is from matching: conditions that do not hold; another method or path counts more."""
        distance = 0
        for condition in self._conditions:
            if not condition.holds(view):
                distance += condition.weight
        return distance

    def fields(self, request: Request) -> dict[str, str]:
        """What the variables of `path` stand for, percent-decoded; of a request that matches."""
        found = self._path.match(request.path) if self._path is not None else None
        return dict(zip(self._names, map(unquote, found.groups()), strict=True)) if found else {}


def _all(tests: list[Callable[[View], bool]]) -> Callable[[View], bool]:
    match tests:
        case []:
            return lambda view: True
        case [one]:
            return one
        case [one, two]:
            return lambda view: one(view) and two(view)
        case [one, two, three]:
            return lambda view: one(view) and two(view) and three(view)

    def holds(view: View) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs more than all the tests
            if not test(view):
                return False
        return True

    return holds


def _method(match: Match, apis: Apis, where: str) -> Method | None:
    if match.rpc is None:
        return None
    try:
        return apis.method(match.rpc)
    except LookupError as error:
        raise StubError(join(where, "rpc"), str(error)) from None


def _rpc(rpc: str) -> Condition:
    def holds(view: View) -> bool:
        method = view.request.rpc
        return method is not None and method.rpc == rpc

    def got(view: View) -> str:
        method = view.request.rpc
        return (
            f"no method of the definitions: {view.request.method} {view.request.path}" if method is None else method.rpc
        )

    return single(
        "rpc",
        rpc,
        lambda view: (method := view.request.rpc) is not None and method.rpc == rpc,
        got,
        (("rpc",), rpc),
        weight=_ROUTE,
    )


def _verb(verb: str, where: str) -> Condition:
    if not _TOKEN.fullmatch(verb) or verb != verb.upper():
        hint = f"; did you mean {verb.upper()!r}?" if _TOKEN.fullmatch(verb) else ""
        raise StubError(where, f"{verb!r} is no HTTP method in upper case{hint}")
    return single(
        "method", verb, lambda view: view.request.method == verb, lambda view: view.request.method, (("method",), verb)
    )


def _template(path: str, where: str) -> tuple[re.Pattern[str] | None, tuple[str, ...]]:
    """The pattern of a path with variables, None for one without; and their names."""
    if not path.startswith("/"):
        raise StubError(where, f"{path!r} does not begin with /")
    if "?" in path or "#" in path:
        raise StubError(where, f"{path!r} is more than a path; parameters belong in `query`")
    parts = _VARIABLE.split(path)
    if any(char in part for part in parts[::2] for char in "{}"):
        raise StubError(where, f"{path!r} has a brace that is no variable like {{id}}")
    names = tuple(parts[1::2])
    if len(set(names)) < len(names):
        raise StubError(where, f"{path!r} has a variable twice")
    if not names:
        return None, ()
    return re.compile("([^/]+)".join(map(re.escape, parts[::2])) + r"\Z"), names


def _path(path: str, template: re.Pattern[str] | None) -> Condition:
    def got(view: View) -> str:
        return view.request.path

    if template is None:
        return single("path", path, lambda view: view.request.path == path, got, (("path",), path), weight=_ROUTE)
    match = template.match
    return single("path", path, lambda view: match(view.request.path) is not None, got, weight=_ROUTE)


def _decodes(match: Match, method: Method | None, apis: Apis, where: str) -> Condition:
    """That the body decodes as a message, in a dialect if one is said."""
    spec: MessageSpec | None = None
    if match.message is not None:
        try:
            spec = apis.message(match.message)
        except LookupError as error:
            raise StubError(join(where, "message"), str(error)) from None
    dialect = match.dialect
    if dialect is not None:
        known = _dialects(spec, method, apis)
        if dialect not in known:
            raise StubError(
                join(where, "dialect"),
                f"no dialect {dialect!r} is known here{meant(dialect, known)}; there are {', '.join(sorted(known))}",
            )

    def problem(view: View) -> str | None:
        try:
            if spec is not None:
                _read_body(view.request, spec, dialect)
            elif dialect is not None:
                _read_call(view.request, dialect)
        except (ValueError, LookupError) as error:
            return " ".join(str(error).split()) or type(error).__name__
        return None

    what = " ".join(
        part
        for part in ("decodes", f"as {match.message}" if match.message else "", f"in {dialect}" if dialect else "")
        if part
    )
    return single(
        "message" if spec else "dialect", what, lambda view: problem(view) is None, lambda view: str(problem(view))
    )


def _dialects(spec: MessageSpec | None, method: Method | None, apis: Apis) -> set[str]:
    if spec is not None:
        return {*spec.dialects, _PROTOJSON}
    if method is not None:
        return set(method.dialects)
    return {dialect for each in apis.methods for dialect in each.dialects}


def _read_call(request: Request, dialect: str) -> None:
    """The request as its method's message, of path, query and body. Raises ValueError, LookupError."""
    method = request.rpc
    if method is None:
        raise LookupError(f"no method of the definitions: {request.method} {request.path}")
    if dialect not in method.dialects:
        raise LookupError(f"{method.rpc} is not in {dialect}; it has {', '.join(method.dialects)}")
    value = request.json() if request.protocol == "gRPC" else _composed(request, method, dialect)
    method.request.read(reading.text(value), dialect)


def _composed(request: Request, method: Method, dialect: str) -> Any:
    """The message in JSON, of path, query and body."""
    for route in method.routes:
        if route.verb == request.method and re.match(route.match, request.path):
            return reading.compose(request, method.request, route, dialect, raw="")
    return request.json()


def _read_body(request: Request, spec: MessageSpec, dialect: str | None) -> Any:
    if reading.is_binary(request) or reading.is_form(request):
        return spec.read(reading.text(request.json()), dialect)
    return spec.read(reading.plain(request), dialect)
