"""PyPI tinker judges its dialect: its own types accept, refuse and write as the fixtures say, JSON and binary."""

from __future__ import annotations

import pytest
from tinker.proto.request_conv import forward_backward_request_to_proto
from tinker.proto.response_conv import deserialize_forward_backward_output, deserialize_sample_response
from tinker.types import Datum, EncodedTextChunk, ForwardBackwardInput, ModelInput, TensorData
from tinker.types.forward_backward_request import ForwardBackwardRequest

from parity.judges.suite import Suite
from parity.judges.tinker_sdk import v0_38

RENAMED = {
    "SaveWeightsExternalResponse": "SaveWeightsExternalResponseInternal",
    "SaveWeightsForSamplerResponse": "SaveWeightsForSamplerResponseInternal",
    # An alias over names that its module never imports: nothing can read with it.
    "FutureRetrieveResponse": None,
}
SUITE = Suite(v0_38(RENAMED), "tinker-0.38.disagreements")


@pytest.mark.parametrize("message", SUITE.messages)
def test_agrees_on(message: str) -> None:
    SUITE.check_message(message)


def test_the_list_holds_no_entry_too_many() -> None:
    SUITE.check_list()


def test_the_sdk_encodes_a_request_to_the_captured_bytes() -> None:
    datum = Datum(
        model_input=ModelInput(chunks=[EncodedTextChunk(tokens=[1, 2, 3])]),
        loss_fn_inputs={"target_tokens": TensorData(data=[2, 3, 4], dtype="int64", shape=[3])},
    )
    request = ForwardBackwardRequest(
        forward_backward_input=ForwardBackwardInput(data=[datum], loss_fn="cross_entropy"), model_id="run-1", seq_id=1
    )
    written = forward_backward_request_to_proto(request).SerializeToString(deterministic=True)
    assert written == SUITE.binary("tinker_public.ForwardBackwardRequest/default/named:0.38/forward_backward-request")


def test_the_sdk_decodes_captured_results() -> None:
    sample = deserialize_sample_response(SUITE.binary("tinker_public.SampleResponse/default/named:0.38/asample-result"))
    [sequence] = sample.sequences
    assert (sequence.stop_reason, list(sequence.tokens), list(sequence.logprobs)) == ("length", [1, 2], [-0.5, -0.25])
    output = deserialize_forward_backward_output(
        SUITE.binary("tinker_public.ForwardBackwardOutput/default/named:0.38/forward_backward-result")
    )
    assert [each["logprobs"].tolist() for each in output.loss_fn_outputs] == [[-1.0, -2.0], [-3.0]]
    assert output.metrics == {"loss:sum": 6.0}
