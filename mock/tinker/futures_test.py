import asyncio
from typing import Any

import pytest

from mock.tinker.conftest import DATA, Client, Play, Told

SLOW: dict[str, Any] = {"optim_step": 100.0}


async def poll(client: Client, told: Told, seconds: float) -> Told:
    """A poll, while the clock moves."""
    waiting = asyncio.ensure_future(client.fetch(told))
    while not client.clock.waiting:
        await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    await client.clock.advance(seconds)
    return await waiting


@pytest.mark.parametrize(
    ("dialect", "status", "body"),
    [
        ("tinker-0.4.1", 408, {"queue_state": "paused_capacity"}),
        ("tinker-0.38", 408, {"queue_state": "paused_capacity", "queue_state_reason": "busy"}),
        ("tinkex", 200, {"type": "try_again", "request_id": "req-2", "queue_state": "paused_capacity"}),
    ],
)
def test_a_poll_is_held_and_then_told_why(play: Play, dialect: str, status: int, body: object) -> None:
    async def script(client: Client) -> None:
        client.dialect = dialect
        model = await client.model()
        await client.clock.set(1e9)
        client.configure(durations=SLOW, future={"queue_state": "paused_capacity", "queue_state_reason": "busy"})
        promise = await client.turn("/optim_step", model, adam_params={})
        early = asyncio.ensure_future(client.fetch(promise))
        while client.clock.waiting < 2:
            await asyncio.sleep(0)
        await client.clock.advance(29)
        assert not early.done()
        await client.clock.advance(2)
        told = await early
        assert (told.status, told.json) == (status, body)
        await client.clock.advance(45)
        done = await poll(client, promise, 25)
        assert done.status == 200
        assert "metrics" in (done.json["result"] if dialect == "tinkex" else done.json)

    play(script)


def test_not_yet_as_often_as_asked_and_in_every_form(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        for how, dialect, status, key in (
            ("timeout", "tinker-0.38", 408, None),
            ("try_again", "tinker-0.4.1", 200, "type"),
            ("try_again", "tinker-0.38", 200, "type"),
            ("pending", "tinkex", 200, "status"),
            ("pending", "tinker-0.4.1", 408, None),
        ):
            client.dialect = dialect
            client.configure(future={"not_ready_polls": 2, "not_ready": how})
            promise = await client.turn("/optim_step", model, adam_params={})
            for _ in range(2):
                told = await client.fetch(promise)
                assert told.status == status
                assert key is None or told.json[key] in ("try_again", "pending")
            assert (await client.fetch(promise)).status == 200

    play(script)


def test_metadata_only_where_it_is_allowed_and_the_size_is_right(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        promise = await client.turn("/forward", model, forward_input=DATA)
        assert "metrics" in (await client.fetch(promise)).json
        client.dialect = "tinker-0.38"
        peek = await client.fetch(promise, binary=True, allow_metadata_only=True)
        whole = await client.fetch(promise, binary=True, allow_metadata_only=False)
        assert peek.json == {"status": "complete_metadata", "response_payload_size": len(whole.body)}
        assert whole.headers["content-type"] == "application/x-protobuf"
        assert (await client.fetch(promise, binary=True)).body == whole.body
        client.configure(future={"metadata_first": False})
        assert (await client.fetch(promise, binary=True, allow_metadata_only=True)).body == whole.body

    play(script)


def test_expired_and_unknown(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        client.configure(future={"expiry_s": 50})
        promise = await client.turn("/optim_step", model, adam_params={})
        await client.done(promise)
        await client.clock.advance(51)
        told = await client.fetch(promise)
        assert (told.status, told.json) == (410, {"detail": "The result of req-2 has expired"})
        assert (await client.post("/retrieve_future", request_id="req-99")).status == 404
        assert (await client.post("/retrieve_future")).status == 422

    play(script)


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("tinker-0.4.1", {"error": "no luck", "category": "server"}),
        ("tinker-0.38", {"error": "no luck", "category": "server"}),
        ("tinkex", {"status": "failed", "error": {"message": "no luck", "category": "server"}}),
    ],
)
def test_the_nth_of_an_operation_fails(play: Play, dialect: str, body: object) -> None:
    async def script(client: Client) -> None:
        client.dialect = dialect
        model = await client.model()
        rule = {"operation": "optim_step", "nth": 2, "category": "server", "message": "no luck"}
        client.configure(fail=[rule])
        told = [(await client.fetch(await client.turn("/optim_step", model, adam_params={}))).json for _ in range(3)]
        assert told[1] == body
        assert "error" not in told[0]
        assert "error" not in told[2]

    play(script)


def test_cancelled(play: Play) -> None:
    async def script(client: Client) -> None:
        client.dialect = "tinker-0.38"
        model = await client.model()
        client.configure(durations=SLOW)
        await client.clock.set(1e9)
        promise = await client.turn("/optim_step", model, adam_params={})
        assert (await client.post("/cancel_future", request_id=promise.json["request_id"])).status == 200
        assert (await client.done(promise))["error"] == "the request was cancelled"
        assert (await client.post("/cancel_future", request_id="req-99")).status == 404

    play(script)
