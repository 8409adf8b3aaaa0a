from __future__ import annotations

from typing import Any

import pytest

from parity.reference import tensor
from parity.reference.dialect import NEW, OLD, TINKEX, Dialect
from parity.reference.tensor import DtypeError, UnknownNameError


def test_label_or_value() -> None:
    assert tensor.make([[0.1], [0.5]], "f64", OLD).data == [0.1, 0.5]
    made = tensor.make([[0.1], [0.5]], "f64", TINKEX)
    assert (made.data, made.dtype, made.shape) == ([0.10000000149011612, 0.5], "float32", [2, 1])


@pytest.mark.parametrize(("kind", "held"), [("f16", 0.0999755859375), ("f32", 0.10000000149011612)])
def test_narrow_arrays_hold_less(kind: str, held: float) -> None:
    assert tensor.make([0.1], kind, OLD).data == [held]


def test_too_large_for_a_float() -> None:
    assert tensor.make([1e39, -1e39], "f32", NEW).data == [float("inf"), float("-inf")]


@pytest.mark.parametrize(("kind", "dialect"), [("u8", OLD), ("u64", NEW), ("bool", OLD), ("bool", TINKEX)])
def test_no_such_tensor(kind: str, dialect: Dialect) -> None:
    with pytest.raises(DtypeError, match=kind):
        tensor.make([1], kind, dialect)


def test_unsigned_by_the_seeds() -> None:
    assert tensor.make([1], "u8", TINKEX).dtype == "int64"


@pytest.mark.parametrize(("values", "shape"), [(5, []), ([], [0]), ([[1, 2], [3, 4]], [2, 2]), ([[]], [1, 0])])
def test_shape(values: Any, shape: list[int]) -> None:
    assert tensor.make(values, "i64", OLD).shape == shape


def test_rows_of_different_length() -> None:
    with pytest.raises(DtypeError, match="length"):
        tensor.make([[1], [2, 3]], "i64", OLD)


def test_names_tell_the_dtype() -> None:
    made = tensor.of_inputs({"target_tokens": [1], "weights": [0.5]}, OLD)
    assert {name: each.dtype for name, each in made.items()} == {"target_tokens": "int64", "weights": "float32"}
    with pytest.raises(UnknownNameError, match="odd"):
        tensor.of_inputs({"odd": [1]}, OLD)
    with pytest.raises(UnknownNameError):
        tensor.of_inputs({"sequence_ratio_mask": [1.0]}, OLD)
    assert tensor.of_inputs({"sequence_ratio_mask": [1.0]}, NEW)["sequence_ratio_mask"].dtype == "float32"


def test_two_dimensions_of_the_newer_only() -> None:
    with pytest.raises(DtypeError, match="2 dimensions"):
        tensor.of_inputs({"weights": [[1.0]]}, OLD)
    assert tensor.of_inputs({"weights": [[1.0]]}, NEW)["weights"].shape == [1, 1]
