"""Sessions: opening, keeping, finishing, finding them."""

from __future__ import annotations

from samewire_wire import Timestamp
from tinker.v1 import session_info_wire as info
from tinker.v1 import session_status_wire as status
from tinker.v1 import session_wire as wire
from tinker.v1.telemetry_wire import TelemetryResponse, TelemetrySendRequest

from mock.engine.backend import Call
from mock.tinker.refusal import refusal
from mock.tinker.state import OWNER, Session, State, idempotency_key

_KEYS = 4096
_TELEMETRY = 200  # batches that are kept of a session


class Sessions:
    def __init__(self, state: State) -> None:
        self.state = state

    def create(self, request: wire.CreateSessionRequest, call: Call) -> wire.CreateSessionResponse:
        state, now = self.state, self.state.clock.now()
        key = idempotency_key("create_session", call)
        session_id = state.session_keys.get(key, "") if key else ""
        if session_id not in state.sessions:
            session_id = f"session-{len(state.sessions) + 1}"
            state.sessions[session_id] = Session(
                id=session_id,
                created=now,
                heard=now,
                tags=request.tags,
                sdk_version=request.sdk_version,
                metadata=request.user_metadata or {},
                project_id=_text(request.project_id) or "project-default",
                display_name=_text(request.display_name),
            )
            if key:
                state.session_keys[key] = session_id
                if len(state.session_keys) > _KEYS:
                    state.session_keys.popitem(last=False)
        said = state.settings.now
        answer = wire.CreateSessionResponse(session_id=session_id)
        if said.info_message is not None:
            answer.info_message = said.info_message
        if said.warning_message is not None:
            answer.warning_message = said.warning_message
        if said.error_message is not None:
            answer.error_message = said.error_message
        return answer

    def heartbeat(self, request: wire.SessionHeartbeatRequest) -> wire.SessionHeartbeatResponse:
        session = self.state.session(request.session_id)
        if session.finish is not None:
            raise refusal(410, f"Session {session.id} is finished")
        session.heard = self.state.clock.now()
        return wire.SessionHeartbeatResponse()

    def finish(self, request: wire.FinishSessionRequest) -> None:
        self.state.session(request.session_id).finish = request.finish

    def list(self, request: info.ListSessionsRequest) -> info.ListSessionsResponse:
        limit, offset = page(request.limit, request.offset)
        newest = list(reversed(self.state.sessions))
        return info.ListSessionsResponse(sessions=newest[offset : offset + limit])

    def get(self, request: info.GetSessionRequest) -> info.GetSessionResponse:
        session = self.state.session(request.session_id)
        answer = info.GetSessionResponse(
            training_run_ids=[run.id for run in self.state.runs.values() if run.session_id == session.id],
            sampler_ids=[each.id for each in self.state.samplers.values() if each.session_id == session.id],
            user_metadata=texts(session.metadata),
        )
        if session.display_name is not None:
            answer.display_name = session.display_name
        return answer

    def assign(self, request: info.AssignSessionProjectRequest) -> None:
        self.state.session(request.session_id).project_id = request.project.project_id

    def export_trace(self, request: info.ExportSessionTraceRequest, url: str) -> info.ExportSessionTraceResponse:
        """Ready at the second look."""
        session = self.state.session(request.session_id)
        session.trace_polls += 1
        if session.trace_polls == 1:
            return info.ExportSessionTraceResponse(status="pending")
        return info.ExportSessionTraceResponse(status="ready", url=url)

    def telemetry(self, request: TelemetrySendRequest) -> TelemetryResponse:
        session = self.state.sessions.get(request.session_id)
        if session is not None:
            session.telemetry.append(request)
            del session.telemetry[:-_TELEMETRY]
        return TelemetryResponse()

    def search(self, request: info.SessionSearchRequest) -> info.SessionSearchResponse:
        found = [each for each in reversed(self.state.sessions.values()) if self._matches(each, request)]
        after = request.cursor
        if isinstance(after, info.SessionSearchCursor):
            ids = [each.id for each in found]
            place = ids.index(after.last_session_id) + 1 if after.last_session_id in ids else 0
            found = found[place:]
        shown = found[: request.limit]
        answer = info.SessionSearchResponse(sessions=[self._summary(each) for each in shown])
        if len(found) > len(shown):
            answer.next_cursor = info.SessionSearchCursor(
                last_created_at=Timestamp.from_seconds(shown[-1].created), last_session_id=shown[-1].id
            )
        return answer

    def _matches(self, session: Session, request: info.SessionSearchRequest) -> bool:
        wanted = [
            request.session_id == session.id if isinstance(request.session_id, str) else None,
            all(word in (session.display_name or "").lower() for word in request.display_name.lower().split())
            if isinstance(request.display_name, str)
            else None,
        ]
        named = [each for each in wanted if each is not None]
        if named and not any(named):
            return False
        if isinstance(request.project_ids, list) and session.project_id not in request.project_ids:
            return False
        held = texts(session.metadata)
        if any(held.get(name) != value for name, value in request.user_metadata.items()):
            return False
        if isinstance(request.owner, info.UserSearchOwner) and OWNER not in request.owner.owner_urns:
            return False
        if not isinstance(request.statuses, list):
            return True
        return any(_stands(session, query) for query in request.statuses)

    def _summary(self, session: Session) -> info.SessionSummary:
        saved = [each for each in self.state.checkpoints.all() if each.session_id == session.id]
        summary = info.SessionSummary(
            session_id=session.id,
            created_at=Timestamp.from_seconds(session.created),
            owner=OWNER,
            project_id=session.project_id,
            status=_status(session),
            checkpoints_count=len(saved),
            user_metadata=texts(session.metadata),
            checkpoint_storage_bytes=sum(each.stored.size for each in saved),
        )
        if session.display_name is not None:
            summary.display_name = session.display_name
        return summary


def page(limit: int, offset: int) -> tuple[int, int]:
    """Raises Refusal."""
    if limit < 0 or offset < 0:
        raise refusal(422, "limit and offset can't be negative")
    return limit, offset


def texts(metadata: dict[str, object] | None) -> dict[str, str]:
    return {name: value if isinstance(value, str) else str(value) for name, value in (metadata or {}).items()}


def _status(session: Session) -> status.SessionStatus:
    if session.finish is None:
        return status.SessionActive()
    finished = status.ClientSessionFinished(reason=session.finish.reason)
    if session.finish.detail is not None:
        finished.detail = session.finish.detail
    return finished


def _stands(session: Session, query: info.SessionStatusQuery) -> bool:
    if isinstance(query, info.ActiveSessionStatusQuery):
        return session.finish is None
    if isinstance(query, info.ClientFinishedSessionStatusQuery) and session.finish is not None:
        return not isinstance(query.reasons, list) or session.finish.reason.type in query.reasons
    return False


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
