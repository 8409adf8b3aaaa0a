from __future__ import annotations

from typing import Any

import pytest
from tinker.public import tinker_public_wire as public
from tinker.v1.model_input_wire import DmelChunk, ImageAssetPointerChunk, ImageChunk, ModelInput
from tinker.v1.tensor_wire import TensorData
from tinker.v1.training_wire import Datum, ForwardBackwardInput

from parity.reference import binary_request, binary_result, numbers_bytes
from parity.reference.binary_request import NoBinaryError


def encoded(*chunks: Any, loss_fn: Any = "ppo", loss_fn_config: Any = None) -> public.ForwardBackwardRequest:
    datum = Datum(loss_fn_inputs={}, model_input=ModelInput(chunks=list(chunks)))
    batch = ForwardBackwardInput(data=[datum], loss_fn=loss_fn, loss_fn_config=loss_fn_config)
    return public.ForwardBackwardRequest.from_binary(binary_request.encode(batch, "m", 2, forward_only=True))


def test_settings_stand_twice() -> None:
    request = encoded(loss_fn="LOSS_FN_TYPE_CISPO", loss_fn_config={"clip": 0.5, "mode": "a"})
    assert (request.loss_fn, request.forward_only, request.seq_id) == ("cispo", True, 2)
    assert request.loss_fn_config == {"clip": 0.5}
    assert {name: (value.number, value.text) for name, value in request.loss_fn_config_v2.items()} == {
        "clip": (0.5, None),
        "mode": (None, "a"),
    }


def test_chunks() -> None:
    request = encoded(ImageChunk(data=b"x", format="png", expected_tokens=3), DmelChunk(dmel=b"y"))
    image, dmel = request.data[0].model_input
    assert image.image is not None and (image.image.data, image.image.expected_tokens) == (b"x", 3)
    assert dmel.dmel is not None and dmel.dmel.dmel == b"y"


def test_pointers_cannot_be_sent() -> None:
    with pytest.raises(NoBinaryError, match="loc"):
        encoded(ImageAssetPointerChunk(format="png", location="loc"))


def test_sparse_rows() -> None:
    made = binary_request.tensor(
        TensorData(data=[5], dtype="int64", shape=[1, 2], sparse_crow_indices=[0, 1], sparse_col_indices=[1])
    )
    assert made.dense is None and made.sparse_csr is not None
    assert numbers_bytes.unpack_ints("q", made.sparse_csr.col_indices) == [1]


def test_samples() -> None:
    read = binary_result.samples(bytes.fromhex("0a160801120801000000020000001a08000000bf000080be"))
    assert (read.sequences[0].tokens, read.sequences[0].logprobs) == ([1, 2], [-0.5, -0.25])
    assert read.sequences[0].stop_reason == "length"


def test_logprobs_of_the_prompt() -> None:
    floats = numbers_bytes.pack("f", [float("nan"), -0.5])
    best = public.TopkLogprobs(
        token_ids=numbers_bytes.pack("i", [0, 0, 7, 0]),
        logprobs=numbers_bytes.pack("f", [-99999.0, -99999.0, -0.5, -99999.0]),
        k=2,
        length=2,
    )
    read = binary_result.samples(public.SampleResponse(prompt_logprobs=floats, topk_prompt_logprobs=best).to_binary())
    assert read.prompt_logprobs == [None, -0.5]
    assert read.topk_prompt_logprobs == [None, [[7, -0.5]]]


def test_bytes_left_over() -> None:
    with pytest.raises(ValueError, match="3 bytes"):
        numbers_bytes.unpack_floats(b"123")
    assert numbers_bytes.unpack_halves(b"\x80\x3f") == [1.0]
