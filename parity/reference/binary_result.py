"""Results of 0.38 in protobuf become the messages that all dialects share. Source: tinker.md section 2.11."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import isnan, prod

from tinker.public import tinker_public_wire as public
from tinker.v1.sampling_wire import SampledSequence, SampleResponse, StopReason, TopkLogprobs
from tinker.v1.tensor_wire import TensorData, TensorDtype, TensorValues
from tinker.v1.training_wire import ForwardBackwardOutput, LossFnOutput

from parity.reference import numbers_bytes

_STOPS: dict[object, StopReason] = {"STOP_REASON_STOP": "stop", "STOP_REASON_LENGTH": "length"}
_DTYPES: dict[object, TensorDtype] = {
    "DTYPE_FLOAT32": "float32",
    "DTYPE_BFLOAT16": "float32",
    "DTYPE_INT64": "int64",
    "DTYPE_INT32": "int64",
}
_WIDTHS: dict[object, int] = {"DTYPE_FLOAT32": 4, "DTYPE_BFLOAT16": 2, "DTYPE_INT64": 8, "DTYPE_INT32": 4}
_PADDING = -99_999.0
"""Log probability of a candidate that is none."""


def output(data: bytes) -> ForwardBackwardOutput:
    """Raises WireError, ValueError for bytes that are no such message."""
    read = public.ForwardBackwardOutput.from_binary(data)
    return ForwardBackwardOutput(
        loss_fn_output_type=read.loss_fn_output_type.rpartition(":")[2],
        loss_fn_outputs=[each for record in read.loss_fn_outputs for each in _outputs(record)],
        metrics=read.metrics,
    )


def samples(data: bytes) -> SampleResponse:
    """Raises WireError, ValueError for bytes that are no such message."""
    read = public.SampleResponse.from_binary(data)
    response = SampleResponse(sequences=[_sequence(each) for each in read.sequences])
    if read.prompt_logprobs is not None:
        floats = numbers_bytes.unpack_floats(read.prompt_logprobs)
        response.prompt_logprobs = [None if isnan(value) else value for value in floats]
    if read.topk_prompt_logprobs is not None:
        response.topk_prompt_logprobs = _candidates(read.topk_prompt_logprobs)
    return response


def _outputs(record: public.ArrayRecord) -> Iterator[LossFnOutput]:
    split = {name: list(_tensors(batched)) for name, batched in record.fields.items()}
    count = record.num_datums or max((len(each) for each in split.values()), default=0)
    for place in range(count):
        yield {name: tensors[place] for name, tensors in split.items() if place < len(tensors)}


def _tensors(batched: public.BatchedTensor) -> Iterator[TensorData]:
    if batched.dtype not in _DTYPES:
        raise ValueError(f"there is no tensor of {batched.dtype}")
    offsets = numbers_bytes.unpack_ints("q", batched.offsets)
    row = prod(batched.trailing_shape) * _WIDTHS[batched.dtype]
    for start, end in pairwise(offsets):
        values = _values(batched.data[start:end], batched.dtype)
        rows = (end - start) // row if row else 0
        yield TensorData(data=values, dtype=_DTYPES[batched.dtype], shape=[rows, *batched.trailing_shape])


def _values(data: bytes, dtype: object) -> TensorValues:
    match dtype:
        case "DTYPE_FLOAT32":
            return numbers_bytes.unpack_floats(data)
        case "DTYPE_BFLOAT16":
            return numbers_bytes.unpack_halves(data)
        case "DTYPE_INT32":
            return numbers_bytes.unpack_ints("i", data)
        case _:
            return numbers_bytes.unpack_ints("q", data)


def _sequence(read: public.SampledSequence) -> SampledSequence:
    if read.stop_reason not in _STOPS:
        raise ValueError(f"there is no stop reason {read.stop_reason}")
    sequence = SampledSequence(stop_reason=_STOPS[read.stop_reason], tokens=numbers_bytes.unpack_ints("i", read.tokens))
    if read.logprobs is not None:
        sequence.logprobs = numbers_bytes.unpack_floats(read.logprobs)
    return sequence


def _candidates(read: public.TopkLogprobs) -> TopkLogprobs:
    tokens = numbers_bytes.unpack_ints("i", read.token_ids)
    logprobs = numbers_bytes.unpack_floats(read.logprobs)
    pairs = list(zip(tokens, logprobs, strict=True))
    found: TopkLogprobs = []
    for place in range(read.length):
        row = pairs[place * read.k : (place + 1) * read.k]
        if not row or row[0] == (0, _PADDING):
            found.append(None)
        else:
            found.append([[token, logprob] for token, logprob in row if (token, logprob) != (0, _PADDING)])
    return found
