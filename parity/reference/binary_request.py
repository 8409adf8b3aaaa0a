"""forward and forward_backward of 0.38 in protobuf. Source: tinker.md section 2.11."""

from __future__ import annotations

from tinker.public import tinker_public_wire as public
from tinker.v1.model_input_wire import EncodedTextChunk, ImageAssetPointerChunk, ImageChunk, ModelInputChunk
from tinker.v1.tensor_wire import TensorData
from tinker.v1.training_wire import Datum, ForwardBackwardInput

from parity.reference import numbers_bytes
from parity.reference.numbers_bytes import Code

_CODES: dict[str, Code] = {"int64": "q", "float32": "f"}
_DTYPES: dict[str, public.DType] = {"int64": "DTYPE_INT64", "float32": "DTYPE_FLOAT32"}


class NoBinaryError(ValueError):
    """What has no protobuf form: pointers to images."""


def encode(batch: ForwardBackwardInput, model_id: str, seq_id: int, *, forward_only: bool) -> bytes:
    """Raises NoBinaryError."""
    given = batch.loss_fn_config
    config = given if isinstance(given, dict) else {}
    request = public.ForwardBackwardRequest(
        model_id=model_id,
        seq_id=seq_id,
        data=[_datum(datum) for datum in batch.data],
        loss_fn=loss_name(batch.loss_fn),
        loss_fn_config={name: value for name, value in config.items() if not isinstance(value, str)},
        forward_only=forward_only,
        loss_fn_config_v2={
            name: public.LossConfigValue(text=value)
            if isinstance(value, str)
            else public.LossConfigValue(number=float(value))
            for name, value in config.items()
        },
    )
    return request.to_binary()


def loss_name(loss: str) -> str:
    """Enums of the newer losses carry their prefix in Python, and not on the wire."""
    return loss.removeprefix("LOSS_FN_TYPE_").lower()


def _datum(datum: Datum) -> public.Datum:
    return public.Datum(
        model_input=[_chunk(chunk) for chunk in datum.model_input.chunks],
        loss_fn_inputs={name: tensor(each) for name, each in datum.loss_fn_inputs.items()},
    )


def _chunk(chunk: ModelInputChunk) -> public.Chunk:
    if isinstance(chunk, EncodedTextChunk):
        return public.Chunk(encoded_text=public.EncodedTextChunk(tokens=numbers_bytes.pack("i", chunk.tokens)))
    if isinstance(chunk, ImageChunk):
        expected = chunk.expected_tokens if isinstance(chunk.expected_tokens, int) else None
        return public.Chunk(
            image=public.ImageChunk(data=chunk.data, format=chunk.format, expected_tokens=expected),
        )
    if isinstance(chunk, ImageAssetPointerChunk):
        raise NoBinaryError(f"an image that is only pointed at ({chunk.location}) cannot be trained on")
    return public.Chunk(dmel=public.DmelChunk(dmel=chunk.dmel))


def tensor(given: TensorData) -> public.Tensor:
    """Dense, or sparse rows where it has indices."""
    data = numbers_bytes.pack(_CODES[given.dtype], given.data)
    shape = given.shape if isinstance(given.shape, list) else [len(given.data)]
    crow, col = given.sparse_crow_indices, given.sparse_col_indices
    if isinstance(crow, list) and isinstance(col, list):
        rows = public.SparseCsr(
            values=data, crow_indices=numbers_bytes.pack("q", crow), col_indices=numbers_bytes.pack("q", col)
        )
        return public.Tensor(sparse_csr=rows, dtype=_DTYPES[given.dtype], shape=shape)
    return public.Tensor(dense=data, dtype=_DTYPES[given.dtype], shape=shape)
