"""The emitted bulk generator in the bulk benchmark; a worker of perf/bench/rounds.py."""

from __future__ import annotations

import orjson
from tinker.v1 import optimizer_bulk, sampling_bulk, weights_bulk

from perf.bench.worker import Case, serve

DIALECT = "tinker-0.4.1"
MODULES = {
    "tinker.v1.SampleRequest": sampling_bulk,
    "tinker.v1.LoadWeightsRequest": weights_bulk,
    "tinker.v1.OptimStepRequest": optimizer_bulk,
}


def cases() -> dict[str, Case]:
    """Values as plain Python data, and as JSON, of some small messages."""
    found: dict[str, Case] = {}
    for message, module in MODULES.items():
        found |= _two(message.rpartition(".")[2], module.stream(message, DIALECT, seed=7).__next__)
    return found


def _two(name: str, value: Case) -> dict[str, Case]:
    return {f"samewire/{name}/value": value, f"samewire/{name}/JSON": lambda: orjson.dumps(value())}


if __name__ == "__main__":
    serve(cases())
