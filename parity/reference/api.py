"""Methods of the API by their names, with routes and messages as proto/tinker/v1/service.proto has them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote

from samewire_wire import Model, WireError
from tinker.v1 import service_wire

from parity.reference import query
from parity.reference.config import Config
from parity.reference.errors import ValidationError
from parity.reference.http import Answer, Call, Http

M = TypeVar("M", bound=Model)
_SAFE = "/:@!$&'()*+,;=~"
"""In a path, RFC 3986: a checkpoint's name spans two segments, a model's has colons."""
_VARIABLE = re.compile(r"\{([a-z_]+)(=[^}]*)?\}")


@dataclass(frozen=True)
class Route:
    """`body`: "*" all of the request, a field, or "" for none; what is in neither path nor body goes into the query."""

    verb: str
    path: str
    body: str
    fields: tuple[str, ...]


@cache
def routes() -> Mapping[str, Route]:
    """By method, e.g. "CreateModel"."""
    table = json.loads(service_wire.FILE.part("routes").TABLE)
    found: dict[str, Route] = {}
    for method in table["methods"]:
        route = method["routes"][0]
        found[method["method"]] = Route(route["verb"], route["path"], route["body"], tuple(route["fields"]))
    return found


class Api:
    """Typed calls in one dialect."""

    def __init__(self, http: Http, config: Config) -> None:
        self._http = http
        self._dialect = config.dialect.name

    async def ask(
        self,
        method: str,
        request: Model,
        response: type[M],
        *,
        headers: Mapping[str, str | None] | None = None,
        timeout_s: float | None = None,
        max_retries: int | None = None,
    ) -> M:
        """Raises what Http.send raises, ValidationError for an answer that is no `response`."""
        answer = await self.send(method, request, headers=headers, timeout_s=timeout_s, max_retries=max_retries)
        return self.read(response, answer)

    async def send(
        self,
        method: str,
        request: Model,
        *,
        headers: Mapping[str, str | None] | None = None,
        timeout_s: float | None = None,
        max_retries: int | None = None,
        follow_redirects: bool = True,
        body: bytes | None = None,
    ) -> Answer:
        """Without a look at what the answer is. `body`: instead of the request's own."""
        route = routes()[method]
        call = Call(
            method=route.verb,
            path=_VARIABLE.sub(lambda match: quote(str(getattr(request, match[1])), safe=_SAFE), route.path),
            body=self._body(route, request) if body is None else body,
            query=self._query(route, request),
            headers=headers or {},
            timeout_s=timeout_s,
            max_retries=max_retries,
            follow_redirects=follow_redirects,
        )
        return await self._http.send(call)

    def read(self, response: type[M], answer: Answer) -> M:
        """Raises ValidationError."""
        try:
            return response.from_wire(answer.body, self._dialect)
        except WireError as error:
            raise ValidationError(f"the answer is not what it should be: {error}") from error

    def _body(self, route: Route, request: Model) -> bytes | None:
        if not route.body:
            return None
        if route.body == "*":
            return request.to_wire(self._dialect)
        part: Model = getattr(request, route.body)
        return part.to_wire(self._dialect)

    def _query(self, route: Route, request: Model) -> str:
        if route.body == "*":
            return ""
        told: dict[str, Any] = json.loads(request.to_wire(self._dialect))
        return query.format_({name: value for name, value in told.items() if name not in (*route.fields, route.body)})
