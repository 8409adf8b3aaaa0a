"""Samples from one model, many at a time. Source: tinker.md section 3.5; seeds 000 section 3.3, 001 section 3.3.3."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count

from tinker.v1.model_input_wire import EncodedTextChunk, ModelInput
from tinker.v1.sampling_wire import SampleRequest, SampleResponse, SamplingParams

from parity.reference import backoff, headers, promise
from parity.reference.dialect import NEW
from parity.reference.errors import ConnectionFailed, Expired, StatusError, ValidationError
from parity.reference.future import Future
from parity.reference.promise import Promise
from parity.reference.queue_state import Observer, QueueLog
from parity.reference.retry import retryable_status
from parity.reference.session import Session
from parity.reference.size import TEXT_BYTES

CONCURRENT = 400
"""Samples that are being submitted at a time."""
_TOKEN_BYTES = 10
"""What 0.38 reckons for a token."""


class SamplingClient:
    """`observer`: is told why the service does not work on a sample yet."""

    def __init__(self, session: Session, session_id: str, model: str, observer: Observer | None = None) -> None:
        self.session_id = session_id
        self.observer = observer or QueueLog("Sampling", model, "concurrent LoRA", session.clock)
        self._session = session
        self._numbers = count()
        self._slots = asyncio.Semaphore(CONCURRENT)
        self._progress = session.clock.passed()

    def sample(
        self,
        prompt: ModelInput,
        sampling_params: SamplingParams,
        num_samples: int = 1,
        *,
        prompt_logprobs: bool = False,
        topk_prompt_logprobs: int = 0,
    ) -> Future[SampleResponse]:
        """Is tried again as long as any sample gets on."""
        request = SampleRequest(
            num_samples=num_samples,
            prompt=prompt,
            sampling_params=sampling_params,
            sampling_session_id=self.session_id,
            prompt_logprobs=prompt_logprobs,
            topk_prompt_logprobs=topk_prompt_logprobs,
        )
        if self._session.dialect is NEW:
            request.record_stability_info = False
        return self._session.future(self._persist(request))

    def compute_logprobs(self, prompt: ModelInput) -> Future[list[float | None]]:
        """Of each token of the prompt, given those before it; None for the first."""
        params = SamplingParams(max_tokens=1)
        return self.sample(prompt, params, prompt_logprobs=True).then(self._logprobs)

    async def _logprobs(self, response: SampleResponse) -> list[float | None]:
        if not isinstance(response.prompt_logprobs, list):
            raise ValidationError("log probabilities of the prompt were asked for, and none came")
        return response.prompt_logprobs

    async def _persist(self, request: SampleRequest) -> SampleResponse:
        session = self._session
        limit = PROGRESS_LIMIT_S[session.dialect is NEW]
        attempt = 0
        self._progress = session.clock.passed()
        while True:
            try:
                response = await self._once(request)
                self._progress = session.clock.passed()
                return response
            except (StatusError, ConnectionFailed, Expired) as error:
                if isinstance(error, StatusError) and not retryable_status(error.status, session.dialect):
                    raise
                session.tell("RetryHandler.execute.exception", error, is_retryable=True, attempt_count=attempt)
                if session.clock.passed() - self._progress > limit:
                    raise ConnectionFailed(f"no sample got on for {limit:g} s") from error
            await session.clock.sleep(backoff.retry_delay(attempt, session.random()))
            attempt += 1

    async def _once(self, request: SampleRequest) -> SampleResponse:
        async with self._slots:
            promised = await self._submit(request)
        return await self._session.poller.result(promised, self.observer)

    async def _submit(self, request: SampleRequest) -> Promise[SampleResponse]:
        """A 429 is no failure: all samples of the tenant wait, then this one is sent again."""
        session = self._session
        keeps_number = session.dialect is NEW
        numbered = self._numbered(request)
        first = True
        while True:
            await session.rate_limit.wait()
            if not first and not keeps_number:
                numbered = self._numbered(request)
            first = False
            try:
                return await session.persist(lambda sent=numbered: self._send(sent))  # type: ignore[misc]
            except _Limited as limited:
                session.rate_limit.pause(limited.seconds)

    def _numbered(self, request: SampleRequest) -> SampleRequest:
        return request.model_copy(update={"seq_id": next(self._numbers)})

    async def _send(self, request: SampleRequest) -> Promise[SampleResponse]:
        session = self._session
        try:
            promised = await session.promise(
                "Sample", request, promise.SAMPLE, max_retries=0, headers={headers.BACKPRESSURE: "1"}
            )
        except StatusError as error:
            size = _bytes(request.prompt, _TOKEN_BYTES if session.dialect is NEW else TEXT_BYTES)
            if seconds := backoff.pause(error.status, error.headers, size, session.clock.now(), session.dialect):
                raise _Limited(seconds) from error
            raise
        return promised


PROGRESS_LIMIT_S = {False: 1800.0, True: 7200.0}
"""Without any sample getting on; of 0.38: True."""


class _Limited(Exception):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(seconds)


def _bytes(prompt: ModelInput, of_token: int) -> int:
    return sum(of_token * len(chunk.tokens) for chunk in prompt.chunks if isinstance(chunk, EncodedTextChunk))


def text(tokens: Sequence[int]) -> ModelInput:
    """A prompt of tokens only."""
    return ModelInput(chunks=[EncodedTextChunk(tokens=list(tokens))])
