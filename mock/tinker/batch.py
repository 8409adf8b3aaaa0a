"""Training data in one form, whatever it was sent in: JSON of three dialects or 0.38's protobuf."""

from __future__ import annotations

import math
import sys
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from samewire_wire import MISSING
from tinker.public import tinker_public_wire as public
from tinker.v1 import model_input_wire as inputs
from tinker.v1.tensor_wire import TensorData
from tinker.v1.training_wire import ForwardBackwardInput, LossFnType

# Element types of 0.38's byte strings, as `array` calls them; bfloat16 is the upper half of a float32.
_CODES = {"DTYPE_FLOAT32": "f", "DTYPE_INT64": "q", "DTYPE_INT32": "i"}
_PLACEHOLDERS = 60_000  # ids that stand for what is no text


class BadData(ValueError):
    """Data that no model can be trained on or sampled from."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Numbers, last dimension fastest. `rows`, `columns`: of a sparse one (CSR), whose `data` has its values only."""

    data: Sequence[float]
    shape: tuple[int, ...]
    rows: tuple[int, ...] | None = None
    columns: tuple[int, ...] | None = None

    def dense(self) -> Sequence[float]:
        """All numbers, with 0 where a sparse tensor has nothing."""
        if self.rows is None or self.columns is None:
            return self.data
        width = self.shape[-1] if self.shape else max(self.columns, default=-1) + 1
        values = [0.0] * (width * (len(self.rows) - 1))
        for row, (start, end) in enumerate(zip(self.rows, self.rows[1:], strict=False)):
            for place in range(start, end):
                values[row * width + self.columns[place]] = self.data[place]
        return values


@dataclass(frozen=True, slots=True)
class Example:
    """`tokens`: the model's input, with placeholders for images and sounds."""

    tokens: Sequence[int]
    inputs: dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Batch:
    """`loss`: "cross_entropy", …; `config`: its settings."""

    examples: list[Example]
    loss: str
    config: dict[str, float | str] = field(default_factory=dict)
    forward_only: bool = False

    @property
    def size(self) -> int:
        """Tokens."""
        return sum(len(example.tokens) for example in self.examples)


def from_json(data: ForwardBackwardInput, forward_only: bool) -> Batch:
    """Raises BadData."""
    config = data.loss_fn_config
    return Batch(
        [
            Example(tokens(each.model_input), {name: tensor(name, held) for name, held in each.loss_fn_inputs.items()})
            for each in data.data
        ],
        _loss_name(data.loss_fn),
        dict(config) if isinstance(config, dict) else {},
        forward_only,
    )


def from_binary(request: public.ForwardBackwardRequest) -> Batch:
    """Raises BadData."""
    config: dict[str, float | str] = dict(request.loss_fn_config)
    for name, value in request.loss_fn_config_v2.items():
        if value.number is not None:
            config[name] = value.number
        elif value.text is not None:
            config[name] = value.text
    examples = []
    for each in request.data:
        held = {name: _binary_tensor(name, value) for name, value in each.loss_fn_inputs.items()}
        examples.append(Example(_binary_tokens(each.model_input), held))
    return Batch(examples, request.loss_fn, config, request.forward_only)


def tokens(prompt: inputs.ModelInput) -> list[int]:
    """One id per token of all chunks. Raises BadData."""
    found: list[int] = []
    for chunk in prompt.chunks:
        if isinstance(chunk, inputs.EncodedTextChunk):
            found.extend(chunk.tokens)
        elif isinstance(chunk, inputs.DmelChunk):
            found.extend(_placeholders(chunk.dmel, len(chunk.dmel) // 64 + 1))
        else:
            seen = chunk.data if isinstance(chunk, inputs.ImageChunk) else chunk.location.encode()
            found.extend(_placeholders(seen, _image_length(chunk)))
    return found


def tensor(name: str, held: TensorData) -> Tensor:
    """Raises BadData for a shape that its data does not have."""
    shape = tuple(held.shape) if isinstance(held.shape, list) else (len(held.data),)
    rows, columns = held.sparse_crow_indices, held.sparse_col_indices
    if isinstance(rows, list) and isinstance(columns, list):
        return _checked(name, Tensor(held.data, shape, tuple(rows), tuple(columns)))
    return _checked(name, Tensor(held.data, shape))


def pack(values: Sequence[float], code: str) -> bytes:
    """Little endian; `code` as in `array`."""
    held = array(code, values)
    if sys.byteorder == "big":
        held.byteswap()
    return held.tobytes()


def unpack(data: bytes, code: str, name: str) -> array[float]:
    """The opposite of `pack`. Raises BadData for a cut number."""
    held: array[float] = array(code)
    if len(data) % held.itemsize:
        raise BadData(f"{name}: {len(data)} bytes are no whole number of elements of {held.itemsize} bytes")
    held.frombytes(data)
    if sys.byteorder == "big":
        held.byteswap()
    return held


def _binary_tokens(chunks: list[public.Chunk]) -> Sequence[int]:
    if len(chunks) == 1 and chunks[0].encoded_text is not None:
        return unpack(chunks[0].encoded_text.tokens, "i", "model_input")  # type: ignore[return-value]
    found: list[int] = []
    for chunk in chunks:
        if chunk.encoded_text is not None:
            found.extend(map(int, unpack(chunk.encoded_text.tokens, "i", "model_input")))
        elif chunk.image is not None:
            found.extend(_placeholders(chunk.image.data, chunk.image.expected_tokens or 256))
        elif chunk.dmel is not None:
            found.extend(_placeholders(chunk.dmel.dmel, len(chunk.dmel.dmel) // 64 + 1))
    return found


def _binary_tensor(name: str, held: public.Tensor) -> Tensor:
    sparse = held.sparse_csr
    data = sparse.values if sparse is not None else held.dense or b""
    if held.dtype == "DTYPE_BFLOAT16":
        wide = bytearray(2 * len(data))
        wide[2::4], wide[3::4] = data[::2], data[1::2]
        values = unpack(bytes(wide), "f", name)
    elif held.dtype in _CODES:
        values = unpack(data, _CODES[str(held.dtype)], name)
    else:
        raise BadData(f"{name}: a tensor needs a dtype, not {held.dtype}")
    shape = tuple(held.shape) or (len(values),)
    if sparse is None:
        return _checked(name, Tensor(values, shape))
    rows, columns = (unpack(part, "q", name) for part in (sparse.crow_indices, sparse.col_indices))
    return _checked(name, Tensor(values, shape, tuple(map(int, rows)), tuple(map(int, columns))))


def _checked(name: str, held: Tensor) -> Tensor:
    if held.rows is None or held.columns is None:
        if any(size < 0 for size in held.shape) or math.prod(held.shape) != len(held.data):
            raise BadData(f"{name}: {len(held.data)} numbers do not have the shape {list(held.shape)}")
        return held
    width = held.shape[-1] if held.shape else 0
    rising = all(start <= end for start, end in zip(held.rows, held.rows[1:], strict=False))
    whole = held.rows and held.rows[0] == 0 and held.rows[-1] == len(held.data) == len(held.columns)
    fits = math.prod(held.shape[:-1]) == len(held.rows) - 1 and all(0 <= column < width for column in held.columns)
    if not (rising and whole and fits) or math.prod(held.shape) > 50_000_000:
        raise BadData(f"{name}: not compressed sparse rows of the shape {list(held.shape)}")
    return held


def _image_length(chunk: inputs.ImageChunk | inputs.ImageAssetPointerChunk) -> int:
    for said in (chunk.tokens, chunk.expected_tokens):
        if said is not MISSING and said is not None:
            return int(said)
    return 256


def _placeholders(seen: bytes, count: int) -> list[int]:
    if not 0 <= count <= 1_000_000:
        raise BadData(f"an image of {count} tokens")
    return [_PLACEHOLDERS + zlib.crc32(seen) % 5000] * count


def _loss_name(name: LossFnType) -> str:
    return name.removeprefix("LOSS_FN_TYPE_").lower()
