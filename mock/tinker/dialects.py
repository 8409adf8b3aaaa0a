"""Which generation of clients sent a request, and answers without what that generation does not know."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, TypeVar

from samewire_wire import MISSING, MessageSpec, Model
from samewire_wire import _rules as rules

from mock.engine.request import Request

OLD, NEW, TINKEX = "tinker-0.4.1", "tinker-0.38", "tinkex"
# From this release on the SDK sends defaults and no nulls, asks for its config first, and reads the newer answers.
_TURN = (0, 18)
_VERSION = re.compile(rb"(\d+)\.(\d+)")
T = TypeVar("T")


def hint(request: Request) -> str | None:
    """Told by headers; None where they say nothing. Any release of the SDK is taken for the nearest one."""
    agent = (request.header(b"user-agent") or b"").lower()
    runtime = (request.header(b"x-stainless-runtime") or b"").lower()
    if b"tinkex" in agent or b"elixir" in agent or runtime in (b"elixir", b"beam", b"erlang"):
        return TINKEX
    said = request.header(b"x-stainless-package-version") or request.header(b"x-sdk-version")
    if said is None and b"tinker/python" in agent:
        said = agent.rpartition(b" ")[2]
    match = _VERSION.search(said) if said else None
    if match is None:
        return None
    return OLD if (int(match[1]), int(match[2])) < _TURN else NEW


def fitted(value: T, dialect: str) -> T:
    """Without the fields that the dialect lacks."""
    if isinstance(value, list):
        return [fitted(each, dialect) for each in value]  # type: ignore[return-value]
    if not isinstance(value, Model):
        return value
    spec = value.WIRE
    if dialect not in spec.dialects:
        return value  # it is written in its usual dialect
    absent = _absent(spec, dialect)
    changes: dict[str, Any] = {}
    for name, held in vars(value).items():
        if name in absent:
            if held is not MISSING:
                changes[name] = MISSING
        elif isinstance(held, Model | list):
            new = fitted(held, dialect)
            if new is not held:
                changes[name] = new
    return value.model_copy(update=changes) if changes else value


@cache
def _absent(spec: MessageSpec, dialect: str) -> frozenset[str]:
    """Optional fields of other dialects."""
    rule = spec.rule(dialect)
    if not isinstance(rule, rules.Object) or spec.model is None:
        return frozenset()
    lacking = {key.field for key in rule.keys if key.key == rules.ABSENT}
    fields = spec.model.model_fields
    return frozenset(name for name in lacking if name in fields and fields[name].default is MISSING)
