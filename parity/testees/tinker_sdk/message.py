"""The SDK's objects as the JSON of tinker.v1, and back."""

from __future__ import annotations

import dataclasses
from typing import Any

from parity.testees.tinker_sdk.answer import sdk

types = sdk("types")


def written(value: Any) -> Any:
    """Of an object of the SDK, in the JSON of its dialect: what was set; of 0.38 all but nulls."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple():
            return [written(each) for each in value]
        case dict():
            return {key: written(each) for key, each in value.items()}
        case types.TensorData():
            return tensor(value)
        case types.SampleResponse() if dataclasses.is_dataclass(value):
            return _sampled(value)
    if dataclasses.is_dataclass(value):
        told = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        return {name: written(each) for name, each in told.items() if each is not None}
    if dataclasses.is_dataclass(types.TensorData):
        return value.model_dump(mode="json", exclude_none=True)
    return value.model_dump(mode="json", exclude_unset=True)


def tensor(value: Any) -> Any:
    """A TensorData of either release."""
    names = ("data", "dtype", "shape", "sparse_crow_indices", "sparse_col_indices")
    told = {name: getattr(value, name, None) for name in names}
    return {name: each for name, each in told.items() if each is not None}


def output(told: dict[str, Any]) -> Any:
    """A ForwardBackwardOutput."""
    outputs = [{name: types.TensorData(**each) for name, each in one.items()} for one in told["loss_fn_outputs"]]
    return types.ForwardBackwardOutput(**told | {"loss_fn_outputs": outputs})


def _sampled(value: Any) -> Any:
    """A SampleResponse of 0.38, which keeps arrays."""
    sequences = []
    for each in value.sequences:
        sequence = {"stop_reason": each.stop_reason, "tokens": each.tokens, "logprobs": each.logprobs}
        sequences.append({name: one for name, one in sequence.items() if one is not None})
    told = {
        "sequences": sequences,
        "prompt_logprobs": value.prompt_logprobs,
        "topk_prompt_logprobs": written(value.topk_prompt_logprobs),
    }
    return {name: each for name, each in told.items() if each is not None}
