"""Nested lists become tensors. Source: tinker.md section 2.4; seed 000 section 3.1."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tinker.v1.tensor_wire import TensorData, TensorDtype

from parity.reference.dialect import NEW, TINKEX, Dialect

Kind = Literal["f16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool"]
"""What an array library calls the type of its elements."""
_BY_NAME: dict[str, TensorDtype] = {
    "target_tokens": "int64",
    "weights": "float32",
    "advantages": "float32",
    "logprobs": "float32",
    "clip_low_threshold": "float32",
    "clip_high_threshold": "float32",
}
_NEWER = "sequence_ratio_mask"


class DtypeError(ValueError):
    """No tensor can hold such values."""


class UnknownNameError(KeyError):
    """A plain list under a name that tells no dtype."""

    def __str__(self) -> str:
        return str(self.args[0])


def make(values: Any, kind: str, dialect: Dialect) -> TensorData:
    """Of an array: `values` nested as deep as it has dimensions. Raises DtypeError."""
    flat, shape = flatten(values)
    dtype = _dtype(kind, dialect)
    return TensorData(data=cast(flat, dtype, kind, dialect), dtype=dtype, shape=shape)


def of_inputs(inputs: Mapping[str, Any], dialect: Dialect) -> dict[str, TensorData]:
    """Plain lists, their dtype told by their names. Raises UnknownNameError, DtypeError."""
    return {name: _of_input(name, values, dialect) for name, values in inputs.items()}


def flatten(values: Any) -> tuple[list[Any], list[int]]:
    """All elements in order, and the length of each dimension. Raises DtypeError where rows differ in length."""
    if not isinstance(values, list):
        return [values], []
    parts = [flatten(each) for each in values]
    shapes = [shape for _, shape in parts]
    if any(shape != shapes[0] for shape in shapes):
        raise DtypeError("the rows of the list differ in length")
    return [each for flat, _ in parts for each in flat], [len(values), *(shapes[0] if shapes else [])]


def _of_input(name: str, values: Any, dialect: Dialect) -> TensorData:
    dtype = "float32" if name == _NEWER and dialect is NEW else _BY_NAME.get(name)
    if dtype is None:
        raise UnknownNameError(f"{name!r} has no dtype of its own: give a tensor")
    flat, shape = flatten(values)
    if len(shape) != 1 and dialect is not NEW:
        raise DtypeError(f"{name!r}: a list of numbers is needed; this one has {len(shape)} dimensions")
    if dialect is NEW:
        flat = [int(each) for each in flat] if dtype == "int64" else [_rounded("<f", each) for each in flat]
    return TensorData(data=flat, dtype=dtype, shape=shape)


def _dtype(kind: str, dialect: Dialect) -> TensorDtype:
    if kind.startswith("f"):
        return "float32"
    if kind.startswith("i") or (kind.startswith("u") and dialect is TINKEX):
        return "int64"
    raise DtypeError(f"there is no tensor of {kind}")


def cast(flat: Sequence[Any], dtype: TensorDtype, kind: str, dialect: Dialect) -> list[Any]:
    """The elements as they are sent: what the array holds, which is less than was put in where it is narrow."""
    if dtype == "int64":
        return [int(each) for each in flat]
    if kind == "f16":
        return [_rounded("<e", each) for each in flat]
    if kind == "f64" and not dialect.casts_tensors:
        return [float(each) for each in flat]  # under another label only
    return [_rounded("<f", each) for each in flat]


def _rounded(form: str, value: float) -> float:
    try:
        return float(struct.unpack(form, struct.pack(form, value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
