from __future__ import annotations

import json
from typing import get_args

import pytest
from bridge.v1 import error_wire
from bridge.v1.error_wire import ErrorCategory, PoolError, PoolReason

from parity.bridge.fault import KINDS, Fault


def test_the_four_parts_are_those_of_the_wire() -> None:
    fault = Fault("command_timeout", "Command timed out after 100ms", timeout_ms=100, worker_id="w1", command="sleep")
    assert json.loads(fault.model().to_wire("bridge-v2")) == {
        "category": "timeout_error",
        "type": "command_timeout",
        "message": "Command timed out after 100ms",
        "context": {"timeout_ms": 100, "worker_id": "w1", "command": "sleep"},
    }


def test_each_generation_in_its_own_words() -> None:
    fault = Fault("checkout_timeout", "No workers available")
    assert fault.failure("bridge-v1") == fault.failure("bridge-seed") == "pool_timeout"
    assert isinstance(fault.failure("bridge-v2"), PoolError)
    assert Fault("python_error", "No LM is loaded.").failure("bridge-v1") == "No LM is loaded."


@pytest.mark.parametrize("type_", KINDS)
def test_every_kind_can_be_said_in_every_dialect(type_: str) -> None:
    assert KINDS[type_].category in get_args(ErrorCategory)
    assert KINDS[type_].reason in (None, *get_args(PoolReason))
    for dialect in ("bridge-v1", "bridge-v2", "bridge-seed"):
        spec = error_wire.FILE.message("bridge.v1.PoolFailure")
        assert spec.write(Fault(type_, "text").failure(dialect), dialect)


def test_more_context_does_not_overwrite_what_was_said() -> None:
    fault = Fault("port_exited", "gone", status=1).within(status=2, worker_id="w1")
    assert fault.context == {"status": 1, "worker_id": "w1"}
    assert str(fault) == "gone"
