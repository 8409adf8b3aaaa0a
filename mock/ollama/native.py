"""Whether the definitions allow what a stub answers, templates left open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson
from samewire.mock.v1.match_wire import Match
from samewire_wire import MessageSpec, WireError

from mock.engine.stubs.error import StubError
from mock.engine.stubs.json_path import Steps, join
from mock.engine.stubs.template import OPEN, alone

if TYPE_CHECKING:
    from mock.engine.api import Apis, Method

# What a template may stand for, tried in this order at places where the definitions do not take the one before.
_ANYTHING: tuple[Any, ...] = ("x", 1, 0.5, True, {}, [], None, "1970-01-01T00:00:00Z", "eA==", "1s")
_TEXT: tuple[Any, ...] = ("x", "1", "1970-01-01T00:00:00Z", "eA==", "1s")
_VARIABLE = re.compile(r"\{[^/{}]*\}")


def method_of(match: Match, apis: Apis) -> Method | None:
    """The method that a stub is for, where its conditions say it: by rpc, or by HTTP method and path.

    A path that several methods have says none.
    """
    if match.rpc is not None:
        return apis.find(match.rpc)
    if match.path is None:
        return None
    path = _VARIABLE.sub("0", match.path)
    found = {
        method.rpc: method
        for method in apis.methods
        for route in method.routes
        if match.method in (None, route.verb) and re.match(route.match, path)
    }
    literal = [each for each in found.values() if any(route.path == match.path for route in each.routes)]
    return next(iter(literal or found.values())) if len(literal) == 1 or len(found) == 1 else None


def check(value: Any, method: Method, where: str) -> None:
    """Raises StubError with the path of the fault, if no dialect has such an answer, nor such a result of a promise."""
    specs = [method.response, *([method.result] if method.result is not None else [])]
    templates = dict(_templates(value, ()))
    faults: list[WireError] = []
    for spec in specs:
        for dialect in spec.dialects or ("protojson",):
            fault = _fault(value, spec, dialect, templates)
            if fault is None:
                return
            faults.append(fault)
    worst = max(faults, key=lambda fault: len(fault.path))
    about = f", field {worst.field} of {worst.owner}" if worst.field else ""
    raise StubError(
        where + worst.path.removeprefix("$"),
        f"{method.rpc} can't answer this: {worst.reason} ({worst.message}{about}); `unchecked` sends it all the same",
    )


def _fault(value: Any, spec: MessageSpec, dialect: str, templates: dict[Steps, tuple[Any, ...]]) -> WireError | None:
    """What is wrong whatever the templates become."""
    tried = dict.fromkeys(templates, 0)
    paths = {steps: _path(steps) for steps in templates}
    while True:
        data = value
        for steps, candidates in templates.items():
            data = _with(data, steps, candidates[min(tried[steps], len(candidates) - 1)])
        try:
            spec.read(orjson.dumps(data), dialect)
            return None
        except WireError as fault:
            about = [steps for steps, path in paths.items() if _touches(fault.path, path)]
            open_still = [steps for steps in about if tried[steps] < len(templates[steps]) - 1]
            if not open_still:
                # At a template nothing certain can be said, once nothing that was tried fits.
                return None if any(paths[steps] == fault.path for steps in about) else fault
            tried[open_still[0]] += 1


def _touches(fault: str, template: str) -> bool:
    """Whether one lies in the other: a union is refused as a whole for what is wrong in one of its parts."""
    return fault == "$" or template == fault or _within(fault, template) or _within(template, fault)


def _within(path: str, outer: str) -> bool:
    return path.startswith(outer) and path[len(outer) : len(outer) + 1] in (".", "[")


def _templates(value: Any, steps: Steps) -> Iterator[tuple[Steps, tuple[Any, ...]]]:
    """Where templates stand and what each may become."""
    if isinstance(value, str):
        if OPEN in value:
            yield steps, _ANYTHING if alone(value) else _TEXT
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _templates(each, (*steps, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _templates(each, (*steps, index))


def _path(steps: Steps) -> str:
    path = "$"
    for step in steps:
        path = join(path, step)
    return path


def _with(value: Any, steps: Steps, new: Any) -> Any:
    """A copy with one place changed."""
    if not steps:
        return new
    copy = value.copy()
    copy[steps[0]] = _with(value[steps[0]], steps[1:], new)
    return copy
