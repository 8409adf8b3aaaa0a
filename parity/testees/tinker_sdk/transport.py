"""Calls about HTTP: retries, addresses, queries, headers, errors, event streams, forms, and the client's settings."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any

from parity.testees.tinker_sdk import offline
from parity.testees.tinker_sdk.answer import Call, Rejected, sdk
from parity.testees.tinker_sdk.clock import CLOCK

_base = sdk("_base_client")
_errors = sdk("_exceptions")
_holder = sdk("lib.internal_client_holder")


def calls() -> dict[str, Call]:
    return {
        "retry.decide": decide,
        "retry.delay": delay,
        "url.join": join,
        "query.format": query,
        "headers.merge": headers,
        "config.resolve": resolve,
        "error.kind": kind,
        "sse.decode": events,
        "multipart.encode": form,
    }


def _options(**told: Any) -> Any:
    return _base.FinalRequestOptions.construct(**{"method": "post", "url": "/x"} | told)


def decide(given: Any) -> Any:
    """Whether a client with one retry left asks twice."""
    CLOCK.start()
    seen: list[Any] = []
    tinker = offline.client(offline.answers([given], seen), max_retries=1)
    with suppress(offline.Again, _errors.APIError):
        asyncio.run(tinker.request(object, _options()))
    return len(seen) > 1


def delay(given: Any) -> Any:
    CLOCK.start(given["random"], given.get("now"))
    tinker = offline.client(offline.answers([]), max_retries=max(given["retry"] + 1, 10))
    told = _base.httpx.Headers(given.get("headers") or {})
    return tinker._calculate_retry_timeout(tinker.max_retries - given["retry"], _options(), told)


def join(given: Any) -> Any:
    return str(offline.client(offline.answers([]), base_url=given["base"])._prepare_url(given["path"]))


def query(given: Any) -> Any:
    made = sdk("_qs").Querystring(array_format=given["arrays"], nested_format=given["objects"])
    try:
        return made.stringify(given["params"])
    except NotImplementedError as error:
        raise Rejected("nested", error) from None


def headers(given: Any) -> Any:
    """The SDK's own merging, with other defaults than its own; what it adds about itself is left out."""
    omit = sdk("_types").Omit

    class Client(sdk("_client").AsyncTinker):  # type: ignore[misc]
        @property
        def default_headers(self) -> dict[str, Any]:
            return {**_told(given["defaults"]), **self._custom_headers}

    def _told(those: dict[str, Any] | None) -> dict[str, Any]:
        return {name: omit() if value is None else value for name, value in (those or {}).items()}

    client = Client(base_url="http://offline", api_key=offline.KEY, default_headers=_told(given.get("user")))
    built = client._build_headers(_options(headers=_told(given.get("call"))))
    named = {name.lower() for part in ("defaults", "user", "call") for name in given.get(part) or {}}
    return {name: built[name] for name in built if name in named}


def resolve(given: Any) -> Any:
    told = given["args"]
    names = {"base_url": "base_url", "api_key": "api_key", "timeout_s": "timeout", "max_retries": "max_retries"}
    seen: list[Any] = []

    async def create_session(request: Any) -> Any:
        seen.append(request)
        raise offline.Again

    with environ(given["env"]):
        try:
            arguments = {names[name]: value for name, value in told.items() if name in names}
            client = sdk("_client").AsyncTinker(**arguments)
        except sdk("").TinkerError as error:
            set_somehow = told.get("api_key") or given["env"].get("TINKER_API_KEY")
            raise Rejected("bad_api_key" if set_somehow else "no_api_key", error) from None
        holder = offline.holder(SimpleNamespace(service=SimpleNamespace(create_session=create_session)))
        with suppress(offline.Again):
            asyncio.run(_holder.InternalClientHolder._create_session(holder))
    timeout = client.timeout
    return {
        "base_url": str(client.base_url),
        "api_key": client.api_key if hasattr(client, "api_key") else asyncio.run(client._auth.get_token()),
        "timeout_s": getattr(timeout, "read", timeout),
        "max_retries": client.max_retries,
        # Out of a set: in no order.
        "tags": sorted(seen[0].tags),
    }


@contextmanager
def environ(told: dict[str, str]) -> Iterator[None]:
    """The process's own environment without anything of Tinker, and with what is told."""
    before = dict(os.environ)
    for name in before:
        if name.startswith(("TINKER_", "CLOUDFLARE_")):
            del os.environ[name]
    os.environ.update(told)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


_KINDS = {
    "BadRequestError": "bad_request",
    "AuthenticationError": "authentication",
    "BillingError": "billing",
    "PermissionDeniedError": "permission_denied",
    "NotFoundError": "not_found",
    "ConflictError": "conflict",
    "UnprocessableEntityError": "unprocessable",
    "RateLimitError": "rate_limit",
    "InternalServerError": "server",
}


def kind(given: Any) -> Any:
    body = given.get("body", "")
    raised = offline.error({"status": given["status"], "text" if isinstance(body, str) else "body": body})
    return {"kind": _KINDS.get(type(raised).__name__, "status"), "message": str(raised)}


def events(given: Any) -> Any:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in given["pieces"]:
            yield base64.b64decode(piece)

    async def read() -> list[Any]:
        return [event async for event in sdk("_streaming").SSEDecoder().aiter_bytes(pieces())]

    told = [{"event": e.event, "data": e.data, "id": e.id, "retry": e.retry} for e in asyncio.run(read())]
    return [{name: value for name, value in each.items() if value is not None} for each in told]


def form(given: Any) -> Any:
    files = [(name, (file, base64.b64decode(data), kind)) for name, file, kind, data in given["files"]]
    told = {"Content-Type": f"multipart/form-data; boundary={given['boundary']}"}
    fields: dict[str, list[str]] = {}
    for name, text in given["fields"]:
        fields.setdefault(name, []).append(text)
    data = {name: texts if len(texts) > 1 else texts[0] for name, texts in fields.items()}
    options = _options(headers=told, files=files, json_data=data)
    return offline.client(offline.answers([]))._build_request(options).read().decode()
