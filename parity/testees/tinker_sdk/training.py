"""Calls about training: metrics, chunks, lengths, tensors."""

from __future__ import annotations

from typing import Any

from parity.testees.tinker_sdk.answer import Call, Rejected, Unsupported, sdk
from parity.testees.tinker_sdk.message import output, tensor, written

types = sdk("types")
_helpers = sdk("lib.chunked_fwdbwd_helpers")
_client = sdk("lib.public_interfaces.training_client")
np = _helpers.np


def calls() -> dict[str, Call]:
    return {
        "metrics.reduce": reduce,
        "outputs.combine": combine,
        "chunks.split": split,
        "input.length": length,
        "tensor.make": make_tensor,
        "datum.make": make_datum,
    }


def reduce(given: Any) -> Any:
    results = [
        types.ForwardBackwardOutput(
            loss_fn_output_type="", loss_fn_outputs=[{}] * each["outputs"], metrics=each["metrics"]
        )
        for each in given["results"]
    ]
    return _combined(results).metrics


def combine(given: Any) -> Any:
    return written(_combined([output(each) for each in given["outputs"]]))


def _combined(results: list[Any]) -> Any:
    try:
        return _helpers.combine_fwd_bwd_output_results(results)
    except ZeroDivisionError as error:
        raise Rejected("zero_weight", error) from None
    except ValueError as error:
        raise Rejected("bad_key", error) from None


def split(given: Any) -> Any:
    """How the SDK's generator divides them; data of one run are one object."""
    data = [datum for run in given["runs"] for datum in [_datum(run["datum"])] * run["count"]]
    training = object.__new__(_client.TrainingClient)
    chunks = training._chunked_requests_generator
    if hasattr(types, "ClientConfigResponse"):
        limits = given.get("limits") or {}
        named = {"len": "fwdbwd_max_chunk_len", "bytes": "fwdbwd_max_chunk_bytes_count"}
        config = types.ClientConfigResponse(**{named[key]: value for key, value in limits.items()})
        training.holder = type("Holder", (), {"_client_config": config})()
        sizes = [len(chunk.data) for chunk in chunks(data)]
        if not sizes:
            try:
                training._run_fwd_bwd([], "cross_entropy", None, forward_only=True)
            except ValueError as error:
                raise Rejected("no_data", error) from None
        return sizes
    if given.get("limits"):
        raise Unsupported("its limits are fixed")
    return [len(chunk) for chunk in chunks(data)]


def _datum(shape: dict[str, Any]) -> Any:
    """Of the lengths told, unchecked: half a million numbers are not looked at one by one."""
    chunks = []
    if "tokens" in shape:
        chunks.append(types.EncodedTextChunk.model_construct(tokens=[0] * shape["tokens"]))
    if image := shape.get("image"):
        held = {"data": b"\0" * image["bytes"], "format": "png"}
        size = {"tokens": image["tokens"], "expected_tokens": image["tokens"]}
        chunks.append(types.ImageChunk.model_construct(**held, **size))
    inputs = {
        f"input{index}": _blank(each["dtype"], each["count"]) for index, each in enumerate(shape.get("tensors") or [])
    }
    made = types.Datum.model_construct if hasattr(types.Datum, "model_construct") else types.Datum
    return made(model_input=types.ModelInput.model_construct(chunks=chunks), loss_fn_inputs=inputs)


def _blank(dtype: str, count: int) -> Any:
    if hasattr(types.TensorData, "model_construct"):
        return types.TensorData.model_construct(data=[0] * count, dtype=dtype, shape=[count])
    return types.TensorData(data=np.zeros(count, dtype), dtype=dtype, shape=[count])


def length(given: Any) -> Any:
    try:
        return types.ModelInput.model_validate({"chunks": given["chunks"]}).length
    except ValueError as error:
        raise Rejected("no_length", error) from None


_KINDS = {"f": "float", "i": "int", "u": "uint"}


def make_tensor(given: Any) -> Any:
    kind = given["kind"]
    array = np.array(given["values"], "bool" if kind == "bool" else f"{_KINDS[kind[0]]}{kind[1:]}")
    try:
        return tensor(types.TensorData.from_numpy(array))
    except ValueError as error:
        raise Rejected("dtype", error) from None


def make_datum(given: Any) -> Any:
    try:
        made = types.Datum(model_input=types.ModelInput.from_ints([1]), loss_fn_inputs=given["loss_fn_inputs"])
    except KeyError as error:
        raise Rejected("unknown_name", error) from None
    except (TypeError, ValueError) as error:
        raise Rejected("dtype", error) from None
    return {name: tensor(each) for name, each in made.loss_fn_inputs.items()}
