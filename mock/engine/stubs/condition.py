"""One condition of a match, compiled: what holds, what to say when it does not, and which facts it implies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from samewire.mock.v1.journal_wire import Difference
from samewire.mock.v1.match_wire import BodyMatch, TextMatch
from samewire_wire import MISSING

from mock.engine.stubs import values
from mock.engine.stubs.error import StubError
from mock.engine.stubs.json_path import JsonPath, Steps, join
from mock.engine.stubs.pattern import Pattern
from mock.engine.stubs.view import NOTHING, View

# Where in a request a scalar stands: ("rpc",), ("header", "accept"), ("body", ("model",)).
Place: TypeAlias = tuple[Any, ...]
# A request for which the condition holds has this value there. Values are strings, numbers, booleans or None.
Fact: TypeAlias = tuple[Place, Any]
_ARMS = "one of equals, subset, regex, contains and exists"
_TEXT_ARMS = "one of equals, regex, contains and exists"
_DEEPEST = 64  # facts of one value: more than tell stubs apart make the index slow
_TOLD = 10  # differences of one value


@dataclass(frozen=True, slots=True)
class Condition:
    """`differences` gives none when it holds. `weight`: how far a request is away for which it does not hold."""

    holds: Callable[[View], bool]
    differences: Callable[[View], list[Difference]]
    facts: tuple[Fact, ...] = ()
    weight: int = 1


def single(
    where: str,
    wanted: str,
    holds: Callable[[View], bool],
    got: Callable[[View], str],
    *facts: Fact,
    weight: int = 1,
) -> Condition:
    """A condition with one thing to say."""

    def differences(view: View) -> list[Difference]:
        return [] if holds(view) else [Difference(where=where, wanted=wanted, got=got(view))]

    return Condition(holds, differences, facts, weight)


def texts(kind: str, name: str, match: TextMatch, where: str) -> Condition:
    """On the values of a query parameter or header (`kind`), of which one must hold. Raises StubError."""
    place: Place = (kind, name)
    if kind == "header":
        key = name.lower().encode("latin-1", "replace")
        place = (kind, name.lower())
        read: Callable[[View], Sequence[str]] = lambda view: view.header(key)  # noqa: E731
    else:
        read = lambda view: view.query(name)  # noqa: E731
    facts: tuple[Fact, ...] = ()
    if match.exists is not None:
        exists = match.exists
        wanted = "to be there" if exists else "not to be there"

        def holds(view: View) -> bool:
            return bool(read(view)) is exists
    else:
        test, wanted = _text_test(match, where)
        if match.equals is not None:
            facts = ((place, match.equals),)

        def holds(view: View) -> bool:
            return any(map(test, read(view)))

    def got(view: View) -> str:
        return ", ".join(values.shown(each) for each in read(view)) or "nothing"

    return single(f"{kind} {name}", wanted, holds, got, *facts)


def _text_test(match: TextMatch, where: str) -> tuple[Callable[[str], bool], str]:
    if match.equals is not None:
        return match.equals.__eq__, f"equals {values.shown(match.equals)}"
    if match.regex is not None:
        pattern = Pattern(match.regex, join(where, "regex"))
        return pattern.found, f"matches {match.regex}"
    if match.contains is not None:
        part = match.contains
        return (lambda text: part in text), f"contains {values.shown(part)}"
    raise StubError(where, f"says nothing; it needs {_TEXT_ARMS}")


def body(match: BodyMatch, where: str) -> Condition:
    """On the JSON of the body. Raises StubError."""
    path = JsonPath("$" if match.path is None else match.path, join(where, "path"))
    if match.exists is not None:
        return _exists(path, match.exists)
    for wanted, test, exact in ((match.equals, values.equals, True), (match.subset, values.subset, False)):
        if wanted is not MISSING:
            return _valued(path, wanted, test(wanted), exact)
    longest: int | None = None
    if match.regex is not None:
        pattern = Pattern(match.regex, join(where, "regex"))
        found, longest, said = pattern.found, pattern.longest, f"matches {match.regex}"
    elif match.contains is not None:
        part = match.contains
        found, said = (lambda text: part in text), f"contains {values.shown(part)}"
    else:
        raise StubError(where, f"says nothing; it needs {_ARMS}")

    def test_text(value: Any) -> bool:
        return value is not NOTHING and found(value if value.__class__ is str else values.as_text(value))

    def got(value: Any) -> str:
        length = len(value if isinstance(value, str) else values.as_text(value))
        if longest is not None and length > longest:
            return f"{length} characters, and this pattern is tried on {longest} at most"
        return values.shown(value)

    return _tested(path, said, test_text, got)


def _exists(path: JsonPath, exists: bool) -> Condition:
    if path.steps is not None:
        first = path.first
        holds: Callable[[View], bool] = lambda view: (first(view.json()) is not NOTHING) is exists  # noqa: E731
    else:
        holds = lambda view: bool(path.select(view.json())) is exists  # noqa: E731
    return single(f"body {path.text}", "to be there" if exists else "not to be there", holds, _got(path, values.shown))


def _tested(path: JsonPath, wanted: str, test: values.Test, show: Callable[[Any], str], *facts: Fact) -> Condition:
    return single(f"body {path.text}", wanted, _holding(path, test), _got(path, show), *facts)


def _holding(path: JsonPath, test: values.Test) -> Callable[[View], bool]:
    first = path.first
    if path.steps is not None:
        return lambda view: test(first(view.json()))
    return lambda view: any(map(test, path.select(view.json())))


def _got(path: JsonPath, show: Callable[[Any], str]) -> Callable[[View], str]:
    def got(view: View) -> str:
        value = view.json()
        if value is NOTHING:
            return "a body that is no JSON" if view.request.body else "no body"
        return ", ".join(map(show, path.select(value)[:3])) or "nothing"

    return got


def _valued(path: JsonPath, wanted: Any, test: values.Test, exact: bool) -> Condition:
    """`exact`: equals; else subset."""
    said = f"{'equals' if exact else 'has'} {values.shown(wanted)}"
    facts = () if path.steps is None else tuple(islice(_facts(path.steps, wanted), _DEEPEST))
    plain = _tested(path, said, test, values.shown, *facts)
    if path.steps is None or not isinstance(wanted, dict | list):
        return plain

    def differences(view: View) -> list[Difference]:
        """Of large values only what differs."""
        value = path.first(view.json())
        if value.__class__ is not wanted.__class__:
            return plain.differences(view)
        apart = islice(values.apart(wanted, value, path.text, exact), _TOLD)
        return [
            Difference(where=f"body {at}", wanted=want if want == "nothing" else f"equals {want}", got=got)
            for at, want, got in apart
        ]

    return Condition(plain.holds, differences, plain.facts)


def _facts(steps: Steps, wanted: Any) -> Iterator[Fact]:
    for inner, leaf in values.leaves(wanted, steps):
        yield ("body", inner), leaf


def reader(place: Place) -> tuple[Callable[[View], Any], bool]:
    """What gives the value that a request has at a place (NOTHING where there is none), and whether it gives a sequence
    of values."""
    match place:
        case ("rpc",):
            return (lambda view: method.rpc if (method := view.request.rpc) is not None else NOTHING), False
        case ("method",):
            return (lambda view: view.request.method), False
        case ("path",):
            return (lambda view: view.request.path), False
        case ("query", name):
            return (lambda view: view.query(name)), True
        case ("header", name):
            key = name.encode("latin-1", "replace")
            return (lambda view: view.header(key)), True
        case ("body", steps):
            return _body_reader(steps), False
    raise AssertionError(place)


def _body_reader(steps: Steps) -> Callable[[View], Any]:
    from mock.engine.stubs.json_path import lookup

    look = lookup(steps)
    return lambda view: look(view.json())
