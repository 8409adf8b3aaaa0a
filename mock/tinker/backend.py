"""The backend: every method of the API, each done in a room of its own."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import quote

from samewire_wire import MessageSpec, WireError
from tinker.mock.v1.mock_wire import TinkerSettings
from tinker.public import tinker_public_wire as public
from tinker.v1 import (
    admin_wire,
    auth_wire,
    checkpoint_wire,
    config_wire,
    custom_loss_wire,
    future_wire,
    model_wire,
    optimizer_wire,
    sampling_wire,
    server_wire,
    session_info_wire,
    session_wire,
    telemetry_wire,
    training_run_wire,
    training_wire,
    weights_wire,
)
from tinker.v1.future_wire import UntypedAPIFuture

from mock.engine import writing
from mock.engine.answer import Answer
from mock.engine.backend import Backend, Call, Refusal
from mock.engine.clock import Clock
from mock.engine.request import Request
from mock.tinker import dialects, unreadable
from mock.tinker.admin import Admin
from mock.tinker.archive import PREFIX, Archives
from mock.tinker.auth import Auth
from mock.tinker.dialects import fitted
from mock.tinker.futures import Futures
from mock.tinker.listing import Listing
from mock.tinker.refusal import refusal
from mock.tinker.samplers import Samplers
from mock.tinker.samples import Samples
from mock.tinker.saving import Saving
from mock.tinker.sessions import Sessions
from mock.tinker.state import State
from mock.tinker.training import Training

_LINK_S = 900.0
# 0.3.0 lists checkpoints there.
_MODELS = "/api/v1/models/"


class TinkerBackend(Backend):
    settings: ClassVar[MessageSpec | None] = TinkerSettings.WIRE

    def __init__(self, clock: Clock, seed: int, session: str) -> None:
        super().__init__(clock, seed, session)
        self.state = State(clock, session)
        self._auth = Auth(self.state)
        self._sessions = Sessions(self.state)
        self._training = Training(self.state)
        self._samplers = Samplers(self.state)
        self._samples = Samples(self.state, self._samplers)
        self._saving = Saving(self.state, self._samplers)
        self._archives = Archives(self.state)
        self._listing = Listing(self.state, self._archives)
        self._futures = Futures(self.state)
        self._admin = Admin(self.state)

    def configure(self, settings: TinkerSettings) -> None:
        """Raises WireError for a config that the clients would not take."""
        self.state.settings.change(settings)
        for each in self.state.checkpoints.all():
            if settings.corrupted is not None and str(each.path) in settings.corrupted:
                self.state.vault.damage(each.stored)

    def dialect(self, request: Request) -> str | None:
        return self.state.settings.now.dialect or dialects.hint(request)

    def admit(self, request: Request) -> None:
        self._auth.admit(request)

    def mended(self, request: Request, error: WireError) -> bytes | None:
        return None if request.header(b"content-encoding") else unreadable.mended(request.body)

    def unreadable(self, request: Request, error: WireError | str) -> Answer:
        """Those that come after it in its model's order need not wait for it."""
        held = unreadable.turn(request.body)
        model = self.state.models.get(held[0]) if held else None
        if held is not None and model is not None:
            model.turns.skip(held[1])
        return writing.refused(None, refusal(422, str(error)))

    def no_route(self, request: Request, verbs: list[str]) -> Answer:
        try:
            if request.method == "GET" and request.path.startswith(PREFIX):
                return self._archives.serve(request.path)
            if request.path.startswith(_MODELS):
                rest = request.path.removeprefix(_MODELS)
                up = "../" * (rest.count("/") + 1)
                raise refusal(307, "Moved to training_runs", {"Location": f"{up}training_runs/{quote(rest)}"})
            if verbs:
                allow = ", ".join(verbs)
                raise refusal(405, f"Method Not Allowed: {request.path} has {allow}", {"Allow": allow})
            raise refusal(404, f"Not Found: {request.method} {request.path}")
        except Refusal as refused:
            return writing.refused(None, refused)

    async def close(self) -> None:
        await self.state.close()

    # Server and credentials

    def get_health(self, request: server_wire.HealthRequest, call: Call) -> server_wire.HealthResponse:
        return server_wire.HealthResponse()

    def get_server_capabilities(
        self, request: server_wire.GetServerCapabilitiesRequest, call: Call
    ) -> server_wire.GetServerCapabilitiesResponse:
        models = [
            server_wire.SupportedModel(
                model_name=offer.name,
                max_context_length=offer.max_context_length or 32_768,
                trainable=offer.trainable is not False,
                sampleable=offer.sampleable is not False,
            )
            for offer in self.state.settings.offers
        ]
        return fitted(server_wire.GetServerCapabilitiesResponse(supported_models=models), call.dialect)

    def get_client_config(
        self, request: config_wire.ClientConfigRequest, call: Call
    ) -> config_wire.ClientConfigResponse:
        return self.state.settings.client_config

    def get_client_dynamic_config(
        self, request: config_wire.ClientConfigRequest, call: Call
    ) -> config_wire.ClientDynamicConfigResponse:
        if self.state.settings.now.dynamic_config_missing:
            raise refusal(404, f"Not Found: {call.request.method} {call.request.path}")
        return self.state.settings.dynamic_config

    def create_auth_token(self, request: auth_wire.AuthTokenRequest, call: Call) -> auth_wire.AuthTokenResponse:
        return self._auth.exchange(call)

    def get_api_key(self, request: auth_wire.ApiKeyRequest, call: Call) -> auth_wire.ApiKeyResponse:
        return self._auth.describe(call)

    def delete_api_key(self, request: auth_wire.ApiKeyRequest, call: Call) -> None:
        self._auth.revoke(call)

    def send_telemetry(
        self, request: telemetry_wire.TelemetrySendRequest, call: Call
    ) -> telemetry_wire.TelemetryResponse:
        return self._sessions.telemetry(request)

    # Sessions

    def create_session(
        self, request: session_wire.CreateSessionRequest, call: Call
    ) -> session_wire.CreateSessionResponse:
        return self._sessions.create(request, call)

    def heartbeat_session(
        self, request: session_wire.SessionHeartbeatRequest, call: Call
    ) -> session_wire.SessionHeartbeatResponse:
        return self._sessions.heartbeat(request)

    def finish_session(self, request: session_wire.FinishSessionRequest, call: Call) -> None:
        self._sessions.finish(request)

    def list_sessions(
        self, request: session_info_wire.ListSessionsRequest, call: Call
    ) -> session_info_wire.ListSessionsResponse:
        return self._sessions.list(request)

    def get_session(
        self, request: session_info_wire.GetSessionRequest, call: Call
    ) -> session_info_wire.GetSessionResponse:
        return self._sessions.get(request)

    def assign_session_project(self, request: session_info_wire.AssignSessionProjectRequest, call: Call) -> None:
        self._sessions.assign(request)

    def export_session_trace(
        self, request: session_info_wire.ExportSessionTraceRequest, call: Call
    ) -> session_info_wire.ExportSessionTraceResponse:
        expires = self.state.clock.now() + _LINK_S
        return self._sessions.export_trace(
            request, self._archives.link(request.session_id, "trace", expires, call.request)
        )

    def search_sessions(
        self, request: session_info_wire.SessionSearchRequest, call: Call
    ) -> session_info_wire.SessionSearchResponse:
        return self._sessions.search(request)

    # Models and training

    async def create_model(self, request: model_wire.CreateModelRequest, call: Call) -> UntypedAPIFuture:
        return self._training.create(request, call)

    def get_info(self, request: model_wire.GetInfoRequest, call: Call) -> model_wire.GetInfoResponse:
        return fitted(self._training.info(request), call.dialect)

    async def unload_model(self, request: model_wire.UnloadModelRequest, call: Call) -> UntypedAPIFuture:
        return self._training.unload(request, call)

    async def forward(self, request: training_wire.ForwardRequest, call: Call) -> UntypedAPIFuture:
        return self._training.forward(request, call)

    async def forward_backward(
        self, request: training_wire.ForwardBackwardRequest | public.ForwardBackwardRequest, call: Call
    ) -> UntypedAPIFuture:
        return self._training.forward_backward(request, call)

    async def optim_step(self, request: optimizer_wire.OptimStepRequest, call: Call) -> UntypedAPIFuture:
        return self._training.step(request, call)

    async def create_custom_loss(
        self, request: custom_loss_wire.CreateCustomLossRequest, call: Call
    ) -> UntypedAPIFuture:
        return self._training.create_loss(request, call)

    # Weights

    async def save_weights(self, request: weights_wire.SaveWeightsRequest, call: Call) -> UntypedAPIFuture:
        return self._saving.save(request, call)

    async def load_weights(self, request: weights_wire.LoadWeightsRequest, call: Call) -> UntypedAPIFuture:
        return self._saving.load(request, call)

    async def save_weights_for_sampler(
        self, request: weights_wire.SaveWeightsForSamplerRequest, call: Call
    ) -> UntypedAPIFuture:
        return self._saving.save_for_sampler(request, call)

    async def save_weights_external(
        self, request: weights_wire.SaveWeightsExternalRequest, call: Call
    ) -> UntypedAPIFuture:
        return self._saving.save_external(request, call)

    def get_weights_info(
        self, request: weights_wire.WeightsInfoRequest, call: Call
    ) -> weights_wire.WeightsInfoResponse:
        return fitted(self._saving.info(request), call.dialect)

    async def copy_weights(
        self, request: weights_wire.CopyWeightsRequest, call: Call
    ) -> weights_wire.CopyWeightsResponse:
        return await self._saving.copy(request, call)

    # Sampling

    async def create_sampling_session(
        self, request: sampling_wire.CreateSamplingSessionRequest, call: Call
    ) -> sampling_wire.CreateSamplingSessionResponse:
        return await self._samplers.create(request)

    def join_sampling_session(
        self, request: sampling_wire.JoinSamplingSessionRequest, call: Call
    ) -> sampling_wire.JoinSamplingSessionResponse:
        return self._samplers.join(request)

    def get_sampler(self, request: sampling_wire.GetSamplerRequest, call: Call) -> sampling_wire.GetSamplerResponse:
        return self._samplers.get(request)

    async def sample(self, request: sampling_wire.SampleRequest, call: Call) -> UntypedAPIFuture:
        return await self._samples.sample(request, call)

    # Promises

    async def retrieve_future(self, request: future_wire.FutureRetrieveRequest, call: Call) -> Any:
        return await self._futures.retrieve(request, call)

    async def retrieve_futures(
        self, request: future_wire.FuturesRetrieveRequest, call: Call
    ) -> future_wire.FuturesRetrieveResponse:
        return await self._futures.retrieve_many(request)

    def cancel_future(self, request: future_wire.CancelFutureRequest, call: Call) -> None:
        self._futures.cancel(request)

    # Training runs and checkpoints

    def list_training_runs(
        self, request: training_run_wire.ListTrainingRunsRequest, call: Call
    ) -> training_run_wire.TrainingRunsResponse:
        return self._listing.list_runs(request, call)

    def get_training_run(
        self, request: training_run_wire.GetTrainingRunRequest, call: Call
    ) -> training_run_wire.TrainingRun:
        return self._listing.get_run(request, call)

    def list_checkpoints(
        self, request: checkpoint_wire.ListCheckpointsRequest, call: Call
    ) -> checkpoint_wire.CheckpointsListResponse:
        return self._listing.list_checkpoints(request, call)

    def list_user_checkpoints(
        self, request: checkpoint_wire.ListUserCheckpointsRequest, call: Call
    ) -> checkpoint_wire.CheckpointsListResponse:
        return self._listing.list_all(request, call)

    def get_checkpoint_archive_url(self, request: checkpoint_wire.CheckpointRequest, call: Call) -> None:
        self._listing.archive(request, call)

    def delete_checkpoint(self, request: checkpoint_wire.CheckpointRequest, call: Call) -> None:
        self._listing.delete(request)

    def publish_checkpoint(self, request: checkpoint_wire.CheckpointRequest, call: Call) -> None:
        self._listing.publish(request, public=True)

    def unpublish_checkpoint(self, request: checkpoint_wire.CheckpointRequest, call: Call) -> None:
        self._listing.publish(request, public=False)

    def set_checkpoint_ttl(self, request: checkpoint_wire.SetCheckpointTtlRequest, call: Call) -> None:
        self._listing.set_ttl(request)

    def get_external_weights_urls(
        self, request: checkpoint_wire.CheckpointRequest, call: Call
    ) -> checkpoint_wire.ExternalWeightsUrlsResponse:
        return self._listing.external_urls(request, call)

    # Audit log and billing

    def get_audit_log(self, request: admin_wire.AuditLogRequest, call: Call) -> admin_wire.AuditLogResponse:
        return self._admin.audit(request)

    def get_billing_usage(self, request: admin_wire.BillingUsageRequest, call: Call) -> admin_wire.BillingUsageResponse:
        return self._admin.usage(request)

    def get_current_checkpoint_storage_usage(
        self, request: admin_wire.CurrentCheckpointStorageUsageRequest, call: Call
    ) -> admin_wire.CurrentCheckpointStorageUsageResponse:
        return self._admin.storage(request)
