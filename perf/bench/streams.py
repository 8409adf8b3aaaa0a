"""The emitted bulk generator in the bulk benchmark; a worker of perf/bench/rounds.py."""

from __future__ import annotations

import orjson
import tinker.v1.optimizer_bulk as optimizer
import tinker.v1.sampling_bulk as sampling
import tinker.v1.weights_bulk as weights

from perf.bench.worker import Case, serve

DIALECT = "tinker-0.4.1"
MODULES = {
    "tinker.v1.SampleRequest": sampling,
    "tinker.v1.LoadWeightsRequest": weights,
    "tinker.v1.OptimStepRequest": optimizer,
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
