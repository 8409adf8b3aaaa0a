"""PyPI `tinker` 0.38.0, unmodified, as a judge of the mock: every method of its REST and admin clients."""

from __future__ import annotations

import urllib.request
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.tinker.judges.sdk_0_38 import (
    BASE,
    Call,
    bodies,
    done,
    losses,
    problems,
    prompt,
    sent,
    tinker,
    types,
)

OTHER = "Qwen/Qwen3-8B"


@pytest.fixture
def saved(training: Any) -> dict[str, str]:
    """A model with a checkpoint of each kind; their paths."""
    losses(training, 1)
    return {
        "training": done(training.save_state("ck", user_metadata={"k": "v"})).path,
        "sampler": done(training.save_weights_for_sampler("smp")).path,
        "external": done(training.save_weights_external("ext")).path,
    }


@pytest.fixture
def admin(connect: Call) -> Any:
    return connect(tinker.AdminClient)


def test_capabilities(rest: Any, service: Any, mock: MockClient, call: Call) -> None:
    found = {each.model_name: each for each in call(rest, "get_server_capabilities").supported_models}
    assert found[BASE].max_context_length > 1000 and found[BASE].trainable and found[BASE].sampleable
    mock.configure("tinker", models=[{"name": "m/Only", "max_context_length": 7, "trainable": False}])
    (only,) = call(rest, "get_server_capabilities").supported_models
    assert (only.model_name, only.max_context_length, only.trainable, only.sampleable) == ("m/Only", 7, False, True)
    with pytest.warns(FutureWarning):
        assert service.get_server_capabilities().supported_models == [only]


def test_runs(rest: Any, service: Any, training: Any, saved: dict[str, str], call: Call) -> None:
    run = call(rest, "get_training_run", training.model_id)
    assert (run.training_run_id, run.base_model, run.is_lora, run.lora_rank) == (training.model_id, BASE, True, 8)
    assert not run.corrupted and abs((run.last_request_time - datetime.now(UTC)).total_seconds()) < 60
    assert run.last_checkpoint.tinker_path == saved["training"] and run.last_checkpoint.user_metadata == {"k": "v"}
    assert run.last_sampler_checkpoint.tinker_path == saved["sampler"]
    assert call(rest, "get_training_run_by_tinker_path", saved["sampler"], access_scope="accessible") == run
    second = done(service.create_lora_training_client(OTHER, user_metadata={"m": "2"}))
    told = call(rest, "list_training_runs")
    assert [each.training_run_id for each in told.training_runs] == [second.model_id, training.model_id]
    assert told.training_runs[0].user_metadata == {"m": "2"}
    assert (told.cursor.offset, told.cursor.limit, told.cursor.total_count) == (0, 20, 2)
    page = call(rest, "list_training_runs", limit=1, offset=1)
    assert [each.training_run_id for each in page.training_runs] == [training.model_id]
    assert (page.cursor.offset, page.cursor.limit, page.cursor.total_count) == (1, 1, 2)
    assert call(rest, "list_training_runs", offset=9).training_runs == []
    assert call(rest, "list_training_runs", project_id="none").training_runs == []


def test_checkpoints(rest: Any, training: Any, saved: dict[str, str], call: Call) -> None:
    told = call(rest, "list_checkpoints", training.model_id)
    assert {each.checkpoint_type: each.tinker_path for each in told.checkpoints} == saved
    assert all(each.size_bytes > 0 and not each.public and each.expires_at is None for each in told.checkpoints)
    everything = call(rest, "list_user_checkpoints", limit=2)
    assert len(everything.checkpoints) == 2 and everything.cursor.total_count == 3
    rest_of = call(rest, "list_user_checkpoints", limit=2, offset=2)
    assert {each.tinker_path for each in everything.checkpoints + rest_of.checkpoints} == set(saved.values())


def test_the_life_of_a_checkpoint(rest: Any, training: Any, saved: dict[str, str], call: Call) -> None:
    path = saved["training"]

    def held() -> Any:
        (found,) = [each for each in done(rest.list_user_checkpoints()).checkpoints if each.tinker_path == path]
        return found

    assert call(rest, "publish_checkpoint_from_tinker_path", path) is None and held().public
    assert call(rest, "unpublish_checkpoint_from_tinker_path", path) is None and not held().public
    call(rest, "set_checkpoint_ttl_from_tinker_path", path, 3600)
    assert 3500 < (held().expires_at - datetime.now(UTC)).total_seconds() <= 3600
    call(rest, "set_checkpoint_ttl_from_tinker_path", path, None)
    assert held().expires_at is None
    with pytest.raises(tinker.BadRequestError, match="ttl_seconds"):
        call(rest, "set_checkpoint_ttl_from_tinker_path", path, -1)
    call(rest, "delete_checkpoint_from_tinker_path", path)
    call(rest, "delete_checkpoint", training.model_id, "sampler_weights/smp")
    assert [each.checkpoint_type for each in done(rest.list_user_checkpoints()).checkpoints] == ["external"]
    with pytest.raises(tinker.NotFoundError, match="Checkpoint not found"):
        call(rest, "delete_checkpoint_from_tinker_path", path)


def test_weights(rest: Any, training: Any, saved: dict[str, str], service: Any, mock: MockClient) -> None:
    told = done(rest.get_weights_info_by_tinker_path(saved["training"]))
    assert (told.base_model, told.is_lora, told.lora_rank) == (BASE, True, 8)
    assert told.train_mlp and told.train_attn and told.train_unembed and told.optimizer_config.type == "adamw"
    partial = done(service.create_lora_training_client(OTHER, train_mlp=False))
    told = done(rest.get_weights_info_by_tinker_path(done(partial.save_state("p")).path))
    assert (told.train_mlp, told.train_attn) == (False, True)
    assert not problems(mock)


def test_samplers(rest: Any, service: Any, saved: dict[str, str], call: Call) -> None:
    sampling = done(service.create_sampling_client(model_path=saved["sampler"]))
    told = call(rest, "get_sampler", sampling._sampling_session_id)
    assert (told.base_model, told.model_path) == (BASE, saved["sampler"])
    plain = done(service.create_sampling_client(base_model=OTHER))
    told = call(rest, "get_sampler", plain._sampling_session_id)
    assert (told.base_model, told.model_path) == (OTHER, None)


def test_sessions(rest: Any, connect: Call, mock: MockClient, call: Call) -> None:
    services = [connect(user_metadata={"n": str(number)}, display_name=f"Run {number}") for number in range(3)]
    ids = [each.holder.get_session_id() for each in services]
    assert call(rest, "list_sessions").sessions == ids[::-1]
    assert call(rest, "list_sessions", limit=1, offset=1, access_scope="accessible").sessions == [ids[1]]
    training = done(services[0].create_lora_training_client(BASE))
    done(services[0].create_sampling_client(base_model=BASE))
    told = call(rest, "get_session", ids[0])
    assert told.training_run_ids == [training.model_id] and len(told.sampler_ids) == 1
    assert (told.user_metadata, told.display_name) == ({"n": "0"}, "Run 0")
    call(rest, "assign_session_project", ids[0], "proj")
    assert [each.training_run_id for each in call(rest, "list_training_runs", project_id="proj").training_runs] == [
        training.model_id
    ]
    assert bodies(mock, f"/sessions/{ids[0]}/project")[-1] == {"project_id": "proj"}


@pytest.mark.usefixtures("hurry")
def test_traces(rest: Any, service: Any, mock: MockClient, call: Call) -> None:
    session_id = service.holder.get_session_id()
    url = call(rest, "export_session_trace", session_id)
    assert len(sent(mock, f"/sessions/{session_id}/trace_export")) >= 2, "pending first"
    with urllib.request.urlopen(url) as answer:
        assert answer.status == 200
    mock.when(path=f"/api/v1/sessions/{session_id}/trace_export").reply(json={"status": "failed", "error": "too big"})
    with pytest.raises(RuntimeError, match="too big"):
        call(rest, "export_session_trace", session_id)


def test_searching(rest: Any, connect: Call) -> None:
    services = [connect(user_metadata={"n": str(number)}, display_name=f"Night run {number}") for number in range(4)]
    ids = [each.holder.get_session_id() for each in services]
    done(services[1].close("errored", detail="why"))
    done(services[0].create_lora_training_client(BASE))
    done(done(services[2].create_lora_training_client(BASE)).save_state("ck"))

    def found(**wanted: Any) -> list[str]:
        with pytest.warns(Warning, match="experimental"):
            told = done(rest.search_sessions(types.SessionSearchRequest(**wanted)))
        return [each.session_id for each in told.sessions]

    assert found() == ids[::-1]
    assert found(session_id=ids[2]) == [ids[2]]
    assert found(user_metadata={"n": "3"}) == [ids[3]]
    assert found(display_name="night RUN 1") == [ids[1]]
    assert found(project_ids=["none"]) == []
    assert found(statuses=[types.ActiveSessionStatusQuery()]) == [ids[3], ids[2], ids[0]]
    assert found(statuses=[types.ClientFinishedSessionStatusQuery(reasons=["errored"])]) == [ids[1]]
    assert found(statuses=[types.ClientFinishedSessionStatusQuery(reasons=["success"])]) == []
    assert found(statuses=[types.FailedSessionStatusQuery(), types.CancelledSessionStatusQuery()]) == []
    assert found(owner=types.AccessibleSearchOwner()) == ids[::-1]
    assert found(owner=types.UserSearchOwner(owner_urns=["tml:organization_user:nobody"])) == []
    with pytest.warns(Warning, match="experimental"):
        first = done(rest.search_sessions(types.SessionSearchRequest(limit=3)))
    assert first.sessions[1].checkpoints_count == 1 and first.sessions[1].checkpoint_storage_bytes > 0
    assert found(limit=3, cursor=first.next_cursor) == [ids[0]]
    assert found(owner=types.UserSearchOwner(owner_urns=[first.sessions[0].owner])) == ids[::-1]


@pytest.mark.parametrize(
    ("method", "args", "text"),
    [
        ("get_training_run", ("nope",), "Training run not found: nope"),
        ("list_checkpoints", ("nope",), "Training run not found: nope"),
        ("get_training_run_by_tinker_path", ("tinker://nope/weights/x",), "Training run not found: nope"),
        ("get_weights_info_by_tinker_path", ("tinker://nope/weights/x",), "Checkpoint not found"),
        ("delete_checkpoint", ("nope", "weights/x"), "Checkpoint not found"),
        ("publish_checkpoint_from_tinker_path", ("tinker://nope/weights/x",), "Checkpoint not found"),
        ("set_checkpoint_ttl_from_tinker_path", ("tinker://nope/weights/x", 5000), "Checkpoint not found"),
        ("get_external_weights_urls", ("tinker://nope/external_weights/x",), "Checkpoint not found"),
        ("get_session", ("nope",), "Session not found: nope"),
        ("get_sampler", ("nope",), "Sampling session not found: nope"),
        ("assign_session_project", ("nope", "p"), "Session not found: nope"),
        ("export_session_trace", ("nope",), "Session not found: nope"),
        ("copy_weights", ("tinker://nope/weights/x", "p"), "Checkpoint not found"),
    ],
)
def test_what_is_not_there(rest: Any, method: str, args: Any, text: str) -> None:
    with pytest.raises(tinker.NotFoundError, match=text) as caught:
        done(getattr(rest, method)(*args))
    assert str(caught.value).startswith("Error code: 404 - {'detail':")


def test_paths_that_are_none(rest: Any) -> None:
    for path in ("nope", "tinker://a/b", "tinker://a/wrong/c"):
        with pytest.raises(tinker.BadRequestError, match="Invalid checkpoint"):
            done(rest.get_weights_info_by_tinker_path(path))
        with pytest.raises(ValueError, match="tinker"):
            rest.delete_checkpoint_from_tinker_path(path)
    with pytest.raises(tinker.UnprocessableEntityError):
        done(rest.list_training_runs(limit=-1))


def test_whoami(connect: Call, mock: MockClient, call: Call) -> None:
    with pytest.raises(RuntimeError, match="JWT"):
        call(connect(tinker.RestClient), "whoami")
    mock.configure("tinker", client_config={"pjwt_auth_enabled": True}, auth={"org_id": "o1", "email": "a@example.com"})
    told = call(connect(tinker.RestClient, api_key="tml-other"), "whoami")
    assert (told.org_urn, told.email) == ("tml:organization:o1", "a@example.com") and told.user_urn


def test_the_audit_log(admin: Any, rest: Any, saved: dict[str, str], mock: MockClient, call: Call) -> None:
    done(rest.publish_checkpoint_from_tinker_path(saved["training"]))
    done(rest.delete_checkpoint_from_tinker_path(saved["sampler"]))
    entries = call(admin, "get_audit_log", "checkpoints").entries
    assert [(each.event, each.tinker_path) for each in entries] == [
        ("checkpoint_created", saved["training"]),
        ("checkpoint_created", saved["sampler"]),
        ("checkpoint_created", saved["external"]),
        ("checkpoint_published", saved["training"]),
        ("checkpoint_deleted", saved["sampler"]),
    ]
    today = entries[0].timestamp.date()
    assert call(admin, "get_audit_log", day=today).entries == entries
    assert call(admin, "get_audit_log", day=today - timedelta(days=1)).entries == []
    assert call(admin, "get_audit_log", "teams", date(2026, 1, 1)).entries == []
    with pytest.warns(FutureWarning):
        assert done(rest.get_audit_log("checkpoints")).entries == entries


def test_the_bill(admin: Any, rest: Any, service: Any, saved: dict[str, str], call: Call) -> None:
    sampling = done(service.create_sampling_client(base_model=BASE))
    for _ in range(2):
        done(sampling.sample(prompt(1, 2, 3), 2, types.SamplingParams(max_tokens=5)))
    now = datetime.now(UTC)
    told = call(admin, "get_billing_usage", now - timedelta(hours=2), now + timedelta(hours=2))
    uses = {(each.event_info.type, getattr(each.event_info, "cached", None)): each for each in told.data}
    assert uses["training", None].event_info.token_count == 3
    assert uses["sampling_prefill", False].event_info.token_count == 3
    assert uses["sampling_prefill", True].event_info.token_count == 3
    assert uses["sampling_sample", None].event_info.token_count == 20
    assert uses["checkpoint", None].event_info.count == 3
    assert {each.session_id for each in told.data} == {service.holder.get_session_id()}
    assert told.sessions[service.holder.get_session_id()].user_metadata == {"u": "1"}
    assert all(each.bucket_end - each.bucket_start == timedelta(hours=1) for each in told.data)
    assert call(admin, "get_billing_usage", "2020-01-01", "2020-01-02").data == []
    with pytest.warns(FutureWarning):
        assert done(rest.get_billing_usage(now - timedelta(hours=2), now + timedelta(hours=2))).data == told.data


def test_storage(admin: Any, rest: Any, service: Any, saved: dict[str, str], call: Call) -> None:
    (told,) = call(admin, "get_current_checkpoint_storage_usage").data
    assert told.checkpoint_count == 3
    assert told.size_bytes == sum(each.size_bytes for each in done(rest.list_user_checkpoints()).checkpoints)
    assert call(admin, "get_current_checkpoint_storage_usage", project_id="none").data == []
    assert call(admin, "get_current_checkpoint_storage_usage", project_id=told.project_id).data == [told]
    with pytest.warns(FutureWarning):
        assert done(rest.get_current_checkpoint_storage_usage()).data == [told]
