"""Calls about batches, tensors and metrics."""

from __future__ import annotations

from itertools import chain, repeat
from typing import Any

from tinker.v1.training_wire import ForwardBackwardOutput

from parity.reference import chunks, metrics, outputs, size, tensor
from parity.reference.dialect import Dialect
from parity.reference.testee import reading


def metrics_reduce(given: Any, dialect: Dialect) -> Any:
    return metrics.reduce([metrics.Measured(each["metrics"], each["outputs"]) for each in given["results"]], dialect)


def outputs_combine(given: Any, dialect: Dialect) -> Any:
    read = [reading.message(ForwardBackwardOutput, each, dialect) for each in given["outputs"]]
    return reading.shown(outputs.combine(read, dialect), dialect)


def chunks_split(given: Any, dialect: Dialect) -> Any:
    """Counts only: a datum of half a million numbers is not made to be measured."""
    chunks.check(sum(run["count"] for run in given["runs"]), dialect)
    told = given.get("limits") or {}
    limits = chunks.Limits(
        told.get("len", dialect.chunk_len), told.get("bytes", told.get("numbers", dialect.chunk_size))
    )
    sizes = chain.from_iterable(repeat(_counted(run["datum"], dialect), run["count"]) for run in given["runs"])
    return chunks.cut(sizes, limits)


def chunks_order(given: Any, dialect: Dialect) -> Any:
    ids = range(given["first"], given["first"] + given["chunks"])
    return chunks.sending(ids, dialect.chunks_parallel and given.get("parallel", True))


def input_length(given: Any, dialect: Dialect) -> Any:
    return size.length([reading.part("ModelInputChunk", each, dialect) for each in given["chunks"]], dialect)


def tensor_make(given: Any, dialect: Dialect) -> Any:
    return reading.shown(tensor.make(given["values"], given["kind"], dialect), dialect)


def datum_make(given: Any, dialect: Dialect) -> Any:
    made = tensor.of_inputs(given["loss_fn_inputs"], dialect)
    return {name: reading.shown(each, dialect) for name, each in made.items()}


def _counted(datum: Any, dialect: Dialect) -> int:
    image = datum.get("image") or {}
    tensors = datum.get("tensors") or []
    if dialect.chunk_unit == "numbers":
        return int(datum.get("tokens", 0) + image.get("tokens", 0) + sum(each["count"] for each in tensors))
    numbers = sum(size.dtype_bytes(each["dtype"]) * each["count"] for each in tensors)
    return int(size.TEXT_BYTES * datum.get("tokens", 0) + image.get("bytes", 0) + numbers)
