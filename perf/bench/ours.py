"""Samewire's generated models in the model benchmark; a worker of perf/bench/rounds.py."""

from __future__ import annotations

import json

from tinker.v1.sampling_wire import SampleRequest
from tinker.v1.training_wire import ForwardBackwardRequest

from perf.bench.payload import sampling, training
from perf.bench.worker import Case, serve

DIALECT = "tinkex"


def cases() -> dict[str, Case]:
    """Decode and encode of both payloads, in the dialect whose wire holds the most: literals and all."""
    train = json.dumps(training(tagged=True)).encode()
    sample = json.dumps(sampling(tagged=True)).encode()
    train_value = ForwardBackwardRequest.from_wire(train, DIALECT)
    sample_value = SampleRequest.from_wire(sample, DIALECT)
    return {
        "samewire/training/decode": lambda: ForwardBackwardRequest.from_wire(train, DIALECT),
        "samewire/training/encode": lambda: train_value.to_wire(DIALECT),
        "samewire/training/model_dump_json": lambda: train_value.model_dump_json(),
        "samewire/sampling/decode": lambda: SampleRequest.from_wire(sample, DIALECT),
        "samewire/sampling/encode": lambda: sample_value.to_wire(DIALECT),
        "samewire/sampling/model_dump_json": lambda: sample_value.model_dump_json(),
    }


if __name__ == "__main__":
    serve(cases())
