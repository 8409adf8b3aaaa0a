"""The outputs of a call's chunks become one. Source: tinker.md section 3.3."""

from __future__ import annotations

from collections.abc import Sequence

from tinker.v1.training_wire import ForwardBackwardOutput

from parity.reference import chunks, metrics
from parity.reference.dialect import Dialect


def combine(outputs: Sequence[ForwardBackwardOutput], dialect: Dialect) -> ForwardBackwardOutput:
    """In the order of the chunks. Raises NoDataError, and what `metrics.reduce` raises."""
    chunks.check(len(outputs), dialect)
    measured = [metrics.Measured(output.metrics, len(output.loss_fn_outputs)) for output in outputs]
    return ForwardBackwardOutput(
        loss_fn_output_type=outputs[0].loss_fn_output_type if outputs else "",
        loss_fn_outputs=[each for output in outputs for each in output.loss_fn_outputs],
        metrics=metrics.reduce(measured, dialect),
    )
