"""The SDK's own HTTP client without a network: what it asks is answered by a list of answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from parity.testees.tinker_sdk.answer import sdk

httpx = sdk("_base_client").httpx
KEY = "tml-offline"
Handler = Callable[[Any], Any]
"""From an httpx.Request to an httpx.Response; may raise what a transport raises."""


class Again(BaseException):
    """Asked once more than there are answers. No Exception: nobody in the SDK takes it for a failure of the network."""


def client(handler: Handler, **arguments: Any) -> Any:
    """An AsyncTinker."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(handler), follow_redirects=True)
    made = sdk("_client").AsyncTinker(**{"base_url": "http://offline", "api_key": KEY} | arguments, http_client=http)
    # As if it had sent something before: the first time it looks up its platform in a thread.
    made._platform = "Linux"
    return made


def answers(told: list[dict[str, Any]], seen: list[Any] | None = None) -> Handler:
    """One after the other: `{status, headers?, body?}` or `{error: "timeout" | "connection"}`. Then Again."""
    left = iter(told)

    def handler(request: Any) -> Any:
        if seen is not None:
            seen.append(request)
        try:
            answer = next(left)
        except StopIteration:
            raise Again from None
        if kind := answer.get("error"):
            raise (httpx.ReadTimeout if kind == "timeout" else httpx.ConnectError)(kind, request=request)
        return response(answer)

    return handler


def response(answer: dict[str, Any]) -> Any:
    """An httpx.Response to a request of nobody: with JSON as `body`, with a `text`, or with nothing."""
    request = httpx.Request("POST", "http://offline")
    content = {"text": answer["text"]} if "text" in answer else {"json": answer["body"]} if "body" in answer else {}
    return httpx.Response(answer["status"], headers=answer.get("headers") or {}, request=request, **content)


def error(answer: dict[str, Any]) -> Exception:
    """What the SDK raises for an answer."""
    if kind := answer.get("error"):
        errors = sdk("_exceptions")
        request = httpx.Request("POST", "http://offline")
        made = errors.APITimeoutError if kind == "timeout" else errors.APIConnectionError
        return made(request=request)  # type: ignore[no-any-return]
    return client(answers([]))._make_status_error_from_response(response(answer))  # type: ignore[no-any-return]


def holder(tinker: Any, **more: Any) -> Any:
    """An InternalClientHolder that made no session; all its connections are `tinker`."""
    kind: Any = sdk("lib.internal_client_holder").InternalClientHolder

    class Holder(kind):  # type: ignore[misc]
        def __init__(self) -> None:
            self._telemetry = None
            self._first_billing_exception_time = None
            self._last_logged_billing_exception_time = None
            self._sample_backoff_until = None
            self.__dict__.update(more)

        def __del__(self) -> None:
            pass

        @contextmanager
        def aclient(self, _: Any) -> Iterator[Any]:
            yield tinker

        def run_coroutine_threadsafe(self, coro: Any) -> None:
            """Nothing runs unasked."""
            coro.close()

    return Holder()
