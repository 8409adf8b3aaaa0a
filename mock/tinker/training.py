"""Models and what trains them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tinker.public import tinker_public_wire as public
from tinker.v1 import custom_loss_wire as custom
from tinker.v1 import model_wire as wire
from tinker.v1 import optimizer_wire as optimizer
from tinker.v1 import training_wire as training
from tinker.v1.future_wire import UntypedAPIFuture

from mock.engine import reading
from mock.engine.backend import Call
from mock.tinker import passing
from mock.tinker.batch import BadData, Batch, from_binary, from_json
from mock.tinker.dialects import NEW
from mock.tinker.loss import LOSSES
from mock.tinker.promise import Failed, Promise, Result
from mock.tinker.refusal import refusal
from mock.tinker.state import Model, Run, State, promised
from mock.tinker.weights import Adam, Dimuon


class Training:
    def __init__(self, state: State) -> None:
        self.state = state

    def create(self, request: wire.CreateModelRequest, call: Call) -> UntypedAPIFuture:
        state = self.state
        session = state.session(request.session_id)
        before = session.models.get(request.model_seq_id)
        if before is not None:
            return promised(state.promises.find(before) or Promise(before, "create_model"), call)
        state.offered(request.base_model)
        lora = request.lora_config if isinstance(request.lora_config, wire.LoraConfig) else None
        if lora is not None and not 1 <= lora.rank <= 4096:
            raise refusal(400, f"LoRA rank {lora.rank} is not between 1 and 4096")
        now = state.clock.now()
        run = Run(
            id=model_id(session.id, request.model_seq_id),
            session_id=session.id,
            base_model=request.base_model,
            created=now,
            used=now,
            lora=lora,
            optimizer=request.optimizer_config,
            metadata=request.user_metadata if isinstance(request.user_metadata, dict) else None,
        )

        async def work() -> Result:
            return Result(lambda: wire.CreateModelResponse(model_id=run.id))

        def prepare(promise: Promise) -> None:
            state.add_model(run)
            promise.then = lambda done: drop(state, run.id) if done.failed else None
            session.models[request.model_seq_id] = promise.id

        return promised(state.begin("create_model", call, work, model_id=run.id, prepare=prepare), call)

    def info(self, request: wire.GetInfoRequest) -> wire.GetInfoResponse:
        run = self.state.model(request.model_id).run
        answer = wire.GetInfoResponse(
            model_data=wire.ModelData(
                arch=run.base_model.rpartition("/")[2].partition("-")[0].lower(),
                model_name=run.base_model,
                tokenizer_id=run.base_model,
            ),
            model_id=run.id,
            optimizer_config=run.optimizer,
            is_lora=run.lora is not None,
            model_name=run.base_model,
        )
        if run.lora is not None:
            answer.lora_rank = run.lora.rank
        return answer

    def unload(self, request: wire.UnloadModelRequest, call: Call) -> UntypedAPIFuture:
        model = self.state.model(request.model_id)

        async def work() -> Result:
            self.state.models.pop(model.run.id, None)
            return Result(lambda: wire.UnloadModelResponse(model_id=model.run.id))

        return promised(self.state.begin("unload_model", call, work, model=model), call)

    def forward(self, request: training.ForwardRequest, call: Call) -> UntypedAPIFuture:
        held = self._named(request, request.forward_input, call)
        return self._pass(request.model_id, request.seq_id, lambda: from_json(held, True), call, True)

    def forward_backward(
        self, request: training.ForwardBackwardRequest | public.ForwardBackwardRequest, call: Call
    ) -> UntypedAPIFuture:
        if isinstance(request, public.ForwardBackwardRequest):
            if not request.model_id:
                raise refusal(422, "model_id is missing")
            return self._pass(
                request.model_id, request.seq_id, lambda: from_binary(request), call, request.forward_only
            )
        held = self._named(request, request.forward_backward_input, call)
        return self._pass(request.model_id, request.seq_id, lambda: from_json(held, False), call, False)

    def step(self, request: optimizer.OptimStepRequest, call: Call) -> UntypedAPIFuture:
        model = self.state.model(request.model_id)

        async def work() -> Result:
            how = step_of(request, model.run.optimizer)
            model.cycle += 1
            norm = model.weights.step(how)
            metrics = {
                "grad_norm:mean": norm,
                "learning_rate:mean": how.learning_rate,
                "optimizer_step:max": float(model.weights.steps),
            }
            return Result(lambda: optimizer.OptimStepResponse(metrics=metrics))

        return promised(self._turn("optim_step", call, work, model, request.seq_id), call)

    def create_loss(self, request: custom.CreateCustomLossRequest, call: Call) -> UntypedAPIFuture:
        """The graph is looked at, not run."""
        state = self.state
        session = state.session(request.session_id)
        before = session.losses.get(request.custom_loss_seq_id)
        if before is not None:
            return promised(state.promises.find(before) or Promise(before, "create_custom_loss"), call)
        loss_id = f"{session.id}:loss:{request.custom_loss_seq_id}"

        async def work() -> Result:
            check_graph(request)
            state.losses.add(loss_id)
            return Result(lambda: custom.CreateCustomLossResponse(loss_id=loss_id))

        def prepare(promise: Promise) -> None:
            session.losses[request.custom_loss_seq_id] = promise.id

        return promised(state.begin("create_custom_loss", call, work, prepare=prepare), call)

    def _named(
        self,
        request: training.ForwardRequest | training.ForwardBackwardRequest,
        data: training.ForwardBackwardInput,
        call: Call,
    ) -> training.ForwardBackwardInput:
        """With the loss that was asked for: releases between 0.4.1 and 0.38 send JSON with losses that 0.4.1 had not.
        Raises Refusal."""
        named: object = data.loss_fn  # reading has left out what the dialect does not know
        if isinstance(named, str):
            return data
        field = next(iter(type(request).model_fields))
        try:
            # Raises where JSON has no word: protobuf with a number that is no loss, or what nests too deep to write.
            sent = call.request.json()
            newer = training.ForwardBackwardInput.WIRE.read_lenient(reading.text(sent[field]), NEW)
            if isinstance(named := newer.loss_fn, str):
                return data.model_copy(update={"loss_fn": named})
        except ValueError:  # WireError too
            pass
        if (model := self.state.models.get(request.model_id)) is not None:
            model.turns.skip(request.seq_id if isinstance(request.seq_id, int) else None)
        raise refusal(422, f"loss_fn is none of {', '.join(sorted(LOSSES))}")

    def _pass(
        self, name: str, seq_id: object, read: Callable[[], Batch], call: Call, forward_only: bool
    ) -> UntypedAPIFuture:
        model = self.state.model(name)
        operation = "forward" if forward_only else "forward_backward"

        async def work() -> Result:
            batch = read()
            loss_id = batch.config.get("loss_id")
            if batch.loss == "custom" and loss_id not in self.state.losses:
                raise Failed(f"Custom loss not found: {loss_id}")
            model.cycle += 1
            strict = bool(self.state.settings.now.strict_loss_inputs)
            done = await passing.run(model.weights, batch, model.cycle, strict=strict)
            run = model.run
            self.state.ledger.use(self.state.clock.now(), run.session_id, run.base_model, "training", batch.size)
            return Result(done.to_json, done.to_binary)

        return promised(self._turn(operation, call, work, model, seq_id), call)

    def _turn(
        self, operation: str, call: Call, work: Callable[[], Awaitable[Result]], model: Model, seq_id: object
    ) -> Promise:
        return self.state.begin(operation, call, work, model=model, seq_id=seq_id)


def model_id(session_id: str, model_seq_id: int) -> str:
    """0.38 makes the same on its own; tinker.md section 2.3."""
    return f"{session_id}:train:{model_seq_id}"


def drop(state: State, name: str) -> None:
    """A model that came to nothing."""
    state.models.pop(name, None)
    state.runs.pop(name, None)


def step_of(request: optimizer.OptimStepRequest, config: optimizer.OptimizerConfig) -> Adam | Dimuon:
    """Raises Failed for params of another optimizer than the model's, BadData for numbers that are none."""
    held = request.adam_params or request.optimizer_params
    wanted = "adamw" if isinstance(held, optimizer.AdamParams) else held.type if held is not None else "none"
    if wanted != config.type:
        raise Failed(f"Optimizer params are for {wanted}, but the model was created with {config.type}")
    if isinstance(held, optimizer.AdamParams):
        if not (0 <= held.beta1 < 1 and 0 <= held.beta2 < 1 and held.eps >= 0 and 0 <= held.learning_rate < 1e6):
            raise BadData("adam_params: betas lie from 0 to below 1, eps and learning_rate are not negative")
        return Adam(held.learning_rate, held.beta1, held.beta2, held.eps, held.weight_decay, held.grad_clip_norm)
    if isinstance(held, optimizer.DimuonParams):
        return Dimuon(held.learning_rate, held.beta1, held.grad_clip_norm)
    # An optimizer that nobody described here steps like Dimuon does at its default rate.
    return Dimuon(1e-4)


def check_graph(request: custom.CreateCustomLossRequest) -> None:
    """Raises Failed."""
    if not request.inputs or request.inputs[0].name != "logprobs":
        raise Failed("The first input of a custom loss is logprobs")
    seen: set[str] = set()
    for node in request.graph.nodes:
        if node.name in seen:
            raise Failed(f"Two nodes of the graph are called {node.name}")
        seen.add(node.name)
    if not request.graph.nodes or request.graph.nodes[-1].op != "output":
        raise Failed("The last node of the graph is its output")
