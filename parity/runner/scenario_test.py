from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from samewire.parity.v1.case_wire import Exchange, Scenario, Step

from mock.client.async_client import AsyncMockClient
from mock.client.shapes import Entry
from parity.runner.scenario import Stage

PATH = "/api/v1/forward_backward"


def differences(sent: dict[str, Any], *expected: Any) -> list[str]:
    """Of one request that was sent, and the bodies that should have been."""

    class Session:
        async def journal(self) -> list[Entry]:
            return [cast(Entry, {"method": "POST", "target": f"/__samewire/s/one{PATH}", "headers": [], **sent})]

    stage = Stage(cast(AsyncMockClient, Session()), Scenario(steps=[Step(do="http")]))
    found = asyncio.run(stage.sent([Exchange(path=PATH, body=body) for body in expected]))
    return [each.path for each in found]


@pytest.mark.parametrize(
    "sent",
    [
        {"request": {"json": {"seq_id": 1, "loss_fn": "ppo"}}},
        {"request": {}, "message": {"seqId": 1, "lossFn": "ppo"}},
    ],
    ids=["json", "protobuf"],
)
def test_bodies_are_told_by_the_names_of_the_definitions(sent: dict[str, Any]) -> None:
    assert differences(sent, {"seq_id": 1}) == []
    assert differences(sent, {"seq_id": 2, "loss_fn": "ppo"}) == ["$.sent[0].body.seq_id"]


def test_names_that_a_user_gives_stay() -> None:
    sent = {"message": {"data": [{"lossFnInputs": {"target_tokens": {"dtype": "DTYPE_INT64"}}}]}}
    assert differences(sent, {"data": [{"loss_fn_inputs": {"target_tokens": {"dtype": "DTYPE_INT64"}}}]}) == []


def test_one_too_few_and_one_too_many() -> None:
    assert differences({"request": {"json": {}}}, {}, {}) == ["$.sent[1]"]
