"""Training runs and checkpoints. Source: tinker.md sections 1.4, 2.8 and 3.12; seed 000 section 3.3."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from samewire_wire import Model, Timestamp
from tinker.v1.checkpoint_wire import (
    CheckpointArchiveUrlResponse,
    CheckpointRequest,
    CheckpointsListResponse,
    ListCheckpointsRequest,
    ListUserCheckpointsRequest,
)
from tinker.v1.server_wire import GetServerCapabilitiesRequest, GetServerCapabilitiesResponse
from tinker.v1.training_run_wire import (
    GetTrainingRunRequest,
    ListTrainingRunsRequest,
    TrainingRun,
    TrainingRunsResponse,
)
from tinker.v1.weights_wire import WeightsInfoRequest, WeightsInfoResponse

from parity.reference import path
from parity.reference.errors import ValidationError
from parity.reference.http import Answer
from parity.reference.session import Session

RUNS = 20
CHECKPOINTS = 100
_VALID = timedelta(minutes=15)
"""An archive's URL that does not say how long it lives."""


class RestClient:
    """Each call is tried again as a whole submit is."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._api = session.api

    async def get_server_capabilities(self) -> GetServerCapabilitiesResponse:
        request = GetServerCapabilitiesRequest()
        return await self._session.persist(
            lambda: self._api.ask("GetServerCapabilities", request, GetServerCapabilitiesResponse)
        )

    async def list_training_runs(self, limit: int = RUNS, offset: int = 0) -> TrainingRunsResponse:
        """One page."""
        request = ListTrainingRunsRequest(limit=limit, offset=offset)
        return await self._session.persist(lambda: self._api.ask("ListTrainingRuns", request, TrainingRunsResponse))

    async def get_training_run(self, run: str) -> TrainingRun:
        request = GetTrainingRunRequest(training_run_id=run)
        return await self._session.persist(lambda: self._api.ask("GetTrainingRun", request, TrainingRun))

    async def list_checkpoints(self, run: str) -> CheckpointsListResponse:
        """All of a run."""
        request = ListCheckpointsRequest(training_run_id=run)
        return await self._session.persist(lambda: self._api.ask("ListCheckpoints", request, CheckpointsListResponse))

    async def list_user_checkpoints(self, limit: int = CHECKPOINTS, offset: int = 0) -> CheckpointsListResponse:
        """One page."""
        request = ListUserCheckpointsRequest(limit=limit, offset=offset)
        return await self._session.persist(
            lambda: self._api.ask("ListUserCheckpoints", request, CheckpointsListResponse)
        )

    async def get_checkpoint_archive_url(self, tinker_path: str) -> CheckpointArchiveUrlResponse:
        """Where the weights can be fetched, and until when. Raises PathError; ValueError in 0.38."""
        if self._session.dialect.binary:
            raise ValueError("0.38 has no archives")
        request = self._checkpoint(tinker_path)
        # Not tried again as a whole: tinker.md section 3.2.
        answer = await self._api.send(
            "GetCheckpointArchiveUrl", request, headers={"accept": "application/gzip"}, follow_redirects=False
        )
        if "location" not in answer.headers:
            raise ValidationError("the service answered for an archive, and did not say where it is")
        return CheckpointArchiveUrlResponse(url=answer.headers["location"], expires=self._expires(answer))

    async def publish_checkpoint(self, tinker_path: str) -> None:
        """Raises PathError."""
        await self._act("PublishCheckpoint", self._checkpoint(tinker_path))

    async def unpublish_checkpoint(self, tinker_path: str) -> None:
        """Raises PathError."""
        await self._act("UnpublishCheckpoint", self._checkpoint(tinker_path))

    async def delete_checkpoint(self, tinker_path: str) -> None:
        """For good. Raises PathError."""
        await self._act("DeleteCheckpoint", self._checkpoint(tinker_path))

    async def get_weights_info(self, tinker_path: str) -> WeightsInfoResponse:
        """0.4.1 has no such call."""
        request = WeightsInfoRequest(tinker_path=tinker_path)
        return await self._session.persist(lambda: self._api.ask("GetWeightsInfo", request, WeightsInfoResponse))

    async def _act(self, method: str, request: Model) -> None:
        await self._session.persist(lambda: self._api.send(method, request))

    def _checkpoint(self, tinker_path: str) -> CheckpointRequest:
        parsed = path.parse(tinker_path, self._session.dialect)
        return CheckpointRequest(training_run_id=parsed.run, checkpoint_id=parsed.checkpoint_id)

    def _expires(self, answer: Answer) -> Timestamp:
        try:
            until = parsedate_to_datetime(answer.headers["expires"])
        except (KeyError, ValueError):
            until = datetime.fromtimestamp(self._session.clock.now(), UTC) + _VALID
        return Timestamp.from_datetime(until)
