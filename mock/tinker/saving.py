"""Saving and loading weights. tinker.md section 2.5."""

from __future__ import annotations

from dataclasses import replace

from samewire_wire import MISSING
from tinker.v1 import weights_wire as wire
from tinker.v1.future_wire import UntypedAPIFuture

from mock.engine.backend import Call
from mock.tinker.checkpoint import Checkpoint
from mock.tinker.dialects import NEW
from mock.tinker.paths import BadPath, CheckpointPath, Kind, check_name
from mock.tinker.promise import Failed, Promise, Result
from mock.tinker.refusal import refusal, unknown
from mock.tinker.samplers import Samplers
from mock.tinker.state import Model, Run, State, promised
from mock.tinker.training import drop, model_id
from mock.tinker.vault import Corrupted
from mock.tinker.weights import Damaged

_TOKEN_HEADER = b"x-tinker-weights-access-token"


class Saving:
    def __init__(self, state: State, samplers: Samplers) -> None:
        self.state = state
        self.samplers = samplers

    def save(self, request: wire.SaveWeightsRequest, call: Call) -> UntypedAPIFuture:
        model = self.state.model(request.model_id)
        name = self._name(model, request.path, request.seq_id)
        # Older clients can't say it: they overwrite.
        overwrite = request.overwrite or call.dialect != NEW

        async def work() -> Result:
            path = CheckpointPath(model.run.id, "weights", name or self._given(model))
            await self._store(model, path, True, request.ttl_seconds, request.user_metadata, overwrite)
            return Result(lambda: wire.SaveWeightsResponse(path=str(path)))

        return promised(self.state.begin("save_weights", call, work, model=model, seq_id=request.seq_id), call)

    def save_for_sampler(self, request: wire.SaveWeightsForSamplerRequest, call: Call) -> UntypedAPIFuture:
        """Named: a checkpoint. Not named: a sampler that is there at once."""
        model = self.state.model(request.model_id)
        name = self._name(model, request.path, request.seq_id)
        number = request.sampling_session_seq_id if isinstance(request.sampling_session_seq_id, int) else None

        async def work() -> Result:
            model.cycle += 1
            if name is None and number is not None:
                made = self.samplers.of_model(model, number, inflight=request.kind == "inflight")
                return Result(lambda: wire.SaveWeightsForSamplerResponse(sampling_session_id=made))
            path = CheckpointPath(model.run.id, "sampler_weights", name or self._given(model))
            await self._store(model, path, False, request.ttl_seconds, request.user_metadata, True)
            self.samplers.follow(model)
            return Result(lambda: wire.SaveWeightsForSamplerResponse(path=str(path)))

        promise = self.state.begin("save_weights_for_sampler", call, work, model=model, seq_id=request.seq_id)
        return promised(promise, call)

    def save_external(self, request: wire.SaveWeightsExternalRequest, call: Call) -> UntypedAPIFuture:
        model = self.state.model(request.model_id)
        name = self._name(model, request.path, request.seq_id)

        async def work() -> Result:
            path = CheckpointPath(model.run.id, "external_weights", name or self._given(model))
            saved = await self._store(model, path, False, request.ttl_seconds, None, True)
            size = saved.stored.size
            return Result(lambda: wire.SaveWeightsExternalResponse(path=str(path), size_bytes=size))

        promise = self.state.begin("save_weights_external", call, work, model=model, seq_id=request.seq_id)
        return promised(promise, call)

    def load(self, request: wire.LoadWeightsRequest, call: Call) -> UntypedAPIFuture:
        """Into a model, or (0.38) into one that it makes."""
        if isinstance(request.session_id, str) and not isinstance(request.model_id, str):
            return self._load_new(request, request.session_id, call)
        if not isinstance(request.model_id, str):
            raise refusal(422, "load_weights needs model_id, or session_id and model_seq_id")
        model = self.state.model(request.model_id)
        seq_id = request.seq_id
        try:
            path = self._readable(request.path, request.weights_access_token, call)
        except Exception:
            model.turns.skip(seq_id if isinstance(seq_id, int) else None)
            raise

        async def work() -> Result:
            await self._restore(model, path, request)
            return Result(lambda: wire.LoadWeightsResponse(path=str(path)))

        return promised(self.state.begin("load_weights", call, work, model=model, seq_id=seq_id), call)

    def _load_new(self, request: wire.LoadWeightsRequest, session_id: str, call: Call) -> UntypedAPIFuture:
        state = self.state
        session = state.session(session_id)
        number = request.model_seq_id
        if not isinstance(number, int):
            raise refusal(422, "load_weights with session_id needs model_seq_id")
        before = session.models.get(number)
        if before is not None:
            return promised(state.promises.find(before) or Promise(before, "load_weights"), call)
        path = self._readable(request.path, request.weights_access_token, call)
        found = state.checkpoint(path.run, path.id)
        now, config = state.clock.now(), request.optimizer_config
        run = Run(
            id=model_id(session_id, number),
            session_id=session_id,
            base_model=request.base_model if isinstance(request.base_model, str) else found.base_model,
            created=now,
            used=now,
            lora=found.lora,
            optimizer=found.optimizer if config is None or config is MISSING else config,
            metadata=request.user_metadata if isinstance(request.user_metadata, dict) else None,
        )

        async def work() -> Result:
            await self._restore(state.models[run.id], path, request)
            return Result(lambda: wire.LoadWeightsResponse(path=str(path), model_id=run.id))

        def prepare(promise: Promise) -> None:
            state.add_model(run)
            promise.then = lambda done: drop(state, run.id) if done.failed else None
            session.models[number] = promise.id

        return promised(state.begin("load_weights", call, work, model_id=run.id, prepare=prepare), call)

    def info(self, request: wire.WeightsInfoRequest) -> wire.WeightsInfoResponse:
        try:
            path = CheckpointPath.parse(request.tinker_path)
        except BadPath as error:
            raise refusal(400, str(error)) from None
        found = self.state.checkpoint(path.run, path.id)
        answer = wire.WeightsInfoResponse(
            base_model=found.base_model, optimizer_config=found.optimizer, is_lora=found.lora is not None
        )
        if found.lora is not None:
            answer.lora_rank = found.lora.rank
            answer.train_unembed = found.lora.train_unembed
            answer.train_mlp = found.lora.train_mlp
            answer.train_attn = found.lora.train_attn
        return answer

    async def copy(self, request: wire.CopyWeightsRequest, call: Call) -> wire.CopyWeightsResponse:
        """A run of its own with this one checkpoint; the same request gives the same copy."""
        state = self.state
        source = self._readable(request.source_path, request.weights_access_token, call)
        found = state.checkpoint(source.run, source.id)
        key = call.request.header(b"x-idempotency-key")
        session_id = request.session_id if isinstance(request.session_id, str) else ""
        if session_id and isinstance(request.model_seq_id, int):
            state.session(session_id)
            run_id = model_id(session_id, request.model_seq_id)
        else:
            run_id = f"copy-{key.decode('latin-1').replace('/', '-')}" if key else f"copy-{len(state.runs) + 1}"
        path = CheckpointPath(run_id, source.kind, source.name)
        if state.checkpoints.find(run_id, path.id) is None:
            try:
                data = await state.vault.load(found.stored)
            except Corrupted as error:
                raise refusal(400, f"Checkpoint {source} is corrupted: {error}") from None
            now = state.clock.now()
            if run_id not in state.runs:
                state.runs[run_id] = Run(run_id, session_id, found.base_model, now, now, found.lora, found.optimizer)
            stored = await state.vault.save(data, found.stored.size)
            copied = replace(found, path=path, created=now, stored=stored, session_id=session_id, public=False)
            copied.expires = self._expires(request.ttl_seconds)
            state.checkpoints.add(copied)
            state.ledger.act(now, "checkpoint_copied", run_id, str(path))
        return wire.CopyWeightsResponse(tinker_path=str(path))

    # Parts

    def _name(self, model: Model, path: object, seq_id: object) -> str | None:
        """Raises Refusal; those after it need not wait for the refused one."""
        if not isinstance(path, str) or not path:
            return None
        try:
            return check_name(path)
        except BadPath as error:
            model.turns.skip(seq_id if isinstance(seq_id, int) else None)
            raise refusal(400, str(error)) from None

    def _given(self, model: Model) -> str:
        model.saves += 1
        return f"{model.saves:04}"

    def _expires(self, ttl_seconds: object) -> float | None:
        return self.state.clock.now() + ttl_seconds if isinstance(ttl_seconds, int) else None

    async def _store(
        self, model: Model, path: CheckpointPath, optimizer: bool, ttl: object, metadata: object, overwrite: bool
    ) -> Checkpoint:
        """Raises Failed."""
        state, run = self.state, model.run
        if isinstance(ttl, int) and ttl <= 0:
            raise Failed(f"ttl_seconds is {ttl}; it must be more than 0")
        if not overwrite and state.checkpoints.find(path.run, path.id) is not None:
            raise Failed(f"Checkpoint already exists: {path}; save with overwrite, or under another name")
        try:
            stored = await state.vault.save(model.weights.to_bytes(optimizer), state.settings.now.state_bytes or 0)
        except OSError as error:
            raise Failed(f"Checkpoint {path} can't be written: {error.strerror}", "server") from None
        if str(path) in (state.settings.now.corrupted or ()):
            state.vault.damage(stored)
        now = state.clock.now()
        made = Checkpoint(
            path=path,
            created=now,
            stored=stored,
            base_model=run.base_model,
            lora=run.lora,
            optimizer=run.optimizer,
            steps=model.weights.steps,
            session_id=run.session_id,
            expires=self._expires(ttl),
            metadata=metadata if isinstance(metadata, dict) else None,
        )
        state.checkpoints.add(made)
        state.ledger.act(now, "checkpoint_created", run.id, str(path))
        state.ledger.use(now, run.session_id, run.base_model, "checkpoint", 1)
        return made

    def _readable(self, text: str, token: object, call: Call) -> CheckpointPath:
        """Raises Refusal for what is no path, is not there or is locked. A checkpoint whose run is still at work may
        come later: that is seen when its turn is.
        """
        try:
            path = CheckpointPath.parse(text)
        except BadPath as error:
            raise refusal(400, str(error)) from None
        if path.run not in self.state.models and self.state.checkpoints.find(path.run, path.id) is None:
            raise unknown("Checkpoint", text)
        wanted = self.state.settings.now.weights_access_tokens.get(text)
        given = token if isinstance(token, str) else (call.request.header(_TOKEN_HEADER) or b"").decode("latin-1")
        if wanted is not None and given != wanted:
            raise refusal(403, f"Checkpoint {text} belongs to another account: it needs its weights access token")
        return path

    async def _restore(self, model: Model, path: CheckpointPath, request: wire.LoadWeightsRequest) -> None:
        """Raises Failed."""
        state, run = self.state, model.run
        found = state.checkpoints.find(path.run, path.id)
        if found is None:
            raise Failed(f"Checkpoint not found: {path}")
        _check_fits(found, run, path.kind)
        if request.optimizer and found.optimizer.type != run.optimizer.type:
            raise Failed(
                f"Checkpoint {path} has the state of {found.optimizer.type}, the model is {run.optimizer.type}"
            )
        try:
            model.weights.load(await state.vault.load(found.stored), request.optimizer)
        except (Corrupted, Damaged) as error:
            raise Failed(f"Checkpoint {path} is corrupted: {error}") from None
        state.ledger.act(state.clock.now(), "checkpoint_read", run.id, str(path))


def _check_fits(found: Checkpoint, run: Run, kind: Kind) -> None:
    """Raises Failed."""
    if kind != "weights":
        raise Failed(f"Checkpoint {found.path} is for sampling; only weights/… can be trained on")
    # What follows a colon is a variant of the same weights, e.g. another context length.
    if found.base_model.partition(":")[0] != run.base_model.partition(":")[0]:
        raise Failed(f"Checkpoint {found.path} is of {found.base_model}, the model is {run.base_model}")
    rank, wanted = (each.rank if each else None for each in (found.lora, run.lora))
    if rank != wanted:
        raise Failed(f"Checkpoint {found.path} has LoRA rank {rank}, the model {wanted}")
