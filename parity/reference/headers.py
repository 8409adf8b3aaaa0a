"""Headers of one call: the client's own, the user's, the call's. Source: tinker.md section 1.2; seed 000 3.2."""

from __future__ import annotations

import platform
from collections.abc import Mapping

from parity.reference.dialect import Dialect

KEY = "x-api-key"
IDEMPOTENCY = "x-idempotency-key"
RETRY_COUNT = "x-stainless-retry-count"
READ_TIMEOUT = "x-stainless-read-timeout"
ITERATION = "x-tinker-request-iteration"
REQUEST_TYPE = "x-tinker-request-type"
BACKPRESSURE = "x-tinker-sampling-backpressure"
RAW = "x-stainless-raw-response"
PROTOBUF = "application/x-protobuf"
_ARCHS = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64"}
Said = Mapping[str, str | None]


def merge(*layers: Said) -> dict[str, str]:
    """Later ones win, without regard to case; null removes. Names in lower case."""
    merged: dict[str, str | None] = {}
    for layer in layers:
        merged.update((name.lower(), value) for name, value in layer.items())
    return {name: value for name, value in merged.items() if value is not None}


def own(dialect: Dialect, api_key: str) -> dict[str, str]:
    """Of every call of a client."""
    agent = "Tinkex/Python" if dialect.envelope else "AsyncTinker/Python"
    return {
        "accept": "application/json",
        "user-agent": f"{agent} {dialect.sdk_version}",
        "x-stainless-package-version": dialect.sdk_version,
        "x-stainless-os": platform.system(),
        "x-stainless-arch": _ARCHS.get(platform.machine(), platform.machine() or "unknown"),
        "x-stainless-runtime": platform.python_implementation(),
        "x-stainless-runtime-version": platform.python_version(),
        "x-stainless-async": "async:asyncio",
        KEY: api_key,
    }
