"""The two payloads of the model benchmark, as JSON values; the same numbers in every form.

Shapes after codegen.md section 1. Training: 64 data, each one chunk of 512 int64 tokens and one tensor of 512 float32
(some 570 kB). Sampling: 32 tokens and sampling parameters (some 0.4 kB). Seeded, so that every process makes the same.
"""

from __future__ import annotations

import random
import struct
from typing import Any

DATA = 64
NUMBERS = 512
TOKENS = 32


def training(tagged: bool) -> dict[str, Any]:
    """The request. `tagged`: chunks as {"type":"encoded_text",…}; else as ProtoJSON's oneof, {"encoded_text":{…}}."""
    random_ = random.Random(20261121)
    data = []
    for _ in range(DATA):
        tokens = [random_.randrange(200_000) for _ in range(NUMBERS)]
        weights = [_float32(random_.gauss(0, 1)) for _ in range(NUMBERS)]
        tensor = {"data": weights, "dtype": "float32", "shape": [NUMBERS]}
        data.append({"loss_fn_inputs": {"weights": tensor}, "model_input": {"chunks": [_chunk(tokens, tagged)]}})
    return {"forward_backward_input": {"data": data, "loss_fn": "cross_entropy"}, "model_id": "run-1", "seq_id": 7}


def sampling(tagged: bool) -> dict[str, Any]:
    """The request, as the SDK 0.4.1 sends it but for the tag."""
    random_ = random.Random(7)
    tokens = [random_.randrange(200_000) for _ in range(TOKENS)]
    return {
        "num_samples": 2,
        "prompt": {"chunks": [_chunk(tokens, tagged)]},
        "sampling_params": {
            "max_tokens": 64,
            "seed": 1,
            "stop": ["\n\n"],
            "temperature": 0.7,
            "top_k": 50,
            "top_p": 0.95,
        },
        "sampling_session_id": "session-1",
        "seq_id": 3,
        "prompt_logprobs": False,
        "topk_prompt_logprobs": 0,
    }


def _chunk(tokens: list[int], tagged: bool) -> dict[str, Any]:
    return {"tokens": tokens, "type": "encoded_text"} if tagged else {"encoded_text": {"tokens": tokens}}


def _float32(value: float) -> float:
    """The nearest float32, by its shortest decimal form: what a client with float32 tensors writes."""
    [nearest] = struct.unpack("f", struct.pack("f", value))
    return next(
        short
        for digits in range(6, 10)
        if struct.pack("f", short := float(f"{nearest:.{digits}g}")) == struct.pack("f", nearest)
    )
