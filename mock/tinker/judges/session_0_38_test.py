"""PyPI `tinker` 0.38.0, unmodified, as a judge of the mock: sessions, their end, their beats and their telemetry."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.tinker.judges.sdk_0_38 import BASE, Call, bodies, done, eventually, sent, tinker, types


def test_opening(connect: Call, mock: MockClient) -> None:
    service = connect(user_metadata={"u": "1"}, project_id="proj", display_name="dn")
    assert "session" in service.holder.get_session_id()
    assert [each["target"].rpartition("/v1/")[2] for each in mock.journal()] == [
        "client/config",
        "client/dynamic_config",
        "create_session",
    ]
    (said,) = bodies(mock, "/create_session")
    assert said == {
        "tags": [],
        "user_metadata": {"u": "1"},
        "sdk_version": "0.38.0",
        "project_id": "proj",
        "display_name": "dn",
        "type": "create_session",
    }
    assert {each["dialect"] for each in mock.journal()} == {"tinker-0.38"}
    assert service.get_console_url().endswith(service.holder.get_session_id())


def test_messages_of_a_new_session_are_logged(
    connect: Call, mock: MockClient, caplog: pytest.LogCaptureFixture
) -> None:
    mock.configure("tinker", info_message="hello", warning_message="old release", error_message="on fire")
    with caplog.at_level("INFO", logger="tinker"):
        connect().holder  # noqa: B018 - the session is made when it is first needed
    said = {(each.levelname, each.getMessage()) for each in caplog.records}
    assert {("INFO", "hello"), ("WARNING", "old release"), ("ERROR", "on fire")} <= said


@pytest.mark.parametrize("status", ["success", "errored", "interrupted"])
def test_finishing(connect: Call, mock: MockClient, rest: Any, status: str) -> None:
    service = connect()
    session_id = service.holder.get_session_id()
    done(service.close(status, detail="why"))
    assert bodies(mock, f"/sessions/{session_id}/finish") == [{"reason": {"type": status}, "detail": "why"}]
    with pytest.raises(RuntimeError, match="closed"):
        service.create_lora_training_client(BASE)
    with pytest.warns(Warning, match="experimental"):
        (found,) = done(rest.search_sessions(types.SessionSearchRequest(session_id=session_id))).sessions
    assert (found.status.reason.type, found.status.detail) == (status, "why")


def test_a_context_says_how_it_ended(connect: Call, mock: MockClient) -> None:
    for wanted, error in (("success", None), ("errored", ValueError()), ("interrupted", KeyboardInterrupt())):
        try:
            with connect() as service:
                session_id = service.holder.get_session_id()
                if error is not None:
                    raise error
        except (ValueError, KeyboardInterrupt):
            pass
        (said,) = bodies(mock, f"/sessions/{session_id}/finish")
        assert said["reason"] == {"type": wanted}


@pytest.mark.usefixtures("hurry")
def test_beats(service: Any, mock: MockClient) -> None:
    session_id = service.holder.get_session_id()
    eventually(lambda: len(sent(mock, "/session_heartbeat")) >= 3)
    assert bodies(mock, "/session_heartbeat")[0] == {"session_id": session_id, "type": "session_heartbeat"}
    assert {each["status"] for each in sent(mock, "/session_heartbeat")} == {200}


@pytest.mark.usefixtures("hurry")
def test_beats_end_with_the_session(service: Any, mock: MockClient, caplog: pytest.LogCaptureFixture) -> None:
    """410 ends the client's loop."""
    mock.configure("tinker", session_timeout_s=100)
    service.holder  # noqa: B018 - opens the session
    eventually(lambda: sent(mock, "/session_heartbeat"))
    with caplog.at_level("INFO", logger="tinker"):
        mock.advance(1000)
        eventually(lambda: any("has finished" in each.getMessage() for each in caplog.records))
    assert sent(mock, "/session_heartbeat")[-1]["status"] == 410
    mock.configure("tinker", session_timeout_s=1e9)


@pytest.mark.usefixtures("hurry")
def test_settings_are_asked_for_again(connect: Call, mock: MockClient) -> None:
    mock.configure("tinker", dynamic_config={"refresh_interval_sec": 10})
    holder = connect().holder
    mock.configure("tinker", dynamic_config={"refresh_interval_sec": 10, "sample_cancel_max_batch_size": 3})
    eventually(lambda: holder.get_client_dynamic_config().sample_cancel_max_batch_size == 3)


def test_telemetry(service: Any, mock: MockClient) -> None:
    session_id = service.holder.get_session_id()
    done(service.create_lora_training_client(BASE))
    done(service.close("success"))
    batches = bodies(mock, "/telemetry")
    events = [each for batch in batches for each in batch["events"]]
    assert events[0]["event"] == "SESSION_START" and events[0]["severity"] == "INFO"
    assert [each["event_session_index"] for each in events] == list(range(len(events)))
    assert {batch["session_id"] for batch in batches} == {session_id}
    assert {each["answer"]["json"]["status"] for each in sent(mock, "/telemetry")} == {"accepted"}


def test_telemetry_of_errors(connect: Call, mock: MockClient) -> None:
    """User errors are events, others have a traceback; REST clients have a session of no server."""
    service, rest = connect(), connect(tinker.RestClient)
    with pytest.raises(tinker.NotFoundError):
        done(rest.get_training_run("nope"))
    with pytest.raises(tinker.BadRequestError):
        done(service.create_lora_training_client(BASE, rank=0))
    done(service.close("errored"))
    done(rest.holder.run_coroutine_threadsafe(rest.holder.aclose()))
    batches = eventually(lambda: len(bodies(mock, "/telemetry")) > 1 and bodies(mock, "/telemetry"))
    assert any(batch["session_id"].startswith("sessionless-") for batch in batches)
    names = [each.get("event_name") for batch in batches for each in batch["events"]]
    assert "user_error" in names


def test_telemetry_that_is_lost_harms_nobody(service: Any, mock: MockClient) -> None:
    fault: Any = {"kind": "status", "status": 500, "json": {"detail": "down"}}
    mock.set_faults([{"request": {"path": "/api/v1/telemetry"}, "fault": fault}])
    training = done(service.create_lora_training_client(BASE))
    assert done(training.optim_step(types.AdamParams())).metrics


@pytest.mark.parametrize("said", ["0", "no"])
def test_telemetry_can_be_off(connect: Call, mock: MockClient, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("TINKER_TELEMETRY", said)
    service = connect()
    done(service.create_lora_training_client(BASE))
    done(service.close("success"))
    mock.verify(path="/api/v1/telemetry", never=True)


def test_tags_and_projects_of_the_environment(
    connect: Call, mock: MockClient, monkeypatch: pytest.MonkeyPatch, rest: Any
) -> None:
    monkeypatch.setenv("TINKER_TAGS", "a,b")
    monkeypatch.setenv("TINKER_PROJECT_ID", "mine")
    session_id = connect().holder.get_session_id()
    (said,) = bodies(mock, "/create_session")
    assert sorted(said["tags"]) == ["a", "b"] and said["project_id"] == "mine"
    assert done(rest.list_training_runs(project_id="mine")).training_runs == []
    assert done(rest.list_sessions()).sessions == [session_id]


def test_addresses(mock: MockClient, connect: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a slash at the end, and out of the environment."""
    assert connect(base_url=mock.url + "/").holder.get_session_id()
    monkeypatch.setenv("TINKER_BASE_URL", mock.url)
    monkeypatch.setenv("TINKER_API_KEY", "tml-other")
    assert connect(base_url=None, api_key=None).holder.get_session_id()
    assert {each["session"] for each in mock.journal()} == {mock.session}


def test_many_clients_at_once(connect: Call) -> None:
    async def ask() -> list[Any]:
        return await asyncio.gather(*(asyncio.to_thread(lambda: connect().holder.get_session_id()) for _ in range(8)))

    assert len(set(asyncio.run(ask()))) == 8
