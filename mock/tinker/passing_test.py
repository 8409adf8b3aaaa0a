import asyncio
import struct
from array import array

import pytest
from tinker.public import tinker_public_wire as public
from tinker.v1.training_wire import ForwardBackwardRequest

from mock.tinker import passing
from mock.tinker.batch import BadData, Batch, Example, Tensor, from_binary, from_json, pack
from mock.tinker.loss import LOSSES
from mock.tinker.passing import Pass
from mock.tinker.weights import Adam, Weights

REDUCTIONS = {"mean", "sum", "min", "max", "slack", "unique", "hash_unordered", "hash2"}
# Captured from 0.4.1; tinker.md section 2.13.
CAPTURED = (
    b'{"forward_backward_input":{"data":[{"loss_fn_inputs":{"target_tokens":{"data":[2,3,4],"dtype":"int64","shape":[3]},'
    b'"weights":{"data":[0.5,1.0,1.0],"dtype":"float32","shape":[3]}},"model_input":{"chunks":[{"tokens":[1,2,3]}]}},'
    b'{"loss_fn_inputs":{"target_tokens":{"data":[1],"dtype":"int64"},"advantages":{"data":[1.0],"dtype":"float32",'
    b'"shape":[1]}},"model_input":{"chunks":[{"tokens":[5]},{"data":"AQL/","format":"png","height":2,"tokens":7,"width":3},'
    b'{"format":"jpeg","height":2,"location":"loc","tokens":7,"width":3}]}}],"loss_fn":"cross_entropy",'
    b'"loss_fn_config":null},"model_id":"run-1","seq_id":1}'
)
# The golden bytes of tinker.md section 2.11.
BINARY = bytes.fromhex(
    "0a0572756e2d3110011a440a100a0e0a0c01000000020000000300000012300a0d7461726765745f746f6b656e73121f0a18020000000000"
    "0000030000000000000004000000000000001802220103220d63726f73735f656e74726f7079"
)


def batch(loss: str = "cross_entropy", **named: list[float]) -> Batch:
    inputs = {name: Tensor(values, (len(values),)) for name, values in named.items()}
    return Batch([Example([1, 2, 3], inputs)], loss)


def run(weights: Weights, data: Batch, *, strict: bool = False) -> Pass:
    return asyncio.run(passing.run(weights, data, 7, strict=strict))


def test_every_reduction_is_there_with_one_colon() -> None:
    metrics = run(Weights("m"), batch(target_tokens=[2, 3, 4])).metrics
    assert {key.split(":")[1] for key in metrics} == REDUCTIONS
    assert all(key.count(":") == 1 for key in metrics)
    assert metrics["clock_cycle:unique"] == 7


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_moves_the_model(name: str) -> None:
    weights = Weights("m")
    data = batch(name, target_tokens=[2, 3, 4], advantages=[1.0, 1.0, 1.0])
    before = run(weights, data).outputs[0]["logprobs"].data
    weights.step(Adam(learning_rate=1e-3))
    after = run(weights, data).outputs[0]["logprobs"].data
    assert sum(after) > sum(before)


def test_loss_falls_over_steps_and_negative_advantages_push_away() -> None:
    weights, losses = Weights("m"), []
    for _ in range(10):
        losses.append(run(weights, batch(target_tokens=[2, 3, 4])).metrics["loss:sum"])
        weights.step(Adam())
    assert losses == sorted(losses, reverse=True)
    pushed = Weights("m")
    data = batch("importance_sampling", target_tokens=[2, 3, 4], advantages=[-1.0, -1.0, -1.0])
    first = sum(run(pushed, data).outputs[0]["logprobs"].data)
    pushed.step(Adam())
    assert sum(run(pushed, data).outputs[0]["logprobs"].data) < first


def test_looking_only_leaves_no_gradient() -> None:
    weights = Weights("m")
    seen = run(weights, Batch(batch(target_tokens=[2, 3, 4]).examples, "cross_entropy", {}, forward_only=True))
    assert weights.gradient is None
    assert seen.metrics == run(weights, batch(target_tokens=[2, 3, 4])).metrics
    assert weights.gradient is not None


def test_candidates_of_one_position_follow_the_same_text() -> None:
    pairs = Batch([Example([1, 2], {"target_tokens": Tensor([5, 6, 5, 6], (2, 2))})], "cross_entropy")
    out = run(Weights("m"), pairs).outputs[0]["logprobs"]
    assert out.shape == (2, 2)
    alone = Batch([Example([1, 2], {"target_tokens": Tensor([6, 6], (2,))})], "cross_entropy")
    assert list(run(Weights("m"), alone).outputs[0]["logprobs"].data) == list(out.data[1::2])


def test_json_and_binary_are_the_same_batch() -> None:
    captured = ForwardBackwardRequest.from_wire(CAPTURED, "tinker-0.4.1")
    told = from_json(captured.forward_backward_input, forward_only=False)
    assert [len(example.tokens) for example in told.examples] == [3, 15]
    packed = from_binary(public.ForwardBackwardRequest.from_binary(BINARY))
    weights = Weights("m")
    first = run(weights, told)
    second = run(weights, packed)
    assert first.outputs[0] == second.outputs[0]
    wire = first.to_json()
    assert wire.loss_fn_outputs[0]["logprobs"].shape == [3]
    assert [len(each["logprobs"].data) for each in wire.loss_fn_outputs] == [3, 1]
    record = first.to_binary().loss_fn_outputs[0]
    assert (record.num_datums, record.fields["logprobs"].offsets) == (2, struct.pack("<3q", 0, 12, 16))
    assert record.fields["logprobs"].data[:12] == pack(first.outputs[0]["logprobs"].data, "f")


def test_records_have_one_trailing_shape() -> None:
    examples = [
        Example([1, 2], {"target_tokens": Tensor([5, 6], (2,))}),
        Example([1, 2], {"target_tokens": Tensor([5, 6, 5, 6], (2, 2))}),
    ]
    records = run(Weights("m"), Batch(examples, "cross_entropy")).to_binary().loss_fn_outputs
    assert [record.fields["logprobs"].trailing_shape for record in records] == [[], [2]]


def test_bad_data_says_which() -> None:
    for data, reason in (
        (Batch([], "cross_entropy"), "no data"),
        (batch("nonsense"), "no loss function 'nonsense'; there are cispo"),
        (batch(target_tokens=[2, 3, 4], weights=[1.0, 2.0]), "datum 0: weights has 2 numbers for 3 targets"),
        (batch(target_tokens=[float("nan")]), "datum 0: target_tokens are no whole numbers"),
        (batch(target_tokens=[1], weights=[float("inf")]), "a loss that is no number"),
    ):
        with pytest.raises(BadData, match=reason):
            run(Weights("m"), data)
    with pytest.raises(BadData, match="datum 0: loss_fn_inputs lacks target_tokens, logprobs"):
        run(Weights("m"), batch("ppo", advantages=[1.0]), strict=True)
    assert run(Weights("m"), batch()).outputs[0]["logprobs"].shape == (3,)


@pytest.mark.parametrize(
    ("tensor", "reason"),
    [
        (public.Tensor(dense=b"12345", dtype="DTYPE_FLOAT32"), "no whole number of elements"),
        (public.Tensor(dense=b"1234"), "needs a dtype"),
        (public.Tensor(dense=b"1234", dtype="DTYPE_FLOAT32", shape=[2]), "do not have the shape"),
        (
            public.Tensor(
                sparse_csr=public.SparseCsr(values=b"1234", crow_indices=pack([0, 9], "q"), col_indices=pack([0], "q")),
                dtype="DTYPE_FLOAT32",
                shape=[1, 2],
            ),
            "not compressed sparse rows",
        ),
    ],
)
def test_tensors_are_checked(tensor: public.Tensor, reason: str) -> None:
    request = public.ForwardBackwardRequest(data=[public.Datum(loss_fn_inputs={"weights": tensor})])
    with pytest.raises(BadData, match=reason):
        from_binary(request)


def test_bfloat16_is_the_upper_half_of_a_float() -> None:
    half = struct.pack("<f", -1.5)[2:] + struct.pack("<f", 3.0)[2:]
    held = public.Tensor(dense=half, dtype="DTYPE_BFLOAT16")
    request = public.ForwardBackwardRequest(data=[public.Datum(loss_fn_inputs={"weights": held})])
    assert from_binary(request).examples[0].inputs["weights"].data == array("f", [-1.5, 3.0])
