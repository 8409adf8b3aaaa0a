"""What a long call answers at once, and what its result will be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from samewire_wire import Model
from tinker.v1.future_wire import UntypedAPIFuture
from tinker.v1.model_wire import CreateModelResponse
from tinker.v1.optimizer_wire import OptimStepResponse
from tinker.v1.sampling_wire import SampleResponse
from tinker.v1.training_wire import ForwardBackwardOutput
from tinker.v1.weights_wire import LoadWeightsResponse, SaveWeightsForSamplerResponse, SaveWeightsResponse

from parity.reference import binary_result

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Kind(Generic[M]):
    """`header`: how the service calls the request; `binary`: reads the result where it comes in protobuf."""

    header: str
    result: type[M]
    binary: Callable[[bytes], M] | None = None


@dataclass(frozen=True)
class Promise(Generic[M]):
    """`roundtrip_s`: how long the call that gave it took."""

    kind: Kind[M]
    request_id: str
    roundtrip_s: float | None = None

    @classmethod
    def of(cls, kind: Kind[M], answer: UntypedAPIFuture, roundtrip_s: float) -> Promise[M]:
        return cls(kind, answer.request_id, roundtrip_s)


CREATE_MODEL = Kind("CreateModel", CreateModelResponse)
FORWARD = Kind("Forward", ForwardBackwardOutput, binary_result.output)
FORWARD_BACKWARD = Kind("ForwardBackward", ForwardBackwardOutput, binary_result.output)
OPTIM_STEP = Kind("OptimStep", OptimStepResponse)
SAVE_WEIGHTS = Kind("SaveWeights", SaveWeightsResponse)
LOAD_WEIGHTS = Kind("LoadWeights", LoadWeightsResponse)
SAVE_FOR_SAMPLER = Kind("SaveWeightsForSampler", SaveWeightsForSamplerResponse)
SAMPLE = Kind("Sample", SampleResponse, binary_result.samples)
