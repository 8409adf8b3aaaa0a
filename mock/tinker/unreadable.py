"""Requests that no dialect of the definitions takes as they are."""

from __future__ import annotations

from typing import Any

import orjson
from samewire_wire import WireError
from tinker.v1 import model_input_wire as inputs
from tinker.v1.weights_wire import SaveWeightsRequest

from mock.engine import reading
from mock.tinker.dialects import NEW, OLD

_TOKENS = 256  # of an image of which nothing is said
_DEPTH = 8  # levels of a request that are looked at; inputs of models are on the fifth at most


def mended(body: bytes) -> bytes | None:
    """The releases from 0.7 to 0.22 train with 0.4.1's messages and 0.38's images: these are told as 0.4.1 tells them.
    None where there are none. Captured from 0.7.0, 0.16.1 and 0.22.7.
    """
    try:
        value = orjson.loads(body)
    except ValueError:
        return None
    changed = _mend(value, _DEPTH)
    return reading.text(value) if changed else None


def turn(body: bytes) -> tuple[str, int] | None:
    """The model and the place in its order, of a request that has them, whatever else is wrong with it."""
    try:
        # The smallest of the messages that have both.
        said = SaveWeightsRequest.WIRE.read_lenient(body, OLD)
    except WireError:
        return None
    return (said.model_id, said.seq_id) if isinstance(said.seq_id, int) else None


def _mend(value: Any, depth: int) -> bool:
    """Changes it in place; whether there was anything to change."""
    changed = False
    for name, each in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if isinstance(each, dict) and (older := _older(each)) is not None:
            value[name] = older
            changed = True
        elif depth and isinstance(each, dict | list):
            changed = _mend(each, depth - 1) or changed
    return changed


def _older(value: dict[str, Any]) -> Any:
    """A model's input with images of 0.38, as 0.4.1 says it."""
    if len(value) != len(inputs.ModelInput.model_fields):
        return None
    try:
        held = inputs.ModelInput.WIRE.read(reading.text(value), NEW)
        chunks = [_chunk(each) for each in held.chunks]
        if all(new is each for new, each in zip(chunks, held.chunks, strict=True)):
            return None
        return orjson.loads(inputs.ModelInput(chunks=chunks).to_wire(OLD))
    except ValueError:  # WireError, and what nests too deep
        return None


def _chunk(chunk: inputs.ModelInputChunk) -> inputs.ModelInputChunk:
    if isinstance(chunk, inputs.ImageChunk):
        return inputs.ImageChunk(data=chunk.data, format=chunk.format, height=0, tokens=_tokens(chunk), width=0)
    if isinstance(chunk, inputs.ImageAssetPointerChunk):
        return inputs.ImageAssetPointerChunk(
            location=chunk.location, format=chunk.format, height=0, tokens=_tokens(chunk), width=0
        )
    return chunk


def _tokens(chunk: inputs.ImageChunk | inputs.ImageAssetPointerChunk) -> int:
    return chunk.expected_tokens if isinstance(chunk.expected_tokens, int) else _TOKENS
