from __future__ import annotations

from typing import Any

import pytest

from parity.bridge.host.check import request_fault, response_fault


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"id": 0, "command": "ping"}, None),
        ({}, "missing_id"),
        ({"id": -1}, "missing_command"),
        ({"id": True, "command": 3}, "invalid_id"),
        ({"id": 1, "command": None}, "invalid_command"),
    ],
)
def test_of_several_faults_of_a_request_the_first_is_told(said: dict[str, Any], fault: str | None) -> None:
    assert request_fault(said) == fault


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"id": 1, "success": True, "result": None}, None),
        ({"id": 1, "success": False, "error": ""}, None),
        ({"success": True}, "missing_id"),
        ({"id": "1"}, "missing_success"),
        ({"id": "1", "success": True}, "missing_result"),
        ({"id": "1", "success": False, "result": 1}, "missing_error"),
        ({"id": "1", "success": "yes"}, "invalid_id"),
        ({"id": 1, "success": "yes"}, "invalid_success"),
    ],
)
def test_of_several_faults_of_a_response_the_first_is_told(said: dict[str, Any], fault: str | None) -> None:
    assert response_fault(said) == fault
