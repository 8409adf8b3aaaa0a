"""How large data are, in the unit by which a dialect cuts batches. Source: tinker.md sections 2.4 and 3.3."""

from __future__ import annotations

from samewire_wire import MISSING
from tinker.v1.model_input_wire import DmelChunk, EncodedTextChunk, ImageAssetPointerChunk, ImageChunk, ModelInputChunk
from tinker.v1.tensor_wire import TensorData
from tinker.v1.training_wire import Datum

from parity.reference.dialect import Dialect

TEXT_BYTES = 4
"""Of one token."""
_BYTES = {"int64": 8, "float32": 4}
INDEX_BYTES = 8


class NoLengthError(ValueError):
    """A chunk of the input does not say how many tokens it takes."""


def length(chunks: list[ModelInputChunk], dialect: Dialect) -> int:
    """Tokens of an input. Raises NoLengthError."""
    return sum(_tokens(chunk, dialect) for chunk in chunks)


def of_datum(datum: Datum, dialect: Dialect) -> int:
    """Numbers or bytes, as the dialect counts. Raises NoLengthError."""
    tensors = datum.loss_fn_inputs.values()
    if dialect.chunk_unit == "numbers":
        return length(datum.model_input.chunks, dialect) + sum(len(tensor.data) for tensor in tensors)
    return sum(_bytes(chunk) for chunk in datum.model_input.chunks) + sum(_tensor_bytes(tensor) for tensor in tensors)


def dtype_bytes(dtype: str) -> int:
    """Of one number."""
    return _BYTES[dtype]


def _tokens(chunk: ModelInputChunk, dialect: Dialect) -> int:
    if isinstance(chunk, EncodedTextChunk):
        return len(chunk.tokens)
    if isinstance(chunk, DmelChunk):
        raise NoLengthError("a dmel chunk does not say how many tokens it takes")
    told = chunk.tokens if dialect.image_tokens == "tokens" else chunk.expected_tokens
    if told is MISSING or told is None:
        raise NoLengthError(f"an image without {dialect.image_tokens} does not say how many tokens it takes")
    return told


def _bytes(chunk: ModelInputChunk) -> int:
    if isinstance(chunk, EncodedTextChunk):
        return TEXT_BYTES * len(chunk.tokens)
    if isinstance(chunk, ImageChunk):
        return len(chunk.data)
    if isinstance(chunk, ImageAssetPointerChunk):
        return 0
    return len(chunk.dmel)


def _tensor_bytes(tensor: TensorData) -> int:
    indices = sum(
        len(each) for each in (tensor.sparse_crow_indices, tensor.sparse_col_indices) if isinstance(each, list)
    )
    return dtype_bytes(tensor.dtype) * len(tensor.data) + INDEX_BYTES * indices
