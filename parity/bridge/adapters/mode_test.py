from __future__ import annotations

import pytest

from parity.bridge.adapters.mode import ALIASES, MODES, adapter_name, mode


@pytest.mark.parametrize(
    ("override", "environment", "configured", "chosen"),
    [
        (None, None, None, "mock_adapter"),
        (None, None, "bridge_mock", "bridge_mock"),
        (None, "full_integration", "bridge_mock", "full_integration"),
        ("mock_adapter", "full_integration", "bridge_mock", "mock_adapter"),
    ],
)
def test_who_decides(override: str | None, environment: str | None, configured: str | None, chosen: str) -> None:
    variables = {} if environment is None else {"TEST_MODE": environment}
    assert mode(override, configured, variables) == MODES[chosen]


def test_a_mode_that_there_is_not_warns() -> None:
    with pytest.warns(UserWarning, match="'fast': there are mock_adapter, bridge_mock, full_integration"):
        assert mode(environment={"TEST_MODE": "fast"}) == MODES["mock_adapter"]


def test_which_adapter() -> None:
    variables = {"TEST_MODE": "bridge_mock"}
    assert adapter_name("mock", "python_pool", variables) == "mock"
    assert adapter_name(None, "python_pool", variables) == "bridge_mock"
    assert adapter_name(None, "python_pool", {}) == "python_pool"
    assert adapter_name(environment={}) == "python_port"


def test_the_modes_are_those_of_the_facts() -> None:
    told = {
        name: (each.timeout, each.concurrency, each.setup, each.parallel, each.isolation, sorted(each.excluded))
        for name, each in MODES.items()
    }
    assert told == {
        "mock_adapter": (1, 50, 0.01, True, "none", ["layer_2", "layer_3"]),
        "bridge_mock": (5, 10, 0.1, True, "process", ["layer_3"]),
        "full_integration": (30, 1, 2, False, "supervision", []),
    }
    assert ALIASES["test.all"] == ("mock_adapter", "bridge_mock", "full_integration")
