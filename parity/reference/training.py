"""Trains one model: its calls reach the service in the order in which they are made.

Source: tinker.md section 3.3; seeds 000 section 3.3, 001 section 3.3.2, 002 phases 2 to 4.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypeVar

from samewire_wire import Model
from tinker.v1.model_wire import GetInfoRequest, GetInfoResponse
from tinker.v1.optimizer_wire import AdamParams, OptimStepRequest, OptimStepResponse
from tinker.v1.training_wire import (
    Datum,
    ForwardBackwardInput,
    ForwardBackwardOutput,
    ForwardBackwardRequest,
    ForwardRequest,
    LossFnConfig,
    LossFnType,
)
from tinker.v1.weights_wire import (
    LoadWeightsRequest,
    LoadWeightsResponse,
    SaveWeightsForSamplerRequest,
    SaveWeightsForSamplerResponse,
    SaveWeightsRequest,
    SaveWeightsResponse,
)

from parity.reference import binary_request, chunks, headers, outputs, promise, size
from parity.reference.dialect import NEW, OLD
from parity.reference.errors import ValidationError
from parity.reference.future import Future
from parity.reference.promise import Kind, Promise
from parity.reference.queue_state import Observer, QueueLog
from parity.reference.sampling import SamplingClient
from parity.reference.session import Session

M = TypeVar("M", bound=Model)


class ClosedError(ValueError):
    """The client was given up, e.g. because its weights could not be loaded."""


class TrainingClient:
    """Every call takes its numbers at once and is sent behind those before it; a failed one does not stop the next.

    `observer`: is told why the service does not work on a call yet.
    """

    def __init__(self, session: Session, model_id: str, model: str, observer: Observer | None = None) -> None:
        self.model_id = model_id
        self.observer = observer or QueueLog("Training", model, "concurrent models", session.clock)
        self._session = session
        self._next = 1
        self._turn = asyncio.Lock()  # hands itself on in the order in which it was asked for
        self._closed = False
        self._info: GetInfoResponse | None = None

    def forward(
        self, data: Sequence[Datum], loss_fn: LossFnType, loss_fn_config: LossFnConfig | None = None
    ) -> Future[ForwardBackwardOutput]:
        """Outputs and metrics of a batch of any size. Raises NoDataError, NoLengthError before anything is sent."""
        return self._pass(data, loss_fn, loss_fn_config, forward_only=True)

    def forward_backward(
        self, data: Sequence[Datum], loss_fn: LossFnType, loss_fn_config: LossFnConfig | None = None
    ) -> Future[ForwardBackwardOutput]:
        """As `forward`, and adds to the gradients."""
        return self._pass(data, loss_fn, loss_fn_config, forward_only=False)

    def optim_step(self, adam: AdamParams | None = None) -> Future[OptimStepResponse]:
        """Changes the weights by the gradients, which begin anew."""
        request = OptimStepRequest(
            adam_params=AdamParams() if adam is None else adam, model_id=self.model_id, seq_id=self._take(1)[0]
        )
        return self._call("OptimStep", request, promise.OPTIM_STEP)

    def save_state(self, name: str) -> Future[SaveWeightsResponse]:
        """Weights and optimizer, under the path that the result tells."""
        request = SaveWeightsRequest(model_id=self.model_id, path=name, seq_id=self._take(1)[0])
        return self._call("SaveWeights", request, promise.SAVE_WEIGHTS)

    def load_state(self, path: str) -> Future[LoadWeightsResponse]:
        """The weights; the optimizer begins anew."""
        return self._load(path, optimizer=False)

    def load_state_with_optimizer(self, path: str) -> Future[LoadWeightsResponse]:
        """Raises ValueError in 0.4.1, which cannot say so."""
        if self._session.dialect is OLD:
            raise ValueError("0.4.1 loads no optimizer")
        return self._load(path, optimizer=True)

    def save_weights_for_sampler(self, name: str) -> Future[SaveWeightsForSamplerResponse]:
        """What create_sampling_client takes."""
        request = SaveWeightsForSamplerRequest(model_id=self.model_id, path=name, seq_id=self._take(1)[0])
        return self._call("SaveWeightsForSampler", request, promise.SAVE_FOR_SAMPLER)

    def save_weights_and_get_sampling_client(self) -> Future[SamplingClient]:
        """Samples from the weights as they are now; they are kept for this client only."""
        number = next(self._session.samplers)
        request = SaveWeightsForSamplerRequest(
            model_id=self.model_id, sampling_session_seq_id=number, seq_id=self._take(1)[0]
        )
        saved = self._call("SaveWeightsForSampler", request, promise.SAVE_FOR_SAMPLER)
        return saved.then(self._sampler)

    async def get_info(self) -> GetInfoResponse:
        """Asked for each time; in 0.38 once, when the model is there."""
        if self._info is not None and self._session.dialect is NEW:
            return self._info
        request = GetInfoRequest(model_id=self.model_id)
        self._info = await self._session.persist(lambda: self._session.api.ask("GetInfo", request, GetInfoResponse))
        return self._info

    def close(self) -> None:
        """Every later call raises ClosedError."""
        self._closed = True

    async def _sampler(self, saved: SaveWeightsForSamplerResponse) -> SamplingClient:
        if not isinstance(saved.sampling_session_id, str):
            raise ValidationError("the service saved weights for a sampler, and named no sampling session")
        return SamplingClient(self._session, saved.sampling_session_id, self.model_id)

    def _load(self, path: str, *, optimizer: bool) -> Future[LoadWeightsResponse]:
        request = LoadWeightsRequest(model_id=self.model_id, path=path, seq_id=self._take(1)[0])
        if self._session.dialect is not OLD:
            request.optimizer = optimizer
        return self._call("LoadWeights", request, promise.LOAD_WEIGHTS)

    def _pass(
        self,
        data: Sequence[Datum],
        loss_fn: LossFnType,
        loss_fn_config: LossFnConfig | None,
        *,
        forward_only: bool,
    ) -> Future[ForwardBackwardOutput]:
        dialect = self._session.dialect
        chunks.check(len(data), dialect)
        counts = chunks.cut((size.of_datum(datum, dialect) for datum in data), self._session.chunk_limits)
        ids = self._take(len(counts))
        batches: dict[int, ForwardBackwardInput] = {}
        start = 0
        for seq_id, taken in zip(ids, counts, strict=True):
            batches[seq_id] = ForwardBackwardInput(
                data=list(data[start : start + taken]), loss_fn=loss_fn, loss_fn_config=loss_fn_config
            )
            start += taken
        return self._session.future(self._work(batches, forward_only))

    async def _work(self, batches: dict[int, ForwardBackwardInput], forward_only: bool) -> ForwardBackwardOutput:
        kind = promise.FORWARD if forward_only else promise.FORWARD_BACKWARD
        promises: dict[int, Promise[ForwardBackwardOutput]] = {}
        async with self._turn:
            # One after the other in any dialect: 0.38 would not wait, but its service sees the same calls.
            for seq_id in chunks.sending(list(batches), self._session.chunks_parallel):
                promises[seq_id] = await self._submit(seq_id, batches[seq_id], kind)
        await asyncio.sleep(0)  # who is next in line sends before anybody asks for results
        poller = self._session.poller
        results = await asyncio.gather(*(poller.result(promises[each], self.observer) for each in batches))
        return outputs.combine(results, self._session.dialect)

    async def _submit(
        self, seq_id: int, batch: ForwardBackwardInput, kind: Kind[ForwardBackwardOutput]
    ) -> Promise[ForwardBackwardOutput]:
        session = self._session
        forward_only = kind is promise.FORWARD
        if session.dialect.binary:
            body = binary_request.encode(batch, self.model_id, seq_id, forward_only=forward_only)
            return await session.persist(
                lambda: session.promise("ForwardBackward", batch, kind, body=body, content_type=headers.PROTOBUF)
            )
        if forward_only:
            request: Model = ForwardRequest(forward_input=batch, model_id=self.model_id, seq_id=seq_id)
            return await session.persist(lambda: session.promise("Forward", request, kind))
        request = ForwardBackwardRequest(forward_backward_input=batch, model_id=self.model_id, seq_id=seq_id)
        return await session.persist(lambda: session.promise("ForwardBackward", request, kind))

    def _call(self, method: str, request: Model, kind: Kind[M]) -> Future[M]:
        # 0.38 does not save twice by accident.
        once = self._session.dialect is NEW and method.startswith("SaveWeights")

        async def work() -> M:
            session = self._session
            async with self._turn:
                promised = await session.persist(
                    lambda: session.promise(method, request, kind, max_retries=0 if once else None)
                )
            await asyncio.sleep(0)  # who is next in line sends before anybody asks for results
            return await session.poller.result(promised, self.observer)

        return self._session.future(work())

    def _take(self, count: int) -> list[int]:
        """The next numbers of calls."""
        if self._closed:
            raise ClosedError(f"the client of {self.model_id} is closed")
        taken = list(range(self._next, self._next + count))
        self._next += count
        return taken
