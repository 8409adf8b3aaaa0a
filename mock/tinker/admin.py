"""What administrators see: the audit log and the bill."""

from __future__ import annotations

from datetime import UTC, datetime

from samewire_wire import Timestamp
from tinker.v1 import admin_wire as wire

from mock.tinker.checkpoint import Checkpoint
from mock.tinker.refusal import refusal
from mock.tinker.sessions import texts
from mock.tinker.state import OWNER, State

# US dollars; made up, as all of this is.
_PER_MILLION = {"training": 1.0, "prefill": 0.2, "cached_prefill": 0.05, "sample": 0.6}
_PER_GIGABYTE_MONTH = 0.03
_GIGABYTE = 1e9
_HOUR = 3600


class Admin:
    def __init__(self, state: State) -> None:
        self.state = state

    def audit(self, request: wire.AuditLogRequest) -> wire.AuditLogResponse:
        """Of one day, UTC."""
        now = datetime.fromtimestamp(self.state.clock.now(), UTC)
        day = request.day if isinstance(request.day, str) else now.strftime("%Y-%m-%d")
        try:
            datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            raise refusal(422, f"{day} is no day") from None
        if request.event_type not in ("all", "checkpoints"):
            return wire.AuditLogResponse(entries=[])
        return wire.AuditLogResponse(
            entries=[
                wire.AuditLogEntry(
                    timestamp=Timestamp.from_seconds(act.at),
                    event=act.event,
                    model_id=act.model_id,
                    tinker_path=act.tinker_path,
                )
                for act in self.state.ledger.acts
                if datetime.fromtimestamp(act.at, UTC).strftime("%Y-%m-%d") == day
            ]
        )

    def usage(self, request: wire.BillingUsageRequest) -> wire.BillingUsageResponse:
        start, end = request.starting_on.to_seconds(), request.ending_before.to_seconds()
        if end <= start:
            raise refusal(422, "ending_before must come after starting_on")
        events, seen = [], set()
        for (hour, session_id, base_model, kind), count in self.state.ledger.uses.items():
            if not start <= hour < end:
                continue
            rate = _PER_MILLION.get(kind)
            session = self.state.sessions.get(session_id)
            event = wire.BillingUsageEvent(
                bucket_start=Timestamp.from_seconds(hour),
                bucket_end=Timestamp.from_seconds(hour + _HOUR),
                base_model=base_model,
                user_id=OWNER,
                session_id=session_id,
                estimated_cost_usd=(rate or 0.0) * count / 1e6,
                event_info=_info(kind, count),
            )
            if rate is not None:
                event.effective_rate_usd_per_million_tokens = rate
            if session is not None:
                event.project_id = session.project_id
                seen.add(session_id)
            events.append(event)
        return wire.BillingUsageResponse(
            data=events,
            sessions={
                name: wire.BillingUsageSession(user_metadata=texts(self.state.sessions[name].metadata))
                for name in sorted(seen)
            },
            cost_data_through=Timestamp.from_seconds(self.state.clock.now()),
        )

    def storage(self, request: wire.CurrentCheckpointStorageUsageRequest) -> wire.CurrentCheckpointStorageUsageResponse:
        by_project: dict[str, list[Checkpoint]] = {}
        for each in self.state.checkpoints.all():
            session = self.state.sessions.get(each.session_id)
            project = session.project_id if session else "project-default"
            if not isinstance(request.project_id, str) or request.project_id == project:
                by_project.setdefault(project, []).append(each)
        return wire.CurrentCheckpointStorageUsageResponse(
            effective_rate_usd_per_gigabyte_month=_PER_GIGABYTE_MONTH,
            data=[_item(project, held) for project, held in by_project.items()],
        )


def _item(project: str, held: list[Checkpoint]) -> wire.CurrentCheckpointStorageUsageItem:
    size = sum(each.stored.size for each in held)
    return wire.CurrentCheckpointStorageUsageItem(
        project_id=project,
        org_user_urn=OWNER,
        checkpoint_count=len(held),
        size_bytes=size,
        size_gigabytes=size / _GIGABYTE,
        estimated_monthly_cost_usd=size / _GIGABYTE * _PER_GIGABYTE_MONTH,
    )


def _info(kind: str, count: int) -> wire.BillingEventInfo:
    if kind == "training":
        return wire.TrainingBillingEvent(token_count=count)
    if kind == "sample":
        return wire.SamplingSampleBillingEvent(token_count=count)
    if kind == "checkpoint":
        return wire.CheckpointBillingEvent(count=count)
    return wire.SamplingPrefillBillingEvent(cached=kind == "cached_prefill", token_count=count)
