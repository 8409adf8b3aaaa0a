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
# 0.4 waits for each promise before its next call (tinker.md section 3.3); 0.38 does not, nor maybe those between.
_PARALLEL = (0, 5)
_VERSION = re.compile(rb"(\d+)\.(\d+)")
T = TypeVar("T")


def hint(request: Request) -> str | None:
    """Told by headers; None where they say nothing. Any release of the SDK is taken for the nearest one."""
    agent = (request.header(b"user-agent") or b"").lower()
    runtime = (request.header(b"x-stainless-runtime") or b"").lower()
    if b"tinkex" in agent or b"elixir" in agent or runtime in (b"elixir", b"beam", b"erlang"):
        return TINKEX
    version = _version(request, agent)
    return None if version is None else OLD if version < _TURN else NEW


def in_order(request: Request) -> bool:
    """Whether the client sends a model's calls one after the other: what has not come before this one never will."""
    version = _version(request, (request.header(b"user-agent") or b"").lower())
    return version is not None and version < _PARALLEL


def _version(request: Request, agent: bytes) -> tuple[int, int] | None:
    """Of the SDK."""
    said = request.header(b"x-stainless-package-version") or request.header(b"x-sdk-version")
    if said is None and b"tinker/python" in agent:
        said = agent.rpartition(b" ")[2]
    match = _VERSION.search(said) if said else None
    return (int(match[1]), int(match[2])) if match else None


def fitted(value: T, dialect: str) -> T:
    """Without the fields that the dialect lacks."""
    if isinstance(value, list):
        made = [fitted(each, dialect) for each in value]
        changed = any(new is not each for new, each in zip(made, value, strict=True))
        return made if changed else value  # type: ignore[return-value]
    if not isinstance(value, Model):
        return value
    spec = value.WIRE
    if dialect not in spec.dialects:
        return value  # it is written in its usual dialect
    absent = _absent(spec, dialect) & value.model_fields_set
    fields = type(value).model_fields
    # Writers look at whether a field is set, or, where it can be missing, at whether it is.
    changes: dict[str, Any] = {name: MISSING for name in absent if fields[name].default is MISSING}
    for name, held in vars(value).items():
        if name not in absent and isinstance(held, Model | list):
            new = fitted(held, dialect)
            if new is not held:
                changes[name] = new
    if not absent and not changes:
        return value
    copy = value.model_copy(update=changes)
    copy.model_fields_set.difference_update(absent)
    return copy


@cache
def _absent(spec: MessageSpec, dialect: str) -> frozenset[str]:
    """Fields of other dialects."""
    rule = spec.rule(dialect)
    if not isinstance(rule, rules.Object):
        return frozenset()
    return frozenset(key.field for key in rule.keys if key.key == rules.ABSENT)
