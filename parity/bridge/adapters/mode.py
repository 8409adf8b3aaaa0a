"""Which adapter a test uses: the test modes and their layers (facts A7), and how one is chosen."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bridge.v1.adapter_wire import Layer

Name = Literal["mock_adapter", "bridge_mock", "full_integration"]
AdapterName = Literal["mock", "bridge_mock", "python_port", "python_pool"]
VARIABLE = "TEST_MODE"
DEFAULT: Name = "mock_adapter"
DEFAULT_ADAPTER: AdapterName = "python_port"


@dataclass(frozen=True, slots=True)
class Mode:
    """Times are in seconds. `excluded`: tags of tests that do not run in it; `retry_…`: the delay after a timeout, and
    after a failed connection (None: not tried again).
    """

    adapter: AdapterName
    layer: Layer
    timeout: float
    concurrency: int
    setup: float
    parallel: bool  # beside other tests
    isolation: Literal["none", "process", "supervision"]
    excluded: frozenset[str]
    retry_timeout: float
    retry_connection: float | None


MODES: Mapping[str, Mode] = {
    "mock_adapter": Mode("mock", "layer_1", 1.0, 50, 0.01, True, "none", frozenset({"layer_2", "layer_3"}), 0.1, None),
    "bridge_mock": Mode("bridge_mock", "layer_2", 5.0, 10, 0.1, True, "process", frozenset({"layer_3"}), 0.5, 1.0),
    "full_integration": Mode("python_port", "layer_3", 30.0, 1, 2.0, False, "supervision", frozenset(), 5.0, 10.0),
}
# What the source's aliases run, in order.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "test.fast": ("mock_adapter",),
    "test.protocol": ("bridge_mock",),
    "test.integration": ("full_integration",),
    "test.all": tuple(MODES),
}


def mode(
    override: str | None = None, configured: str | None = None, environment: Mapping[str, str] = os.environ
) -> Mode:
    """The override, else TEST_MODE, else what is configured, else mock_adapter; one that there is not warns."""
    for name in (override, environment.get(VARIABLE), configured):
        if name is None:
            continue
        if name in MODES:
            return MODES[name]
        warnings.warn(f"test mode {name!r}: there are {', '.join(MODES)}; {DEFAULT} is used", stacklevel=2)
        return MODES[DEFAULT]
    return MODES[DEFAULT]


def adapter_name(
    explicit: AdapterName | None = None,
    configured: AdapterName | None = None,
    environment: Mapping[str, str] = os.environ,
) -> AdapterName:
    """The one that is asked for, else TEST_MODE's where that is set, else what is configured, else python_port."""
    if explicit is not None:
        return explicit
    if VARIABLE in environment:
        return mode(environment=environment).adapter
    return configured or DEFAULT_ADAPTER
