"""Fetching what promises come to. tinker.md sections 2.7 and 3.4."""

from __future__ import annotations

import orjson
from samewire_wire import Model
from tinker.mock.v1.mock_wire import FutureBehaviour
from tinker.v1 import future_wire as wire

from mock.engine import writing
from mock.engine.answer import JSON, Answer
from mock.engine.backend import Call, Refusal
from mock.tinker.dialects import NEW, TINKEX, fitted
from mock.tinker.promise import Failed, Promise
from mock.tinker.refusal import refusal
from mock.tinker.state import State

_HOLD_S = 30.0


class Futures:
    def __init__(self, state: State) -> None:
        self.state = state

    async def retrieve(self, request: wire.FutureRetrieveRequest, call: Call) -> Answer | wire.FutureRetrieveResponse:
        promises = self.state.promises
        promises.expiry = self._behaviour.expiry_s if self._behaviour.expiry_s is not None else 3600.0
        promise = promises.find(request.request_id)
        if promise is None:
            if promises.known(request.request_id):
                raise refusal(410, f"The result of {request.request_id} has expired")
            raise refusal(404, f"Request not found: {request.request_id}")
        promise.polls += 1
        if promise.polls <= (self._behaviour.not_ready_polls or 0):
            return self._not_ready(promise, call)
        hold = self._behaviour.hold_s
        if not await promise.wait(self.state.clock, _HOLD_S if hold is None else hold):
            return self._not_ready(promise, call)
        if promise.failed is not None:
            promises.fetched(promise)
            return _failure(promise.failed, call)
        if call.request.protocol == "gRPC":
            promises.fetched(promise)
            return _plain(promise, call)
        headers, body = _rendered(promise, call)
        metadata = self._behaviour.metadata_first is not False
        if request.allow_metadata_only and metadata and call.dialect == NEW:
            return wire.FutureMetadata(response_payload_size=len(body))
        promises.fetched(promise)
        return Answer(200, headers, body)

    async def retrieve_many(self, request: wire.FuturesRetrieveRequest) -> wire.FuturesRetrieveResponse:
        """Those that came after the cursor; held until there is one."""
        sampler = self.state.sampler(request.target.sampling_session_id)
        clone = request.target.cloned_sampler_id
        timeout = request.timeout if isinstance(request.timeout, int | float) else _HOLD_S
        deadline = self.state.clock.now() + min(timeout, _HOLD_S)
        gone = set(request.retrieved_request_ids)
        held = sampler.completions.get(clone, [])
        held[:] = [each for each in held if each[1].id not in gone]
        while True:
            held = sampler.completions.get(clone, [])
            fresh = [each for each in held if each[0] > request.prev_cursor]
            left = deadline - self.state.clock.now()
            if fresh or left <= 0:
                break
            sampler.news.clear()
            await self.state.clock.wait(sampler.news.wait(), left)
        return wire.FuturesRetrieveResponse(
            completions=[_completion(promise) for _, promise in fresh],
            cursor=fresh[-1][0] if fresh else request.prev_cursor,
        )

    def cancel(self, request: wire.CancelFutureRequest) -> None:
        """What is done stays done."""
        promise = self.state.promises.find(request.request_id)
        if promise is None:
            if self.state.promises.known(request.request_id):
                return
            raise refusal(404, f"Request not found: {request.request_id}")
        task = promise.task
        self.state.promises.settle(promise, Failed("the request was cancelled"))
        if task is not None:
            task.cancel()

    @property
    def _behaviour(self) -> FutureBehaviour:
        return self.state.settings.now.future or FutureBehaviour()

    def _not_ready(self, promise: Promise, call: Call) -> wire.FutureRetrieveResponse:
        """Raises Refusal where that is how it is said."""
        how = self._behaviour.not_ready or "auto"
        queue_state, reason = self.state.settings.queue_state, self._behaviour.queue_state_reason
        if how == "auto" and call.dialect == TINKEX:
            how = "try_again" if queue_state else "pending"
        if how == "pending" and call.dialect == TINKEX:
            return wire.FuturePendingResponse()
        if how == "try_again":
            again = wire.TryAgainResponse(request_id=promise.id, queue_state=queue_state or "active")
            if reason is not None:
                again.queue_state_reason = reason
            return fitted(again, call.dialect)
        body = wire.FutureTimeout()
        if queue_state is not None:
            body.queue_state = queue_state
        if reason is not None:
            body.queue_state_reason = reason
        raise Refusal(408, fitted(body, call.dialect), message="not ready", grpc="UNAVAILABLE")


def _failure(failed: Failed, call: Call) -> wire.FutureRetrieveResponse:
    if call.dialect == TINKEX:
        return wire.FutureFailedResponse(error=wire.FutureError(message=failed.message, category=failed.category))
    return wire.RequestFailedResponse(error=failed.message, category=failed.category)


def _plain(promise: Promise, call: Call) -> wire.FutureRetrieveResponse:
    data: dict[str, object] = orjson.loads(_json(promise, call.dialect))
    return data  # type: ignore[return-value]


def _rendered(promise: Promise, call: Call) -> tuple[tuple[tuple[bytes, bytes], ...], bytes]:
    """Kept from the metadata to the fetch."""
    result = promise.result
    assert result is not None
    binary = call.accepts_binary and result.binary is not None
    form = (call.dialect, binary)
    if promise.rendered is not None and promise.rendered[0] == form:
        return promise.rendered[1]  # type: ignore[no-any-return]
    if binary and result.binary is not None:
        made = (writing.PROTOBUF, result.binary().to_binary())
    else:
        made = (JSON, _json(promise, call.dialect))
    promise.rendered = (form, made)
    return made


def _json(promise: Promise, dialect: str) -> bytes:
    assert promise.result is not None
    model: Model = fitted(promise.result.json(), dialect)
    data = writing.json_bytes(model.WIRE, model, dialect)
    if dialect != TINKEX:
        return data
    return wire.FutureCompletedResponse(result=orjson.loads(data)).to_wire(TINKEX)


def _completion(promise: Promise) -> wire.FutureCompletion:
    if promise.failed is not None or promise.result is None:
        return wire.FutureFailed(request_id=promise.id)
    made = promise.result.binary or promise.result.json
    size = len(made().to_binary())
    return wire.FutureFinished(request_id=promise.id, response_payload_uncompressed_size=size)
