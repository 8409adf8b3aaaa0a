"""The same wire by hand: pydantic models as a careful engineer writes them today, for one generation of clients.

String discriminator inside the list, unknown keys forbidden, strict; as the best row of codegen.md section 1.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class EncodedTextChunk(Strict):
    tokens: list[int]
    type: Literal["encoded_text"] = "encoded_text"


class ImageChunk(Strict):
    data: bytes
    format: Literal["png", "jpeg"]
    expected_tokens: int | None = None
    type: Literal["image"] = "image"


class ImageAssetPointerChunk(Strict):
    format: Literal["png", "jpeg"]
    location: str
    expected_tokens: int | None = None
    type: Literal["image_asset_pointer"] = "image_asset_pointer"


Chunk = Annotated[EncodedTextChunk | ImageChunk | ImageAssetPointerChunk, Field(discriminator="type")]


class ModelInput(Strict):
    chunks: list[Chunk]


class TensorData(Strict):
    data: list[int] | list[float]
    dtype: Literal["int64", "float32"]
    shape: list[int] | None = None


class Datum(Strict):
    loss_fn_inputs: dict[str, TensorData]
    model_input: ModelInput


class ForwardBackwardInput(Strict):
    data: list[Datum]
    loss_fn: Literal["cross_entropy", "importance_sampling", "ppo"]
    loss_fn_config: dict[str, float] | None = None


class ForwardBackwardRequest(Strict):
    forward_backward_input: ForwardBackwardInput
    model_id: str
    seq_id: int | None = None


class SamplingParams(BaseModel):
    model_config = ConfigDict(strict=True)

    max_tokens: int | None = None
    seed: int | None = None
    stop: str | list[str] | list[int] | None = None
    temperature: float = 1
    top_k: int = -1
    top_p: float = 1


class SampleRequest(Strict):
    num_samples: int = 1
    prompt: ModelInput
    sampling_params: SamplingParams
    base_model: str | None = None
    model_path: str | None = None
    sampling_session_id: str | None = None
    seq_id: int | None = None
    prompt_logprobs: bool | None = None
    topk_prompt_logprobs: int = 0
    type: Literal["sample"] = "sample"
