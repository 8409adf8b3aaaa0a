"""Training runs and checkpoints, looked at from outside. tinker.md sections 1.4 and 2.8."""

from __future__ import annotations

from email.utils import formatdate

from samewire_wire import Timestamp
from tinker.v1 import checkpoint_wire as wire
from tinker.v1 import training_run_wire as runs

from mock.engine.backend import Call
from mock.tinker.archive import Archives
from mock.tinker.checkpoint import Checkpoint
from mock.tinker.dialects import NEW, fitted
from mock.tinker.paths import BadPath, CheckpointPath
from mock.tinker.refusal import refusal, unknown
from mock.tinker.sessions import page, texts
from mock.tinker.state import OWNER, Run, State

_LINK_S = 900.0  # seconds that a link is good for


class Listing:
    def __init__(self, state: State, archives: Archives) -> None:
        self.state = state
        self.archives = archives

    def list_runs(self, request: runs.ListTrainingRunsRequest, call: Call) -> runs.TrainingRunsResponse:
        """The latest used first."""
        limit, offset = page(request.limit, request.offset)
        found = sorted(self.state.runs.values(), key=lambda run: -run.used)
        if isinstance(request.project_id, str):
            sessions = self.state.sessions
            found = [
                run
                for run in found
                if run.session_id in sessions and sessions[run.session_id].project_id == request.project_id
            ]
        shown = [self._run(run) for run in found[offset : offset + limit]]
        cursor = wire.Cursor(offset=offset, limit=limit, total_count=len(found))
        return fitted(runs.TrainingRunsResponse(training_runs=shown, cursor=cursor), call.dialect)

    def get_run(self, request: runs.GetTrainingRunRequest, call: Call) -> runs.TrainingRun:
        return fitted(self._run(self._known(request.training_run_id)), call.dialect)

    def list_checkpoints(self, request: wire.ListCheckpointsRequest, call: Call) -> wire.CheckpointsListResponse:
        self._known(request.training_run_id)
        return fitted(
            wire.CheckpointsListResponse(checkpoints=self._shown(request.training_run_id, call)), call.dialect
        )

    def list_all(self, request: wire.ListUserCheckpointsRequest, call: Call) -> wire.CheckpointsListResponse:
        limit, offset = page(request.limit, request.offset)
        found = self._shown(None, call)
        cursor = wire.Cursor(offset=offset, limit=limit, total_count=len(found))
        answer = wire.CheckpointsListResponse(checkpoints=found[offset : offset + limit], cursor=cursor)
        return fitted(answer, call.dialect)

    def archive(self, request: wire.CheckpointRequest, call: Call) -> None:
        """302 to where it can be fetched."""
        found = self._find(request.training_run_id, request.checkpoint_id)
        expires = self.state.clock.now() + _LINK_S
        call.headers["Location"] = self.archives.link(found, "tar.gz", expires, call.request)
        call.headers["Expires"] = formatdate(expires, usegmt=True)
        self.state.ledger.act(self.state.clock.now(), "checkpoint_read", found.path.run, str(found.path))

    def delete(self, request: wire.CheckpointRequest) -> None:
        found = self._find(request.training_run_id, request.checkpoint_id)
        self.state.checkpoints.remove(found.path.run, found.path.id)
        self.state.ledger.act(self.state.clock.now(), "checkpoint_deleted", found.path.run, str(found.path))

    def publish(self, request: wire.CheckpointRequest, public: bool) -> None:
        found = self._find(request.training_run_id, request.checkpoint_id)
        found.public = public
        event = "checkpoint_published" if public else "checkpoint_unpublished"
        self.state.ledger.act(self.state.clock.now(), event, found.path.run, str(found.path))

    def set_ttl(self, request: wire.SetCheckpointTtlRequest) -> None:
        """From now; None lifts it."""
        found = self._find(request.training_run_id, request.checkpoint_id)
        seconds = request.ttl.ttl_seconds
        if seconds is not None and seconds <= 0:
            raise refusal(400, f"ttl_seconds is {seconds}; it must be more than 0")
        found.expires = None if seconds is None else self.state.clock.now() + seconds

    def external_urls(self, request: wire.CheckpointRequest, call: Call) -> wire.ExternalWeightsUrlsResponse:
        found = self._find(request.training_run_id, request.checkpoint_id)
        if found.path.kind != "external_weights":
            raise refusal(400, f"{found.path} was not saved for download")
        expires = self.state.clock.now() + _LINK_S
        names = ("adapter_config.json", "adapter_model.bin")
        urls = {name: self.archives.link(found, name, expires, call.request) for name in names}
        return wire.ExternalWeightsUrlsResponse(urls=urls, expires=Timestamp.from_seconds(expires))

    def _known(self, run_id: str) -> Run:
        found = self.state.runs.get(run_id)
        if found is None:
            raise unknown("Training run", run_id)
        return found

    def _find(self, run_id: str, checkpoint_id: str) -> Checkpoint:
        try:
            path = CheckpointPath.of(run_id, checkpoint_id)
        except BadPath as error:
            raise refusal(400, str(error)) from None
        return self.state.checkpoint(path.run, path.id)

    def _shown(self, run_id: str | None, call: Call) -> list[wire.Checkpoint]:
        """Older clients do not know the external ones."""
        kept = [
            each
            for each in self.state.checkpoints.all(run_id)
            if call.dialect == NEW or each.path.kind != "external_weights"
        ]
        return [each.to_wire() for each in kept]

    def _run(self, run: Run) -> runs.TrainingRun:
        answer = runs.TrainingRun(
            training_run_id=run.id,
            base_model=run.base_model,
            model_owner=OWNER,
            is_lora=run.lora is not None,
            last_request_time=Timestamp.from_seconds(run.used),
        )
        if run.lora is not None:
            answer.lora_rank = run.lora.rank
        if run.metadata is not None:
            answer.user_metadata = texts(run.metadata)
        for each in self.state.checkpoints.all(run.id):
            if each.path.kind == "weights" and not isinstance(answer.last_checkpoint, wire.Checkpoint):
                answer.last_checkpoint = each.to_wire()
            sampler = answer.last_sampler_checkpoint
            if each.path.kind == "sampler_weights" and not isinstance(sampler, wire.Checkpoint):
                answer.last_sampler_checkpoint = each.to_wire()
        return answer
