"""The same clients for programs without an event loop: each call waits, on a loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from tinker.v1.checkpoint_wire import CheckpointArchiveUrlResponse, CheckpointsListResponse
from tinker.v1.model_input_wire import ModelInput
from tinker.v1.model_wire import GetInfoResponse
from tinker.v1.optimizer_wire import AdamParams, OptimStepResponse
from tinker.v1.sampling_wire import SampleResponse, SamplingParams
from tinker.v1.server_wire import GetServerCapabilitiesResponse
from tinker.v1.training_run_wire import TrainingRun, TrainingRunsResponse
from tinker.v1.training_wire import Datum, ForwardBackwardOutput, LossFnConfig, LossFnType
from tinker.v1.weights_wire import LoadWeightsResponse, SaveWeightsForSamplerResponse, SaveWeightsResponse

from parity.reference import rest, sampling, service, training
from parity.reference.config import Config
from parity.reference.future import Future
from parity.reference.service import RANK

T = TypeVar("T")


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tinker", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Raises RuntimeError when called by the loop itself, which would wait for ever."""
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("a synchronous client is used by its own event loop; use the asynchronous one")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def start(self, make: Callable[[], Future[T]]) -> Pending[T]:
        """`make` is called in the loop."""

        async def begin() -> Future[T]:
            return make()

        return Pending(self, self.run(begin()))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Pending(Generic[T]):
    """A result that may be there later."""

    def __init__(self, loop: Loop, future: Future[T]) -> None:
        self._loop = loop
        self._future = future

    def result(self, timeout_s: float | None = None) -> T:
        """Raises WaitTimeout; it can be asked for again then."""
        return self._loop.run(self._future.result(timeout_s))

    def done(self) -> bool:
        return self._future.done()


class TrainingClient:
    """As parity.reference.training.TrainingClient."""

    def __init__(self, loop: Loop, client: training.TrainingClient) -> None:
        self._loop = loop
        self._client = client

    @property
    def model_id(self) -> str:
        return self._client.model_id

    def forward(
        self, data: Sequence[Datum], loss_fn: LossFnType, loss_fn_config: LossFnConfig | None = None
    ) -> Pending[ForwardBackwardOutput]:
        return self._loop.start(lambda: self._client.forward(data, loss_fn, loss_fn_config))

    def forward_backward(
        self, data: Sequence[Datum], loss_fn: LossFnType, loss_fn_config: LossFnConfig | None = None
    ) -> Pending[ForwardBackwardOutput]:
        return self._loop.start(lambda: self._client.forward_backward(data, loss_fn, loss_fn_config))

    def optim_step(self, adam: AdamParams | None = None) -> Pending[OptimStepResponse]:
        return self._loop.start(lambda: self._client.optim_step(adam))

    def save_state(self, name: str) -> Pending[SaveWeightsResponse]:
        return self._loop.start(lambda: self._client.save_state(name))

    def load_state(self, path: str) -> Pending[LoadWeightsResponse]:
        return self._loop.start(lambda: self._client.load_state(path))

    def load_state_with_optimizer(self, path: str) -> Pending[LoadWeightsResponse]:
        return self._loop.start(lambda: self._client.load_state_with_optimizer(path))

    def save_weights_for_sampler(self, name: str) -> Pending[SaveWeightsForSamplerResponse]:
        return self._loop.start(lambda: self._client.save_weights_for_sampler(name))

    def save_weights_and_get_sampling_client(self) -> SamplingClient:
        saved = self._loop.start(self._client.save_weights_and_get_sampling_client)
        return SamplingClient(self._loop, saved.result())

    def get_info(self) -> GetInfoResponse:
        return self._loop.run(self._client.get_info())


class SamplingClient:
    """As parity.reference.sampling.SamplingClient."""

    def __init__(self, loop: Loop, client: sampling.SamplingClient) -> None:
        self._loop = loop
        self._client = client

    def sample(
        self,
        prompt: ModelInput,
        sampling_params: SamplingParams,
        num_samples: int = 1,
        *,
        prompt_logprobs: bool = False,
        topk_prompt_logprobs: int = 0,
    ) -> Pending[SampleResponse]:
        return self._loop.start(
            lambda: self._client.sample(
                prompt,
                sampling_params,
                num_samples,
                prompt_logprobs=prompt_logprobs,
                topk_prompt_logprobs=topk_prompt_logprobs,
            )
        )

    def compute_logprobs(self, prompt: ModelInput) -> Pending[list[float | None]]:
        return self._loop.start(lambda: self._client.compute_logprobs(prompt))


class RestClient:
    """As parity.reference.rest.RestClient."""

    def __init__(self, loop: Loop, client: rest.RestClient) -> None:
        self._loop = loop
        self._client = client

    def list_training_runs(self, limit: int = rest.RUNS, offset: int = 0) -> TrainingRunsResponse:
        return self._loop.run(self._client.list_training_runs(limit, offset))

    def get_training_run(self, run: str) -> TrainingRun:
        return self._loop.run(self._client.get_training_run(run))

    def list_checkpoints(self, run: str) -> CheckpointsListResponse:
        return self._loop.run(self._client.list_checkpoints(run))

    def list_user_checkpoints(self, limit: int = rest.CHECKPOINTS, offset: int = 0) -> CheckpointsListResponse:
        return self._loop.run(self._client.list_user_checkpoints(limit, offset))

    def get_checkpoint_archive_url(self, tinker_path: str) -> CheckpointArchiveUrlResponse:
        return self._loop.run(self._client.get_checkpoint_archive_url(tinker_path))

    def publish_checkpoint(self, tinker_path: str) -> None:
        self._loop.run(self._client.publish_checkpoint(tinker_path))

    def unpublish_checkpoint(self, tinker_path: str) -> None:
        self._loop.run(self._client.unpublish_checkpoint(tinker_path))

    def delete_checkpoint(self, tinker_path: str) -> None:
        self._loop.run(self._client.delete_checkpoint(tinker_path))


class ServiceClient:
    """`with ServiceClient(config) as service: …`; as parity.reference.service.ServiceClient, which `make` makes."""

    def __init__(self, config: Config, make: Callable[[Config], service.ServiceClient] = service.ServiceClient) -> None:
        self._loop = Loop()

        async def begin() -> service.ServiceClient:
            return make(config)

        self._client = self._loop.run(begin())

    def get_server_capabilities(self) -> GetServerCapabilitiesResponse:
        return self._loop.run(self._client.get_server_capabilities())

    def rest(self) -> RestClient:
        return RestClient(self._loop, self._client.rest())

    def create_lora_training_client(
        self,
        base_model: str,
        rank: int = RANK,
        *,
        seed: int | None = None,
        user_metadata: Mapping[str, str] | None = None,
    ) -> TrainingClient:
        return self._trainer(
            self._client.create_lora_training_client(base_model, rank, seed=seed, user_metadata=user_metadata)
        )

    def create_training_client_from_state(self, tinker_path: str, *, optimizer: bool = False) -> TrainingClient:
        return self._trainer(self._client.create_training_client_from_state(tinker_path, optimizer=optimizer))

    def create_sampling_client(self, *, base_model: str | None = None, model_path: str | None = None) -> SamplingClient:
        made = self._client.create_sampling_client(base_model=base_model, model_path=model_path)
        return SamplingClient(self._loop, self._loop.run(made))

    def close(self) -> None:
        self._loop.run(self._client.aclose())
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def _trainer(self, made: Coroutine[Any, Any, training.TrainingClient]) -> TrainingClient:
        return TrainingClient(self._loop, self._loop.run(made))
