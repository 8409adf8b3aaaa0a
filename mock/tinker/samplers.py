"""Sampling sessions: whose weights samples come from."""

from __future__ import annotations

from tinker.v1 import sampling_wire as wire

from mock.tinker.language import tables
from mock.tinker.paths import BadPath, CheckpointPath
from mock.tinker.refusal import refusal
from mock.tinker.state import Model, Sampler, State
from mock.tinker.vault import Corrupted
from mock.tinker.weights import Damaged, Weights


class Samplers:
    def __init__(self, state: State) -> None:
        self.state = state

    async def create(self, request: wire.CreateSamplingSessionRequest) -> wire.CreateSamplingSessionResponse:
        session = self.state.session(request.session_id)
        number = request.sampling_session_seq_id
        name = session.samplers.get(number)
        if name is None:
            path = request.model_path if isinstance(request.model_path, str) else None
            base = request.base_model if isinstance(request.base_model, str) else None
            name = f"{session.id}:sample:{number}"
            made = await self.load(name, session.id, base, path)
            session.samplers[number] = name
            self.state.samplers[name] = made
        return wire.CreateSamplingSessionResponse(sampling_session_id=name)

    async def load(self, name: str, session_id: str, base_model: str | None, model_path: str | None) -> Sampler:
        """Raises Refusal."""
        if model_path is None:
            if base_model is None:
                raise refusal(422, "base_model or model_path is needed")
            self.state.offered(base_model)
            return Sampler(name, session_id, base_model, None, tables(base_model.partition(":")[0], None))
        try:
            path = CheckpointPath.parse(model_path)
        except BadPath as error:
            raise refusal(400, str(error)) from None
        if path.kind != "sampler_weights":
            raise refusal(400, f"{model_path} is not for sampling; save_weights_for_sampler makes what is")
        found = self.state.checkpoint(path.run, path.id)
        if base_model is not None and base_model.partition(":")[0] != found.base_model.partition(":")[0]:
            raise refusal(400, f"{model_path} is of {found.base_model}, not of {base_model}")
        weights = Weights(found.base_model.partition(":")[0])
        try:
            weights.load(await self.state.vault.load(found.stored), optimizer=False)
        except (Corrupted, Damaged) as error:
            raise refusal(400, f"Checkpoint {model_path} is corrupted: {error}") from None
        return Sampler(name, session_id, found.base_model, model_path, weights.tables)

    def of_model(self, model: Model, number: int, *, inflight: bool) -> str:
        """A passing one, of the weights as they are."""
        state, run = self.state, model.run
        session = state.session(run.session_id)
        name = session.samplers.get(number)
        if name is None:
            name = session.samplers[number] = f"{session.id}:sample:{number}"
            made = state.samplers[name] = Sampler(name, session.id, run.base_model, None, model.weights.tables)
            self.follow(model)
            if inflight:
                state.inflight.setdefault(run.id, []).append(made)
        return name

    def follow(self, model: Model) -> None:
        """Inflight samplers go over to the weights that were saved last."""
        for each in self.state.inflight.get(model.run.id, ()):
            each.tables = model.weights.tables

    def join(self, request: wire.JoinSamplingSessionRequest) -> wire.JoinSamplingSessionResponse:
        sampler = self.state.sampler(request.sampling_session_id)
        counter = sampler.clients
        sampler.clients += 1
        return wire.JoinSamplingSessionResponse(client_counter=counter)

    def get(self, request: wire.GetSamplerRequest) -> wire.GetSamplerResponse:
        sampler = self.state.sampler(request.sampler_id)
        answer = wire.GetSamplerResponse(sampler_id=sampler.id, base_model=sampler.base_model)
        if sampler.model_path is not None:
            answer.model_path = sampler.model_path
        return answer
