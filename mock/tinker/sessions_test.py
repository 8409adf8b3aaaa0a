import pytest
from samewire_wire import WireError

from mock.engine.request import Connection, Request
from mock.tinker.auth import read_token
from mock.tinker.conftest import Client, Play
from mock.tinker.dialects import hint


def test_sessions_are_found(play: Play) -> None:
    async def script(client: Client) -> None:
        client.dialect = "tinker-0.38"
        key = [(b"x-idempotency-key", b"same")]
        for name in ("first run", "second run", "other"):
            body = {"tags": [], "user_metadata": {"n": name}, "sdk_version": "0.38.0", "display_name": name}
            once = await client.ask("POST", "/create_session", body, [*key, (b"x", b"")] if name == "other" else None)
            if name == "other":
                assert once.json == (await client.ask("POST", "/create_session", body, key)).json
        assert (await client.ask("GET", "/sessions?limit=2&offset=1")).json == {"sessions": ["session-2", "session-1"]}
        found = (await client.post("/sessions/search", display_name="RUN", limit=1)).json
        assert [each["session_id"] for each in found["sessions"]] == ["session-2"]
        more = (await client.post("/sessions/search", display_name="RUN", limit=1, cursor=found["next_cursor"])).json
        assert [each["session_id"] for each in more["sessions"]] == ["session-1"]
        assert "next_cursor" not in more
        finish = {"reason": {"type": "errored"}, "detail": "boom"}
        assert (await client.ask("POST", "/sessions/session-1/finish", finish)).status == 200
        for statuses, right in (
            ([{"type": "active"}], ["session-3", "session-2"]),
            ([{"type": "client_finished", "reasons": ["errored"]}], ["session-1"]),
            ([{"type": "client_finished", "reasons": ["success"]}], []),
        ):
            found = (await client.post("/sessions/search", statuses=statuses)).json
            assert [each["session_id"] for each in found["sessions"]] == right
        assert (await client.post("/session_heartbeat", session_id="session-1")).status == 410
        assert (await client.post("/session_heartbeat", session_id="session-2")).status == 200
        assert (await client.ask("PUT", "/sessions/session-2/project", {"project_id": "p"})).status == 200
        found = (await client.post("/sessions/search", project_ids=["p"])).json
        assert [each["session_id"] for each in found["sessions"]] == ["session-2"]
        assert (await client.ask("GET", "/sessions/session-1")).json["display_name"] == "first run"
        assert (await client.ask("GET", "/sessions/nope")).status == 404
        assert (await client.ask("GET", "/sessions/session-1/trace_export")).json == {"status": "pending"}
        assert (await client.ask("GET", "/sessions/session-1/trace_export")).json["status"] == "ready"

    play(script)


def test_heartbeats_keep_a_session(play: Play) -> None:
    async def script(client: Client) -> None:
        client.configure(session_timeout_s=60, warning_message="soon")
        session = await client.open()
        await client.clock.advance(50)
        assert (await client.post("/session_heartbeat", session_id=session)).json == {}
        await client.clock.advance(50)
        assert (await client.post("/session_heartbeat", session_id=session)).status == 200
        await client.clock.advance(61)
        assert (await client.post("/session_heartbeat", session_id=session)).status == 410

    play(script)


def test_keys_and_tokens(play: Play) -> None:
    async def script(client: Client) -> None:
        client.dialect = "tinker-0.38"
        client.configure(auth={"required": True, "keys": ["tml-good"], "jwt_lifetime_s": 100})
        assert (await client.ask("GET", "/sessions")).status == 401
        assert (await client.ask("GET", "/sessions", headers=[(b"x-api-key", b"tml-bad")])).status == 401
        assert (await client.ask("GET", "/healthz")).json == {"status": "ok"}
        good = [(b"x-api-key", b"tml-good")]
        assert (await client.ask("GET", "/sessions", headers=good)).status == 200
        await client.clock.set(2_000_000_000)
        token = (await client.ask("POST", "/auth/token", {}, good)).json["jwt"]
        claims = read_token(token)
        assert claims is not None
        assert (claims.iat, claims.exp) == (2_000_000_000, 2_000_000_100)
        with_token = [(b"x-api-key", token.encode())]
        assert (await client.ask("GET", "/sessions", headers=with_token)).status == 200
        await client.clock.advance(101)
        late = await client.ask("GET", "/sessions", headers=with_token)
        assert (late.status, late.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')
        assert (await client.ask("GET", "/sessions", headers=[(b"x-api-key", b"eyJx")])).status == 401
        assert (await client.ask("GET", "/auth/apikey/me", headers=good)).json["details"]["user_details"]["email"]
        await client.ask("DELETE", "/auth/apikey/me", headers=good)
        assert (await client.ask("GET", "/sessions", headers=good)).status == 401

    play(script)


def test_configs_capabilities_telemetry_and_what_there_is_not(play: Play) -> None:
    async def script(client: Client) -> None:
        client.dialect = "tinker-0.38"
        client.configure(client_config={"fwdbwd_max_chunk_len": 2}, dynamic_config_missing=True)
        assert (await client.post("/client/config", sdk_version="0.38.0")).json["fwdbwd_max_chunk_len"] == 2
        assert (await client.post("/client/dynamic_config", sdk_version="0.38.0")).status == 404
        with pytest.raises(ValueError, match="fwdbwd_max_chunk_len"):
            client.configure(client_config={"fwdbwd_max_chunk_len": "many"})
        client.configure(models=[{"name": "m/Base", "max_context_length": 5}], known_models_only=True)
        models = (await client.ask("GET", "/get_server_capabilities")).json["supported_models"]
        assert models == [{"model_name": "m/Base", "max_context_length": 5, "trainable": True, "sampleable": True}]
        await client.open()
        refused = await client.post("/create_model", session_id=client.session, model_seq_id=0, base_model="other")
        assert refused.status == 400
        sent = await client.post(
            "/telemetry", events=[], platform="Linux", sdk_version="0.38.0", session_id="s", process_uuid="u"
        )
        assert sent.json == {"status": "accepted"}
        assert (await client.ask("GET", "/nothing")).json == {"detail": "Not Found: GET /api/v1/nothing"}
        moved = await client.ask("GET", "/models/m:1/checkpoints")
        assert (moved.status, moved.headers["location"]) == (307, "../../training_runs/m%3A1/checkpoints")
        assert (await client.ask("GET", "/create_session")).status == 405

    play(script)


def test_audit_and_bill(play: Play) -> None:
    async def script(client: Client) -> None:
        client.dialect = "tinker-0.38"
        await client.clock.set(1_800_000_000)
        client.dialect = "tinker-0.4.1"
        model = await client.model()
        await client.train(model)
        path = await client.save(model, "ck")
        client.dialect = "tinker-0.38"
        log = (await client.ask("GET", "/audit?event_type=checkpoints")).json["entries"]
        assert [(each["event"], each["tinker_path"]) for each in log] == [("checkpoint_created", path)]
        assert (await client.ask("GET", "/audit?day=2001-01-01")).json == {"entries": []}
        query = "starting_on=2027-01-15T00:00:00Z&ending_before=2027-01-16T00:00:00Z"
        bill = (await client.ask("GET", f"/billing/usage/events?{query}")).json
        assert {each["event_info"]["type"] for each in bill["data"]} == {"training", "checkpoint"}
        stored = (await client.ask("GET", "/billing/usage/checkpoints/current")).json["data"]
        assert stored[0]["checkpoint_count"] == 1

    play(script)


@pytest.mark.parametrize(
    ("headers", "dialect"),
    [
        ([(b"x-stainless-package-version", b"0.4.1")], "tinker-0.4.1"),
        ([(b"x-stainless-package-version", b"0.15.0")], "tinker-0.4.1"),
        ([(b"x-stainless-package-version", b"0.18.0")], "tinker-0.38"),
        ([(b"x-stainless-package-version", b"1.0")], "tinker-0.38"),
        ([(b"user-agent", b"AsyncTinker/Python 0.38.0")], "tinker-0.38"),
        ([(b"user-agent", b"tinkex/0.4.0"), (b"x-stainless-package-version", b"0.15.0")], "tinkex"),
        ([(b"user-agent", b"curl/8")], None),
        ([(b"x-stainless-package-version", b"new")], None),
    ],
)
def test_generations_by_headers(headers: list[tuple[bytes, bytes]], dialect: str | None) -> None:
    assert hint(Request("GET", "/", headers, connection=Connection(1))) == dialect


def test_a_dialect_that_is_set_counts_before_headers(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        client.configure(dialect="tinkex")
        promise = await client.post("/optim_step", model_id=model, adam_params={}, seq_id=1)
        told = await client.post("/retrieve_future", request_id=promise.json["request_id"])
        assert told.json["status"] == "completed"

    play(script)


def test_a_dialect_that_there_is_not(play: Play) -> None:
    async def script(client: Client) -> None:
        with pytest.raises(WireError, match=r"\$\.dialect"):
            client.configure(dialect="tinker-9")

    play(script)
