import asyncio
import math
import struct
from array import array
from typing import Any

import pytest
from tinker.public.tinker_public_wire import SampleResponse

from mock.tinker import sampling
from mock.tinker.batch import BadData, Tensor, unpack
from mock.tinker.conftest import BASE, Client, Play
from mock.tinker.language import context, logprob, tables
from mock.tinker.sampling import Order, Sample

BASE_TABLES = tables("m", None)


def run(**asked: Any) -> Sample:
    return asyncio.run(sampling.run(BASE_TABLES, Order(**{"prompt": [1, 2, 3], "max_tokens": 8, **asked})))


def drawn(sample: Sample) -> list[list[int]]:
    return [each.tokens for each in sample.sequences]


def test_equal_orders_give_equal_samples_and_others_do_not() -> None:
    first = drawn(run(seed="1", count=2))
    assert drawn(run(seed="1", count=2)) == first
    assert first[0] != first[1]
    assert drawn(run(seed="1"))[0] == first[0]
    assert drawn(run(seed="2")) != first[:1]
    assert drawn(run(seed="1", prompt=[9, 2, 3])) != first[:1]


def test_cold_samples_are_the_likeliest_and_agree_with_their_candidates() -> None:
    cold = run(temperature=0.0, topk_sample=3).sequences[0]
    assert cold.tokens == run(temperature=0.0, seed="other").sequences[0].tokens
    assert [each[0][0] for each in cold.topk] == cold.tokens
    assert [len(each) for each in cold.topk] == [3] * 8
    assert run(top_k=1).sequences[0].tokens == cold.tokens
    assert run(top_p=1e-9).sequences[0].tokens == cold.tokens


def test_logprobs_are_those_of_training() -> None:
    sample = run(prompt_logprobs=True)
    tokens = [1, 2, 3, *sample.sequences[0].tokens]
    right = [logprob(BASE_TABLES, context(a, b), c) for a, b, c in zip(tokens, tokens[1:], tokens[2:], strict=False)]
    found = [*(sample.prompt_logprobs or [])[2:], *sample.sequences[0].logprobs]
    assert found == pytest.approx(right, rel=1e-6)
    assert (sample.prompt_logprobs or [0])[0] is None


def test_stops() -> None:
    tokens = drawn(run())[0]
    ended = run(ends=frozenset([tokens[2]])).sequences[0]
    assert (ended.tokens, ended.reason) == (tokens[:3], "stop")
    word = sampling.piece(tokens[1])
    stopped = run(stops=("nowhere to be found", word)).sequences[0]
    assert (stopped.tokens, stopped.reason) == (tokens[:2], "stop")
    assert run().sequences[0].reason == "length"


def test_prompts_are_scored_as_asked() -> None:
    targets = Tensor([5, -1, 6, 7], (2, 2))
    sample = run(prompt_logprobs=True, topk_prompt=2, last_n=1, targets=targets, alternatives=3)
    assert [each is None for each in sample.prompt_logprobs or []] == [True, True, False]
    assert [each is None for each in sample.topk_prompt or []] == [True, True, False]
    values = list(sample.target_logprobs or [])
    assert values[1] == 0.0
    assert values[2] == pytest.approx(logprob(BASE_TABLES, context(1, 2), 6), rel=1e-6)
    wire = sample.to_binary()
    assert wire.prompt_logprobs is not None
    assert math.isnan(struct.unpack("<3f", wire.prompt_logprobs)[1])
    assert wire.topk_prompt_logprobs is not None
    assert unpack(wire.topk_prompt_logprobs.token_ids, "i", "")[:4] == array("i", [0, 0, 0, 0])
    assert unpack(wire.topk_prompt_logprobs.logprobs, "f", "")[:1] == array("f", [-99999.0])
    assert (wire.topk_prompt_logprobs.k, wire.topk_prompt_logprobs.length) == (2, 3)
    assert wire.target_prompt_logprobs is not None
    assert wire.target_prompt_logprobs.shape == [2, 2]
    assert wire.prompt_alt_tokens is not None
    assert wire.prompt_alt_tokens.tokens is not None
    assert wire.prompt_alt_tokens.tokens.shape == [2, 3]
    assert len(wire.prompt_alt_tokens.tokens.dense or b"") == 48
    sparse = run(targets=Tensor([5.0, 6.0], (2, 9), (0, 1, 2), (4, 8))).to_binary().target_prompt_logprobs
    assert sparse is not None
    assert sparse.sparse_csr is not None
    assert len(sparse.sparse_csr.values) == 8


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"prompt": []}, "prompt is empty"),
        ({"count": 0}, "num_samples"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"temperature": -1.0}, "temperature"),
        ({"top_p": 0.0}, "temperature is at least"),
        ({"topk_prompt": -1}, "candidates"),
        ({"last_n": 3}, "last_n"),
        ({"targets": Tensor([1.0], (1, 1))}, "target_prompt_logprobs has the shape"),
    ],
)
def test_bad_orders_are_refused(asked: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadData, match=reason):
        run(**asked)


PROMPT = {"chunks": [{"tokens": [1, 2, 3]}]}


def test_training_changes_what_is_sampled(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        params = {"max_tokens": 1, "temperature": 0.0}

        async def first(number: int) -> int:
            told = await client.done(
                await client.turn("/save_weights_for_sampler", model, sampling_session_seq_id=number)
            )
            assert set(told) == {"sampling_session_id"}
            asked = await client.post(
                "/asample", sampling_session_id=told["sampling_session_id"], prompt=PROMPT, sampling_params=params
            )
            return int((await client.done(asked))["sequences"][0]["tokens"][0])

        before = await first(0)
        await client.train(model, 60, rate=0.01)
        assert await first(1) == 4  # what it was trained to say
        assert before != 4

    play(script)


def test_sessions_binary_results_and_the_list_of_ready_ones(play: Play) -> None:
    async def script(client: Client) -> None:
        client.dialect = "tinker-0.38"
        await client.open()
        made = await client.post(
            "/create_sampling_session", session_id=client.session, sampling_session_seq_id=0, base_model=BASE
        )
        name = made.json["sampling_session_id"]
        body = {"sampling_session_id": name, "prompt": PROMPT, "sampling_params": {"max_tokens": 4}, "num_samples": 2}
        promises = [await client.post("/asample", seq_id=number, **body) for number in range(3)]
        assert [len(each.json["sample_sequence_ids"]) for each in promises] == [2, 2, 2]
        told = await client.fetch(promises[0], binary=True)
        sample = SampleResponse.from_binary(told.body)
        assert [len(each.tokens) for each in sample.sequences] == [16, 16]
        await client.fetch(promises[2])
        target = {"type": "sampling_session", "sampling_session_id": name, "cloned_sampler_id": 0}
        ready = (await client.post("/retrieve_futures", target=target, prev_cursor=0)).json
        assert ready["cursor"] == 3
        assert [each["state"] for each in ready["completions"]] == ["finished"] * 3
        assert ready["completions"][0]["response_payload_uncompressed_size"] == len(told.body)
        none = (await client.post("/retrieve_futures", target=target, prev_cursor=3, timeout=0.0)).json
        assert none == {"completions": [], "cursor": 3}
        waiting = asyncio.ensure_future(client.post("/retrieve_futures", target=target, prev_cursor=3))
        await asyncio.sleep(0)
        await client.post("/asample", seq_id=3, **body)
        assert (await waiting).json["cursor"] == 4
        assert (await client.ask("GET", f"/samplers/{name}")).json["base_model"] == BASE
        assert (await client.post("/join_sampling_session", sampling_session_id=name)).json["client_counter"] == 1

    play(script)


def test_what_can_not_be_sampled(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        path = await client.save(model, "ck")
        new = {"session_id": client.session, "sampling_session_seq_id": 0}
        for body, status in (
            ({**new, "model_path": path}, 400),
            ({**new, "model_path": "tinker://x/sampler_weights/y"}, 404),
            ({**new, "model_path": "bad"}, 400),
            (new, 422),
        ):
            told = await client.ask("POST", "/create_sampling_session", body)
            assert (told.status, bool(told.json["detail"])) == (status, True)
        empty = await client.post("/asample", base_model=BASE, prompt={"chunks": []}, sampling_params={})
        assert (empty.status, empty.json["detail"]) == (400, "the prompt is empty")
        direct = await client.post("/asample", base_model=BASE, prompt=PROMPT, sampling_params={"max_tokens": 3})
        assert len((await client.done(direct))["sequences"][0]["tokens"]) == 3

    play(script)
