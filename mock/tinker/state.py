"""All that one session of the mock knows, and how work on it is begun."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tinker.v1.future_wire import UntypedAPIFuture
from tinker.v1.model_wire import LoraConfig
from tinker.v1.optimizer_wire import AdamOptimizerConfig, OptimizerConfig
from tinker.v1.session_wire import SessionFinish
from tinker.v1.telemetry_wire import TelemetrySendRequest

from mock.engine.backend import Call
from mock.engine.clock import Clock
from mock.tinker.batch import BadData
from mock.tinker.checkpoint import Checkpoint, Checkpoints
from mock.tinker.dialects import fitted, in_order
from mock.tinker.language import Tables
from mock.tinker.ledger import Ledger
from mock.tinker.promise import Failed, Promise, Promises, Result
from mock.tinker.refusal import refusal, unknown
from mock.tinker.settings import Settings
from mock.tinker.turns import OutOfTurn, Turns
from mock.tinker.vault import Vault
from mock.tinker.weights import Weights

OWNER = "tml:organization_user:mock"
_KEYS = 4096


@dataclass(slots=True)
class Session:
    id: str
    created: float
    heard: float
    tags: list[str]
    sdk_version: str
    metadata: dict[str, Any]
    project_id: str
    display_name: str | None
    finish: SessionFinish | None = None
    models: dict[int, str] = field(default_factory=dict)  # request ids by model_seq_id
    samplers: dict[int, str] = field(default_factory=dict)  # sampler ids by sampling_session_seq_id
    losses: dict[int, str] = field(default_factory=dict)  # request ids by custom_loss_seq_id
    trace_polls: int = 0
    telemetry: list[TelemetrySendRequest] = field(default_factory=list)


@dataclass(slots=True)
class Run:
    """A model as it is looked at from outside; it stays when the model is unloaded."""

    id: str
    session_id: str
    base_model: str
    created: float
    used: float
    lora: LoraConfig | None
    optimizer: OptimizerConfig = field(default_factory=AdamOptimizerConfig)
    metadata: dict[str, Any] | None = None


@dataclass(slots=True)
class Model:
    run: Run
    weights: Weights
    turns: Turns[str]
    cycle: int = 0  # calls that were worked on
    saves: int = 0  # names that were given


@dataclass(slots=True)
class Sampler:
    """`tables`: None follows `follows`, a model's latest save for sampling."""

    id: str
    session_id: str
    base_model: str
    model_path: str | None
    tables: Tables
    clients: int = 1
    prompts: OrderedDict[int, None] = field(default_factory=OrderedDict)
    completions: dict[int, list[tuple[int, Promise]]] = field(default_factory=dict)
    cursors: dict[int, int] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)


class State:
    def __init__(self, clock: Clock, session: str) -> None:
        self.clock = clock
        self.name = session
        self.settings = Settings()
        self.promises = Promises(clock)
        self.vault = Vault()
        self.checkpoints = Checkpoints(clock, self.vault)
        self.ledger = Ledger()
        self.sessions: dict[str, Session] = {}
        self.runs: dict[str, Run] = {}
        self.models: dict[str, Model] = {}
        self.samplers: dict[str, Sampler] = {}
        self.inflight: dict[str, list[Sampler]] = {}  # by model
        self.losses: set[str] = set()
        self.session_keys: OrderedDict[str, str] = OrderedDict()
        self.revoked: set[str] = set()

    # Finding; each raises Refusal

    def session(self, session_id: str) -> Session:
        found = self.sessions.get(session_id)
        if found is None:
            raise unknown("Session", session_id)
        timeout = self.settings.now.session_timeout_s
        if timeout is not None and self.clock.now() - found.heard > timeout:
            raise refusal(410, f"Session {session_id} has expired: no heartbeat for {timeout:g} s")
        return found

    def model(self, model_id: str) -> Model:
        found = self.models.get(model_id)
        if found is None:
            raise unknown("Model", model_id)
        found.run.used = self.clock.now()
        return found

    def sampler(self, sampler_id: str) -> Sampler:
        found = self.samplers.get(sampler_id)
        if found is None:
            raise unknown("Sampling session", sampler_id)
        return found

    def checkpoint(self, run: str, checkpoint_id: str) -> Checkpoint:
        found = self.checkpoints.find(run, checkpoint_id)
        if found is None:
            raise unknown("Checkpoint", f"tinker://{run}/{checkpoint_id}")
        return found

    def offered(self, base_model: str) -> None:
        """Raises Refusal for a base model that there is not."""
        if not base_model:
            raise refusal(400, "base_model is empty")
        name = base_model.partition(":")[0]
        known = [offer.name for offer in self.settings.offers]
        if self.settings.now.known_models_only and name not in known and base_model not in known:
            raise refusal(400, f"Base model {base_model} is not supported; there are {', '.join(known)}")

    # Making

    def add_model(self, run: Run) -> Model:
        self.runs[run.id] = run
        made = Model(run, Weights(run.base_model.partition(":")[0]), Turns(self.clock, lambda: self.settings.patience))
        self.models[run.id] = made
        return made

    # Working

    def begin(
        self,
        operation: str,
        call: Call,
        work: Callable[[], Awaitable[Result]],
        *,
        model: Model | None = None,
        model_id: str | None = None,
        seq_id: object = None,
        prepare: Callable[[Promise], None] | None = None,
    ) -> Promise:
        """The promise of the work, or, for a request that was sent before, that of then. Raises Refusal.

        With `model` it waits for its turn by `seq_id`.
        """
        key = idempotency_key(operation, call)
        found = self.promises.repeated(key)
        if found is not None:
            return found
        turn = seq_id if isinstance(seq_id, int) and seq_id > 0 else None
        if model is not None:
            model_id = model.run.id
            try:
                before = model.turns.seen(turn)
            except OutOfTurn as error:
                raise refusal(400, str(error)) from None
            if before is not None:
                return self.promises.find(before) or Promise(before, operation, model_id)
            if turn is not None and in_order(call.request):
                model.turns.give_up(turn)
        promise = self.promises.make(operation, model_id, key)
        if prepare is not None:
            prepare(promise)

        async def job() -> None:
            if not promise.done:
                await self._do(promise, work)

        if model is not None:
            model.turns.submit(turn, promise.id, job)
        else:
            promise.task = asyncio.ensure_future(job())
        return promise

    async def _do(self, promise: Promise, work: Callable[[], Awaitable[Result]]) -> None:
        outcome: Result | Failed
        try:
            failed = self.settings.failure(promise.operation, promise.model_id)
            await self.clock.sleep(self.settings.duration(promise.operation))
            outcome = failed or await work()
        except Failed as error:
            outcome = error
        except BadData as error:
            outcome = Failed(str(error))
        except asyncio.CancelledError:
            self.promises.settle(promise, Failed("the request was cancelled"))
            raise
        except Exception as error:
            sys.stderr.write(f"samewire mock: {promise.operation} failed\n{traceback.format_exc()}")
            outcome = Failed(f"the mock itself failed: {error!r}", "server")
        self.promises.settle(promise, outcome)

    async def close(self) -> None:
        for model in self.models.values():
            model.turns.close()
        for promise in self.promises.open:
            if promise.task is not None:
                promise.task.cancel()
        self.vault.close()


def idempotency_key(operation: str, call: Call) -> str | None:
    said = call.request.header(b"x-idempotency-key")
    return f"{operation} {said.decode('latin-1')}" if said else None


def promised(promise: Promise, call: Call) -> UntypedAPIFuture:
    made = UntypedAPIFuture(request_id=promise.id)
    if promise.model_id is not None:
        made.model_id = promise.model_id
    if promise.sequence_ids is not None:
        made.sample_sequence_ids = promise.sequence_ids
    return fitted(made, call.dialect)
