from __future__ import annotations

import pytest
from tinker.v1.model_input_wire import DmelChunk, EncodedTextChunk, ImageAssetPointerChunk, ImageChunk, ModelInput
from tinker.v1.tensor_wire import TensorData
from tinker.v1.training_wire import Datum

from parity.reference import size
from parity.reference.dialect import NEW, OLD
from parity.reference.size import NoLengthError

TEXT = EncodedTextChunk(tokens=[1, 2, 3])
IMAGE = ImageChunk(data=b"12345", format="png", height=1, width=1, tokens=7)
TENSORS = {
    "weights": TensorData(data=[1.0, 2.0], dtype="float32"),
    "target_tokens": TensorData(data=[1], dtype="int64", sparse_crow_indices=[0, 1], sparse_col_indices=[0]),
}


def test_numbers() -> None:
    assert size.of_datum(Datum(loss_fn_inputs=TENSORS, model_input=ModelInput(chunks=[TEXT, IMAGE])), OLD) == 13


def test_bytes() -> None:
    datum = Datum(loss_fn_inputs=TENSORS, model_input=ModelInput(chunks=[TEXT, IMAGE, DmelChunk(dmel=b"xy")]))
    assert size.of_datum(datum, NEW) == 12 + 5 + 2 + 8 + 8 + 24


@pytest.mark.parametrize("chunk", [IMAGE, DmelChunk(dmel=b""), ImageAssetPointerChunk(format="png", location="l")])
def test_no_length(chunk: ImageChunk) -> None:
    with pytest.raises(NoLengthError):
        size.length([chunk], NEW)


def test_expected_tokens() -> None:
    assert size.length([TEXT, ImageChunk(data=b"", format="png", expected_tokens=4)], NEW) == 7
