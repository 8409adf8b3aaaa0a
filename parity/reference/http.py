"""HTTP calls with their retries. Source: tinker.md sections 1.2 and 3.1; seed 000 sections 3.2 and 4.2."""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Self

import httpx

from parity.reference import headers as names
from parity.reference import retry
from parity.reference.clock import Clock, Random
from parity.reference.config import Config, join
from parity.reference.errors import ConnectionFailed, StatusError, TimedOut

CONNECT_TIMEOUT_S = 5.0
_IDEMPOTENCY = "stainless-python-retry-"


@dataclass(frozen=True)
class Call:
    """One call; None: as the client's config says. `query`: text behind the question mark."""

    method: str
    path: str
    body: bytes | None = None
    query: str = ""
    headers: Mapping[str, str | None] = field(default_factory=dict)
    timeout_s: float | None = None
    max_retries: int | None = None
    follow_redirects: bool = True


@dataclass(frozen=True)
class Answer:
    """`headers`: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """The connections of one client, over `transport` where one is given. The environment's proxies are not used."""

    def __init__(
        self, config: Config, clock: Clock, random: Random, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._config = config
        self._clock = clock
        self._random = random
        limits = httpx.Limits(max_connections=1000)
        self._client = httpx.AsyncClient(verify=_tls(), trust_env=False, limits=limits, transport=transport)

    async def send(self, call: Call) -> Answer:
        """The last answer below 400. Raises StatusError, TimedOut, ConnectionFailed when the tries are used up."""
        given = names.merge(self._own(call), self._config.headers, call.headers)
        tries = self._config.max_retries if call.max_retries is None else call.max_retries
        for attempt in range(tries + 1):
            failed: TimedOut | ConnectionFailed | None = None
            answer: Answer | None = None
            try:
                answer = await self._once(call, {**given, names.RETRY_COUNT: str(attempt)})
                if answer.status < 400:
                    return answer
            except (TimedOut, ConnectionFailed) as error:
                failed = error
            status = None if answer is None else answer.status
            said = {} if answer is None else answer.headers
            if attempt == tries or not retry.decide(status, said, self._config.dialect):
                break
            counted = self._config.dialect.retry_after_statuses
            waited = retry.delay(
                attempt,
                said if counted is None or status in counted else {},
                self._random(),
                self._clock.now(),
            )
            await self._clock.sleep(waited)
        if answer is None:
            assert failed is not None
            raise failed
        text = answer.body.decode("utf-8", "replace")
        raise StatusError(answer.status, text, answer.headers, self._config.dialect)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.aclose()

    def _own(self, call: Call) -> dict[str, str]:
        own = names.own(self._config.dialect, self._config.api_key)
        timeout = self._config.timeout_s if call.timeout_s is None else call.timeout_s
        own[names.READ_TIMEOUT] = f"{timeout:g}"
        if call.method != "GET":
            own["content-type"] = "application/json"
            own[names.IDEMPOTENCY] = f"{_IDEMPOTENCY}{uuid.uuid4()}"
        return own

    async def _once(self, call: Call, headers: Mapping[str, str]) -> Answer:
        url = join(self._config.base_url, call.path)
        timeout = self._config.timeout_s if call.timeout_s is None else call.timeout_s
        try:
            response = await self._client.request(
                call.method,
                f"{url}?{call.query}" if call.query else url,
                content=call.body,
                headers=headers,
                timeout=httpx.Timeout(timeout, connect=min(CONNECT_TIMEOUT_S, timeout)),
                follow_redirects=call.follow_redirects,
            )
        except httpx.TimeoutException as error:
            raise TimedOut(f"{call.method} {url}: no answer within {timeout:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ConnectionFailed(f"{call.method} {url}: {str(error) or type(error).__name__}") from error
        said = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, said, response.content)


@cache
def _tls() -> ssl.SSLContext:
    """Read once: the certificates of a machine take long to load, and never change."""
    return httpx.create_ssl_context(trust_env=False)
