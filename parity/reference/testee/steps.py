"""The steps of scenarios, each one call of the client."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from samewire_wire import Model
from tinker.v1.checkpoint_wire import CheckpointsListResponse
from tinker.v1.future_wire import QueueState
from tinker.v1.optimizer_wire import AdamParams
from tinker.v1.sampling_wire import SamplingParams
from tinker.v1.training_wire import Datum, ForwardBackwardInput, LossFnConfig, LossFnType

from parity.reference import promise, query
from parity.reference.cli.commands import Terminal, run
from parity.reference.dialect import Dialect
from parity.reference.future import Future
from parity.reference.http import Call
from parity.reference.promise import Kind, Promise
from parity.reference.sampling import SamplingClient, text
from parity.reference.service import RANK, ServiceClient
from parity.reference.testee import reading
from parity.reference.training import TrainingClient

Told = Mapping[str, Any]
_KINDS: dict[str, Kind[Any]] = {
    "create_model": promise.CREATE_MODEL,
    "forward": promise.FORWARD,
    "forward_backward": promise.FORWARD_BACKWARD,
    "optim_step": promise.OPTIM_STEP,
    "save_weights": promise.SAVE_WEIGHTS,
    "load_weights": promise.LOAD_WEIGHTS,
    "save_weights_for_sampler": promise.SAVE_FOR_SAMPLER,
    "sample": promise.SAMPLE,
}


@dataclass
class Actor:
    """One client of a scenario, and the clients that it made, by name."""

    service: ServiceClient
    dialect: Dialect
    again: Callable[[], ServiceClient]
    """Another one like `service`. Raises NoKeyError, BadKeyError."""
    trainers: dict[str, TrainingClient] = field(default_factory=dict)
    samplers: dict[str, SamplingClient] = field(default_factory=dict)

    def trainer(self, told: Told) -> TrainingClient:
        """Raises LookupError where there is none, e.g. because its making failed."""
        return self.trainers[told.get("on", "training")]

    def sampler(self, told: Told) -> SamplingClient:
        """Raises LookupError where there is none, e.g. because its making failed."""
        return self.samplers[told.get("on", "sampling")]

    def shown(self, message: Model) -> Any:
        return reading.shown(message, self.dialect)


async def http(actor: Actor, told: Told) -> Any:
    asked = told.get("query") or ""
    call = Call(
        method=told["method"],
        path=told["path"],
        body=reading.text(told["body"]) if "body" in told else None,
        query=asked if isinstance(asked, str) else query.format_(asked),
        headers=told.get("headers") or {},
        timeout_s=told.get("timeout_s"),
        max_retries=told.get("max_retries"),
    )
    answer = await actor.service.session.http.send(call)
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = None
    return {"status": answer.status, "json": said}


async def capabilities(actor: Actor, _: Told) -> Any:
    return actor.shown(await actor.service.get_server_capabilities())


async def create(actor: Actor, told: Told) -> Any:
    client = await actor.service.create_lora_training_client(
        told["base_model"],
        told.get("rank", RANK),
        seed=told.get("seed"),
        user_metadata=told.get("user_metadata"),
    )
    return _known(actor, told, client)


async def from_state(actor: Actor, told: Told) -> Any:
    client = await actor.service.create_training_client_from_state(told["path"], optimizer=told.get("optimizer", False))
    return _known(actor, told, client)


async def info(actor: Actor, told: Told) -> Any:
    return actor.shown(await actor.trainer(told).get_info())


async def forward(actor: Actor, told: Told) -> Any:
    return actor.shown(await actor.trainer(told).forward(*_batch(actor, told)))


async def forward_backward(actor: Actor, told: Told) -> Any:
    return actor.shown(await actor.trainer(told).forward_backward(*_batch(actor, told)))


async def optim_step(actor: Actor, told: Told) -> Any:
    adam = reading.message(AdamParams, told["adam"], actor.dialect) if "adam" in told else None
    return actor.shown(await actor.trainer(told).optim_step(adam))


async def save_state(actor: Actor, told: Told) -> Any:
    return {"path": (await actor.trainer(told).save_state(told["name"])).path}


async def load_state(actor: Actor, told: Told) -> Any:
    await actor.trainer(told).load_state(told["path"])
    return {}


async def load_state_with_optimizer(actor: Actor, told: Told) -> Any:
    await actor.trainer(told).load_state_with_optimizer(told["path"])
    return {}


async def save_for_sampler(actor: Actor, told: Told) -> Any:
    return {"path": (await actor.trainer(told).save_weights_for_sampler(told["name"])).path}


async def sampling_create(actor: Actor, told: Told) -> Any:
    actor.samplers[told.get("as", "sampling")] = await actor.service.create_sampling_client(
        base_model=told.get("base_model"), model_path=told.get("model_path")
    )
    return {}


async def sampling_from_training(actor: Actor, told: Told) -> Any:
    saved = actor.trainer(told).save_weights_and_get_sampling_client()
    actor.samplers[told.get("as", "sampling")] = await saved
    return {}


async def sample(actor: Actor, told: Told) -> Any:
    sampled = actor.sampler(told).sample(
        text(_many(told["tokens"], "token")),
        reading.message(SamplingParams, told.get("params") or {}, actor.dialect),
        told.get("num_samples", 1),
        prompt_logprobs=told.get("prompt_logprobs", False),
        topk_prompt_logprobs=told.get("topk_prompt_logprobs", 0),
    )
    return actor.shown(await sampled)


async def compute_logprobs(actor: Actor, told: Told) -> Any:
    return await actor.sampler(told).compute_logprobs(text(_many(told["tokens"], "token")))


async def training_runs(actor: Actor, told: Told) -> Any:
    return actor.shown(await actor.service.rest().list_training_runs(**_page(told)))


async def training_run(actor: Actor, told: Told) -> Any:
    return actor.shown(await actor.service.rest().get_training_run(told["run"]))


async def checkpoints(actor: Actor, told: Told) -> Any:
    return actor.shown(await actor.service.rest().list_checkpoints(told["run"]))


async def user_checkpoints(actor: Actor, told: Told) -> Any:
    listed: CheckpointsListResponse = await actor.service.rest().list_user_checkpoints(**_page(told))
    return actor.shown(listed)


async def archive_url(actor: Actor, told: Told) -> Any:
    return {"url": (await actor.service.rest().get_checkpoint_archive_url(told["path"])).url}


async def publish(actor: Actor, told: Told) -> Any:
    await actor.service.rest().publish_checkpoint(told["path"])
    return {}


async def unpublish(actor: Actor, told: Told) -> Any:
    await actor.service.rest().unpublish_checkpoint(told["path"])
    return {}


async def delete(actor: Actor, told: Told) -> Any:
    await actor.service.rest().delete_checkpoint(told["path"])
    return {}


async def future_result(actor: Actor, told: Told) -> Any:
    observed: list[QueueState] = []
    asked: Promise[Any] = Promise(_KINDS[told["type"]], told["request_id"])
    session = actor.service.session
    future: Future[Any] = session.future(session.poller.result(asked, observed.append))
    try:
        result = actor.shown(await future.result(told.get("timeout_s")))
    finally:
        future.cancel()
    return {"result": result, "observed": observed} if told.get("observe") else result


async def telemetry_send(actor: Actor, told: Told) -> Any:
    session = actor.service.session
    await session.begin()
    for event in _many(told["events"], "event"):
        if event["kind"] == "UNHANDLED_EXCEPTION":
            session.reporter.exception(RuntimeError(event.get("name", "planted")))
        elif event["kind"] == "GENERIC_EVENT":
            session.reporter.event(event.get("name", "planted"), event.get("data") or {})
    await session.reporter.flush()
    return {}


async def cli(actor: Actor, told: Told) -> Any:
    """In this process; nobody is there to answer questions."""
    out, err = StringIO(), StringIO()
    terminal = Terminal(out, err, ask=lambda _: False, width=told.get("columns", 150))
    status = await run(list(told["args"]), terminal, actor.again, actor.dialect)
    return {"exit": status, "stdout": out.getvalue(), "stderr": err.getvalue()}


def _known(actor: Actor, told: Told, client: TrainingClient) -> Any:
    actor.trainers[told.get("as", "training")] = client
    return {"model_id": client.model_id}


def _many(told: Any, name: str) -> list[Any]:
    """A list, or {count, …}: one thing so many times."""
    return told if isinstance(told, list) else [told[name]] * told["count"]


def _page(told: Told) -> dict[str, int]:
    return {name: told[name] for name in ("limit", "offset") if name in told}


def _batch(actor: Actor, told: Told) -> tuple[list[Datum], LossFnType, LossFnConfig | None]:
    data = told["data"]
    one, count = (data, 1) if isinstance(data, list) else ([data["datum"]], data["count"])  # read once
    batch = reading.message(ForwardBackwardInput, {"data": one, "loss_fn": told["loss_fn"]}, actor.dialect)
    return batch.data * count, batch.loss_fn, told.get("loss_fn_config")


STEPS: dict[str, Callable[[Actor, Told], Any]] = {
    "http": http,
    "service.capabilities": capabilities,
    "training.create": create,
    "training.from_state": from_state,
    "training.info": info,
    "training.forward": forward,
    "training.forward_backward": forward_backward,
    "training.optim_step": optim_step,
    "training.save_state": save_state,
    "training.load_state": load_state,
    "training.load_state_with_optimizer": load_state_with_optimizer,
    "training.save_for_sampler": save_for_sampler,
    "sampling.create": sampling_create,
    "sampling.from_training": sampling_from_training,
    "sampling.sample": sample,
    "sampling.compute_logprobs": compute_logprobs,
    "rest.training_runs": training_runs,
    "rest.training_run": training_run,
    "rest.checkpoints": checkpoints,
    "rest.user_checkpoints": user_checkpoints,
    "rest.archive_url": archive_url,
    "rest.publish": publish,
    "rest.unpublish": unpublish,
    "rest.delete": delete,
    "future.result": future_result,
    "telemetry.send": telemetry_send,
    "cli": cli,
}
