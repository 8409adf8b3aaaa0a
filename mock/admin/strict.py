"""Bodies of the admin service are read as they are: a key that is not known is a typing error, and is told as one.

(The engine reads bodies of APIs as servers do, which forgive unknown keys.)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import orjson
from samewire_wire import MessageSpec, registry
from samewire_wire import _rules as rules

from mock.engine import reading

if TYPE_CHECKING:
    from mock.engine.api import Method, Route
    from mock.engine.request import Request


def check(request: Request) -> None:
    """Raises WireError with the path in the body as it was sent, ValueError for what is no JSON, and for a parameter of
    the query that means nothing.
    """
    method = request.rpc
    if method is None or reading.is_binary(request):
        return
    route = _route(method, request)
    if route is None:
        return
    if route.body != "*":
        _check_query(request, method)
    if not route.body:
        return
    if not request.body:
        raise ValueError("missing request body")
    data = reading.plain(request)
    if route.body != "*":
        spec = _field(method.request, route.body)
        if spec is not None:
            spec.read(data, None)
        return
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"the body is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise ValueError("the body is no JSON object")
    method.request.read(reading.text(value | (request.fields or {})), None)


def _route(method: Method, request: Request) -> Route | None:
    for route in method.routes:
        if route.verb == request.method and re.match(route.match, request.path):
            return route
    return None


def _check_query(request: Request, method: Method) -> None:
    known = _keys(method.request)
    for name, _ in parse_qsl(request.query, keep_blank_values=True):
        if name.partition(".")[0] not in known:
            takes = ", ".join(sorted(set(known) - set(request.fields or {}))) or "none"
            raise ValueError(f"no parameter {name!r} is known here; there are {takes}")


def _keys(spec: MessageSpec) -> dict[str, rules.Key]:
    if not spec.dialects:  # google.protobuf.Empty
        return {}
    rule = spec.rule(spec.dialects[0])
    return {key.key: key for key in rule.keys} if isinstance(rule, rules.Object) else {}


def _field(spec: MessageSpec, name: str) -> MessageSpec | None:
    """The message of a field; None where it is any JSON."""
    kind = _keys(spec)[name].type
    return registry.find(kind.message) if isinstance(kind, rules.Ref) else None
