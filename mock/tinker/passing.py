"""One pass over a batch: logprobs, loss, gradient and metrics."""

from __future__ import annotations

import asyncio
import math
import time
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from tinker.public import tinker_public_wire as public
from tinker.v1.tensor_wire import TensorData
from tinker.v1.training_wire import ForwardBackwardOutput

from mock.tinker import loss
from mock.tinker.batch import BadData, Batch, Example, pack
from mock.tinker.language import context, logprob, pull
from mock.tinker.weights import Weights

_SLICE_S = 0.02  # after so long other requests have their turn
_SLICE_TOKENS = 2048
_OUTPUT_TYPES = {
    "cross_entropy": "CrossEntropyLossReturn",
    "importance_sampling": "ImportanceSamplingLossReturn",
    "ppo": "PPOLossReturn",
    "cispo": "CISPOLossReturn",
    "dro": "DROLossReturn",
    "gspo": "GSPOLossReturn",
    "stable_reinforce": "StableReinforceLossReturn",
    "custom": "CustomLossReturn",
}


@dataclass(frozen=True, slots=True)
class Output:
    """float32 numbers of one example."""

    data: array[float]
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pass:
    """`outputs`: by example and name. `metrics`: by "name:reduction", one of every reduction there is."""

    loss: str
    outputs: list[dict[str, Output]]
    metrics: dict[str, float]

    def to_json(self) -> ForwardBackwardOutput:
        return ForwardBackwardOutput(
            loss_fn_output_type=_OUTPUT_TYPES[self.loss],
            loss_fn_outputs=[
                {
                    name: TensorData(data=held.data.tolist(), dtype="float32", shape=list(held.shape))
                    for name, held in each.items()
                }
                for each in self.outputs
            ],
            metrics=self.metrics,
        )

    def to_binary(self) -> public.ForwardBackwardOutput:
        """Neighbours of one trailing shape share a record."""
        records: list[list[dict[str, Output]]] = []
        for each in self.outputs:
            if not records or _trailing(records[-1][-1]) != _trailing(each):
                records.append([])
            records[-1].append(each)
        tag = _OUTPUT_TYPES[self.loss]
        return public.ForwardBackwardOutput(
            loss_fn_output_type=tag,
            loss_fn_outputs=[
                public.ArrayRecord(
                    type_tag=tag,
                    fields={name: _batched([each[name] for each in record]) for name in record[0]},
                    num_datums=len(record),
                )
                for record in records
            ],
            metrics=self.metrics,
        )


async def run(weights: Weights, batch: Batch, cycle: int, *, strict: bool = False) -> Pass:
    """Adds to the gradient unless the batch is for looking only. `cycle`: the model's count of calls.

    `strict`: inputs that the loss needs must be there. Raises BadData.
    """
    if batch.loss not in loss.LOSSES:
        raise BadData(f"no loss function {batch.loss!r}; there are {', '.join(sorted(loss.LOSSES))}")
    if not batch.examples:
        raise BadData("no data")
    tables = weights.tables
    gradient = array("d") if batch.forward_only else weights.open_gradient()[:]
    outputs, losses, started = [], [], time.monotonic()
    scored, lowest, highest = 0, 0.0, -math.inf
    for number, example in enumerate(batch.examples):
        targets, shape = _targets(example, number, strict and loss.NEEDS[batch.loss])
        seen = _contexts(example, len(targets), shape)
        logprobs = array("f")
        for place, target in enumerate(targets):
            logprobs.append(logprob(tables, seen[place], target))
            if not place % _SLICE_TOKENS:
                started = await _breathe(started)
        if not all(map(math.isfinite, logprobs)):
            raise BadData(f"datum {number}: logprobs that are no numbers")
        try:
            held = loss.terms(logprobs, example.inputs, batch.config)
            total, slopes = loss.LOSSES[batch.loss](held, batch.config)
        except BadData as error:
            raise BadData(f"datum {number}: {error}") from None
        except OverflowError:
            raise BadData(f"datum {number}: a loss beyond all numbers") from None
        losses.append(total)
        if gradient:
            for place, slope in enumerate(slopes):
                if slope:
                    pull(tables, gradient, seen[place], targets[place], slope)
                if not place % _SLICE_TOKENS:
                    started = await _breathe(started)
        outputs.append({"logprobs": Output(logprobs, shape)})
        scored += len(logprobs)
        lowest, highest = min(lowest, *logprobs, 0.0), max(highest, *logprobs, -math.inf)
    sum_of_losses = math.fsum(losses)
    if not math.isfinite(sum_of_losses):
        raise BadData("a loss that is no number")
    if gradient:
        weights.gradient = gradient
    return Pass(batch.loss, outputs, _metrics(batch, sum_of_losses, scored, lowest, highest, cycle))


def _metrics(batch: Batch, total: float, scored: int, lowest: float, highest: float, cycle: int) -> dict[str, float]:
    seen = 0
    for example in batch.examples:
        seen = zlib.crc32(pack([token & 0xFFFFFFFF for token in example.tokens], "q"), seen)
    return {
        "loss:sum": total,
        "loss_per_token:mean": total / scored if scored else 0.0,
        "logprob:min": lowest,
        "logprob:max": highest if scored else 0.0,
        "tokens:sum": float(scored),
        "tokens_of_worker:slack": float(batch.size),
        "clock_cycle:unique": float(cycle),
        "data:hash_unordered": float(seen),
        "data:hash2": float(seen),
    }


def _targets(example: Example, number: int, needs: Sequence[str] | bool) -> tuple[Sequence[int], tuple[int, ...]]:
    """And their shape. Where there are none: the input's own next tokens."""
    if needs and not isinstance(needs, bool):
        missing = [name for name in needs if name not in example.inputs]
        if missing:
            raise BadData(f"datum {number}: loss_fn_inputs lacks {', '.join(missing)}")
    held = example.inputs.get("target_tokens")
    if held is None:
        following = [*example.tokens[1:], 0] if example.tokens else []
        return following, (len(following),)
    values = held.dense()
    try:
        return [int(value) for value in values], held.shape
    except (ValueError, OverflowError):
        raise BadData(f"datum {number}: target_tokens are no whole numbers") from None


def _contexts(example: Example, count: int, shape: tuple[int, ...]) -> list[int]:
    """What each target follows; candidates for one position (target_tokens of two dimensions) follow the same."""
    tokens = example.tokens
    if not tokens:
        return [context(0, 0)] * count
    width = math.prod(shape[1:]) or 1
    found, last = [], len(tokens) - 1
    for place in range(count):
        at = min(place // width, last)
        found.append(context(tokens[at - 1] if at else 0, tokens[at]))
    return found


async def _breathe(started: float) -> float:
    if time.monotonic() - started < _SLICE_S:
        return started
    await asyncio.sleep(0)
    return time.monotonic()


def _trailing(each: dict[str, Output]) -> dict[str, tuple[int, ...]]:
    return {name: held.shape[1:] for name, held in each.items()}


def _batched(held: list[Output]) -> public.BatchedTensor:
    data, offsets = array("f"), [0]
    for each in held:
        data.extend(each.data)
        offsets.append(4 * len(data))
    return public.BatchedTensor(
        data=pack(data, "f"),
        offsets=pack(offsets, "q"),
        dtype="DTYPE_FLOAT32",
        trailing_shape=list(held[0].shape[1:]),
    )
