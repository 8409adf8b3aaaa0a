"""Where a program begins. Source: tinker.md sections 1.3, 2.3 and 4; seed 002 phase 5."""

from __future__ import annotations

import os
import random as chance
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import httpx
from tinker.v1.model_wire import CreateModelRequest, LoraConfig
from tinker.v1.sampling_wire import (
    CreateSamplingSessionRequest,
    CreateSamplingSessionResponse,
    GetSamplerRequest,
    GetSamplerResponse,
)
from tinker.v1.server_wire import GetServerCapabilitiesResponse
from tinker.v1.weights_wire import LoadWeightsRequest

from parity.reference import path, promise
from parity.reference.clock import Clock, Random, SystemClock
from parity.reference.config import Config, resolve
from parity.reference.dialect import NEW, OLD, Dialect
from parity.reference.errors import ValidationError
from parity.reference.limiter import RateLimits
from parity.reference.queue_state import Observer
from parity.reference.rest import RestClient
from parity.reference.sampling import SamplingClient
from parity.reference.session import Session
from parity.reference.training import TrainingClient

RANK = 32


class ServiceClient:
    """`async with ServiceClient(config) as service: …`. Any number side by side; nothing is shared but `limits`.

    `limits`: those of clients that should respect one another's rate limits; `transport`: instead of the network.
    """

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock | None = None,
        random: Random = chance.random,
        limits: RateLimits | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        clock = clock or SystemClock()
        self.session = Session(config, clock, random, limits or RateLimits(clock), transport)

    @classmethod
    def from_env(cls, dialect: Dialect = OLD, env: Mapping[str, str] | None = None) -> Self:
        """As the environment says. Raises NoKeyError, BadKeyError."""
        return cls(resolve(dialect, os.environ if env is None else env))

    async def get_server_capabilities(self) -> GetServerCapabilitiesResponse:
        return await self.rest().get_server_capabilities()

    def rest(self) -> RestClient:
        return RestClient(self.session)

    async def create_lora_training_client(
        self,
        base_model: str,
        rank: int = RANK,
        *,
        seed: int | None = None,
        user_metadata: Mapping[str, str] | None = None,
        observer: Observer | None = None,
    ) -> TrainingClient:
        """A new model. Raises what creating it raises; it is not tried again as a whole."""
        session = self.session
        await session.begin()
        request = CreateModelRequest(
            session_id=session.id,
            model_seq_id=next(session.models),
            base_model=base_model,
            user_metadata=None if user_metadata is None else dict(user_metadata),
            lora_config=LoraConfig(rank=rank, seed=seed, train_unembed=True, train_mlp=True, train_attn=True),
        )
        promised = await session.promise("CreateModel", request, promise.CREATE_MODEL)
        created = await session.poller.result(promised)
        client = TrainingClient(session, created.model_id, base_model, observer)
        if session.dialect is NEW:
            await client.get_info()
        return client

    async def create_training_client_from_state(
        self, tinker_path: str, *, optimizer: bool = False, observer: Observer | None = None
    ) -> TrainingClient:
        """A new model with saved weights. Raises PathError; what fails on the way leaves no client behind."""
        parsed = path.parse(tinker_path, self.session.dialect)
        if self.session.dialect is NEW:
            return await self._loaded(tinker_path, optimizer, observer)
        await self.session.begin()
        base_model, rank = await self._made_of(parsed)
        client = await self.create_lora_training_client(base_model, rank, observer=observer)
        try:
            await (client.load_state_with_optimizer if optimizer else client.load_state)(tinker_path)
        except BaseException:
            client.close()
            raise
        return client

    async def create_sampling_client(
        self, *, base_model: str | None = None, model_path: str | None = None, observer: Observer | None = None
    ) -> SamplingClient:
        """Of a base model, or of saved weights. Raises ValueError unless one of them is given, PathError."""
        if (base_model is None) == (model_path is None):
            raise ValueError("either base_model or model_path is needed")
        if model_path is not None:
            path.parse(model_path, self.session.dialect)
        session = self.session
        await session.begin()
        request = CreateSamplingSessionRequest(
            session_id=session.id,
            sampling_session_seq_id=next(session.samplers),
            base_model=base_model,
            model_path=model_path,
        )
        created = await session.api.ask("CreateSamplingSession", request, CreateSamplingSessionResponse)
        if session.dialect is NEW and model_path is not None:
            asked = GetSamplerRequest(sampler_id=created.sampling_session_id)
            await session.persist(lambda: session.api.ask("GetSampler", asked, GetSamplerResponse))
        return SamplingClient(session, created.sampling_session_id, base_model or model_path or "", observer)

    async def aclose(self) -> None:
        await self.session.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _made_of(self, parsed: path.TinkerPath) -> tuple[str, int]:
        """Base model and rank of saved weights: 0.4.1 asks for the run, the seeds for the weights."""
        if self.session.dialect is OLD:
            run = await self.rest().get_training_run(parsed.run)
            return run.base_model, run.lora_rank if isinstance(run.lora_rank, int) else RANK
        info = await self.rest().get_weights_info(str(parsed))
        return info.base_model, info.lora_rank if isinstance(info.lora_rank, int) else RANK

    async def _loaded(self, tinker_path: str, optimizer: bool, observer: Observer | None) -> TrainingClient:
        """0.38 lets the service make the model."""
        session = self.session
        await session.begin()
        number = next(session.models)
        request = LoadWeightsRequest(session_id=session.id, model_seq_id=number, path=tinker_path, optimizer=optimizer)
        promised = await session.persist(lambda: session.promise("LoadWeights", request, promise.LOAD_WEIGHTS))
        await session.poller.result(promised)
        client = TrainingClient(session, f"{session.id}:train:{number}", tinker_path, observer)
        info = await client.get_info()
        if info.model_id != client.model_id:
            raise ValidationError(f"the service calls the model {info.model_id}, not {client.model_id}")
        return client
