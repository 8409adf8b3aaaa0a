"""PyPI `tinker` 0.38.0, unmodified, as a judge of the mock: sampling."""

from __future__ import annotations

import asyncio
import importlib
import math
import pickle
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.tinker.judges.sdk_0_38 import (
    BASE,
    WITHIN,
    Call,
    bodies,
    done,
    eventually,
    header,
    losses,
    problems,
    prompt,
    sent,
    tinker,
    types,
)

np: Any = importlib.import_module("numpy")


def params(max_tokens: int = 5, **more: Any) -> Any:
    return types.SamplingParams(max_tokens=max_tokens, **more)


@pytest.fixture
def sampling(service: Any) -> Any:
    return done(service.create_sampling_client(base_model=BASE))


def tokens(told: Any) -> list[list[int]]:
    return [list(each.tokens) for each in told.sequences]


def test_where_samplers_come_from(service: Any, training: Any, mock: MockClient, call: Call) -> None:
    losses(training, 1)
    path = call(training, "save_weights_for_sampler", "smp", ttl_seconds=100, user_metadata={"a": "b"}).path
    assert path == f"tinker://{training.model_id}/sampler_weights/smp"
    passing = call(training, "save_weights_and_get_sampling_client")
    clients = [
        call(service, "create_sampling_client", base_model=BASE),
        call(service, "create_sampling_client", model_path=path),
        call(training, "create_sampling_client", path),
        passing,
    ]
    told = [call(each, "sample", prompt(1, 2, 3), 2, params(seed=1)) for each in clients]
    assert all(each.get_base_model() == BASE for each in clients)
    assert [len(each.sequences) for each in told] == [2] * 4
    assert tokens(told[1]) == tokens(told[2]) == tokens(told[3]), "the same weights say the same"
    numbers = [each["sampling_session_seq_id"] for each in bodies(mock, "/create_sampling_session")]
    assert numbers == [1, 2, 3], "0 was the passing one's"
    assert not problems(mock)


def test_a_sample(sampling: Any, mock: MockClient, call: Call) -> None:
    told = call(sampling, "sample", prompt(1, 2, 3), 3, params(6, seed=7))
    assert [len(each) for each in tokens(told)] == [6] * 3 and len({tuple(each) for each in tokens(told)}) == 3
    assert {each.stop_reason for each in told.sequences} == {"length"}
    assert len({each.sequence_id for each in told.sequences}) == 3
    assert all(value < 0 for each in told.sequences for value in each.logprobs)
    again = call(sampling, "sample", prompt(1, 2, 3), 3, params(6, seed=7))
    assert tokens(again) == tokens(told)
    assert (told.prompt_cache_hit_tokens, again.prompt_cache_hit_tokens) == (0, 3)
    assert [each["seq_id"] for each in bodies(mock, "/asample")] == [0, 1]
    assert {header(each, "x-tinker-sampling-backpressure") for each in sent(mock, "/asample")} == {"1"}


def test_logprobs_agree(sampling: Any, call: Call) -> None:
    """What was drawn is as likely as it is when it is a prompt."""
    told = call(sampling, "sample", prompt(1, 2, 3), 1, params(4, seed=3), include_prompt_logprobs=True)
    (drawn,) = told.sequences
    whole = call(sampling, "compute_logprobs", prompt(1, 2, 3, *drawn.tokens))
    assert whole[0] is None and len(whole) == 7
    assert whole[:3] == told.prompt_logprobs
    assert whole[3:] == pytest.approx(list(drawn.logprobs), rel=1e-5)
    last = call(sampling, "compute_logprobs", prompt(1, 2, 3, *drawn.tokens), prompt_logprobs_last_n=2)
    assert last[:5] == [None] * 5 and last[5:] == whole[5:]


def test_candidates(sampling: Any) -> None:
    text = prompt(1, 2, 3, 4)
    told = done(
        sampling.sample(
            text, 1, params(3), include_prompt_logprobs=True, topk_prompt_logprobs=3, topk_sample_logprobs=2
        )
    )
    assert told.topk_prompt_logprobs[0] is None and [len(each) for each in told.topk_prompt_logprobs[1:]] == [3] * 3
    for best in told.topk_prompt_logprobs[1:]:
        assert [value for _, value in best] == sorted((value for _, value in best), reverse=True)
    (drawn,) = told.sequences
    assert [len(each) for each in drawn.topk_logprobs] == [2] * 3
    for token, value, best in zip(drawn.tokens, drawn.logprobs, drawn.topk_logprobs, strict=True):
        assert value <= best[0][1] + 1e-6 and (token != best[0][0] or value == pytest.approx(best[0][1]))


@pytest.mark.parametrize("sparse", [False, True])
def test_targets(sampling: Any, sparse: bool) -> None:
    text = prompt(1, 2, 3, 4)
    known = done(sampling.compute_logprobs(text))
    if sparse:
        layout = {"sparse_crow_indices": [0, 1, 2, 3], "sparse_col_indices": [0, 1, 0]}
        asked = types.TensorData(data=[2, 3, 4], dtype="int64", shape=[3, 2], **layout)
    else:
        asked = types.TensorData(data=[2, -1, 3, 9, 4, 4], dtype="int64", shape=[3, 2])
    told = done(sampling.sample(text, 1, params(1), target_prompt_logprobs=asked)).target_prompt_logprobs
    assert told.shape == [3, 2] and told.dtype == "float32"
    values = list(told.data)
    if sparse:
        assert values == pytest.approx(known[1:]) and told.sparse_col_indices == [0, 1, 0]
    else:
        assert [values[0], values[2], values[4]] == pytest.approx(known[1:])
        assert values[1] == 0.0 and values[4] == values[5]


def test_alternatives(sampling: Any) -> None:
    told = done(sampling.sample(prompt(1, 2, 3), 1, params(1), prompt_alt_tokens_k=4)).prompt_alt_tokens
    assert told.tokens.shape == told.logprobs.shape == [2, 4]
    assert all(value < 0 for value in told.logprobs.data)


def test_parameters(sampling: Any) -> None:
    text = prompt(1, 2, 3)
    greedy = [tokens(done(sampling.sample(text, 1, params(4, temperature=0.0, seed=seed)))) for seed in (1, 2)]
    assert greedy[0] == greedy[1]
    one = [tokens(done(sampling.sample(text, 1, params(4, top_k=1, seed=seed)))) for seed in (1, 2)]
    assert one[0] == one[1] == greedy[0]
    few = {tokens(done(sampling.sample(text, 1, params(1, top_k=3, seed=seed))))[0][0] for seed in range(12)}
    assert 1 < len(few) <= 3
    narrow = {tokens(done(sampling.sample(text, 1, params(1, top_p=1e-9, seed=seed))))[0][0] for seed in range(3)}
    assert narrow == {greedy[0][0][0]}
    free = [tokens(done(sampling.sample(text, 1, params(4)))) for _ in range(2)]
    assert free[0] != free[1], "without a seed each request has its own"
    assert len(tokens(done(sampling.sample(text, 1, types.SamplingParams())))[0]) > 5


def test_stopping(sampling: Any, mock: MockClient) -> None:
    text = prompt(1, 2, 3)
    (whole,) = tokens(done(sampling.sample(text, 1, params(8, seed=5))))
    (at,) = done(sampling.sample(text, 1, params(8, seed=5, stop=[whole[3]]))).sequences
    assert list(at.tokens) == whole[: whole.index(whole[3]) + 1] and at.stop_reason == "stop"
    (never,) = done(sampling.sample(text, 1, params(8, seed=5, stop=["\u0001\u0002\u0003"]))).sequences
    assert list(never.tokens) == whole and never.stop_reason == "length"
    (word,) = done(sampling.sample(text, 1, params(8, seed=5, stop=" "))).sequences
    assert word.stop_reason == "stop" and len(word.tokens) < 8


def test_pictures_and_sounds(sampling: Any) -> None:
    text = types.ModelInput(
        chunks=[
            types.EncodedTextChunk(tokens=[1, 2]),
            types.ImageChunk(data=b"png", format="png", expected_tokens=4),
            types.ImageAssetPointerChunk(location="loc", format="jpeg", expected_tokens=2),
            types.DmelChunk(dmel=b"\x00" * 10),
        ]
    )
    assert len(tokens(done(sampling.sample(text, 1, params(3))))[0]) == 3


@pytest.mark.parametrize(
    ("text", "more", "error"),
    [
        ([], {}, "prompt is empty"),
        ([1], {"max_tokens": 0}, "max_tokens is 0"),
        ([1], {"temperature": -1.0}, "temperature"),
        ([1], {"top_p": 0.0}, "top_p"),
        (list(range(40_000)), {}, "context of m/Small is full"),
    ],
)
def test_what_can_not_be_sampled(connect: Call, mock: MockClient, text: list[int], more: Any, error: str) -> None:
    mock.configure("tinker", models=[{"name": "m/Small", "max_context_length": 1000}])
    sampling = done(connect().create_sampling_client(base_model="m/Small"))
    with pytest.raises(tinker.BadRequestError, match=error):
        done(sampling.sample(prompt(*text), 1, types.SamplingParams(**{"max_tokens": 2} | more)))


def test_samplers_that_there_are_not(service: Any, training: Any, mock: MockClient) -> None:
    state = done(training.save_state("ck")).path
    for path, error in (
        (f"tinker://{training.model_id}/sampler_weights/nope", tinker.NotFoundError),
        (state, tinker.BadRequestError),
        ("tinker://nope", tinker.BadRequestError),
    ):
        with pytest.raises(error):
            done(service.create_sampling_client(model_path=path))
    with pytest.raises(ValueError, match="tinker://"):
        done(service.create_sampling_client(model_path="nope"))
    path = done(training.save_weights_for_sampler("smp")).path
    mock.configure("tinker", corrupted=[path], known_models_only=True)
    with pytest.raises(tinker.BadRequestError, match="corrupted"):
        done(service.create_sampling_client(model_path=path))
    with pytest.raises(tinker.BadRequestError, match="not supported"):
        done(service.create_sampling_client(base_model="m/None"))


def test_snapshots_stay_and_inflight_ones_follow(training: Any) -> None:
    snapshot = done(training.save_weights_and_get_sampling_client())
    inflight = done(training.save_weights_and_get_sampling_client(kind="inflight"))
    text = prompt(1, 2, 3)
    before = done(snapshot.compute_logprobs(text))
    assert done(inflight.compute_logprobs(text)) == before
    losses(training, 3)
    assert done(inflight.compute_logprobs(text)) == before, "nothing was saved yet"
    newer = done(training.save_weights_and_get_sampling_client())
    after = done(newer.compute_logprobs(text))
    assert after[1:] > before[1:], "the model learned the prompt"
    assert done(inflight.compute_logprobs(text)) == after
    assert done(snapshot.compute_logprobs(text)) == before


@pytest.mark.parametrize("config", [{}, {"sample_join_sampling_session": True}])
def test_clones(connect: Call, mock: MockClient, config: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pickled to another process, or given away as a handle."""
    mock.configure("tinker", client_config=config)
    sampling = done(connect().create_sampling_client(base_model=BASE, record_stability_info=True))
    monkeypatch.setenv("TINKER_API_KEY", "tml-test")
    clones = [
        pickle.loads(pickle.dumps(sampling)),
        tinker.SamplingClient.from_sampler_handle(sampling.get_sampler_handle()),
    ]
    for each in [sampling, *clones]:
        done(each.sample(prompt(1, 2), 1, params(2)))
    sent_by = [each["seq_id"] // 1_000_000_000 for each in bodies(mock, "/asample")]
    assert sent_by[0] == 0 and len(set(sent_by)) == 3
    if config:
        assert sent_by == [0, 1, 2]
    mock.verify(path="/api/v1/join_sampling_session", count=2 if config else 0)
    for each in clones:
        done(each.holder.run_coroutine_threadsafe(each.holder.aclose()))


def test_one_poll_for_all(connect: Call, mock: MockClient) -> None:
    """retrieve_futures: the client is told what is ready, and fetches that."""
    mock.configure("tinker", client_config={"sample_use_retrieve_futures": True})
    sampling = done(connect().create_sampling_client(base_model=BASE))
    futures = [sampling.sample(prompt(1, 2, number), 2, params(3)) for number in range(20)]
    assert [len(done(each).sequences) for each in futures] == [2] * 20
    polls = bodies(mock, "/retrieve_futures")
    assert polls and polls[0]["prev_cursor"] == 0 and polls[0]["target"]["type"] == "sampling_session"
    fetched = [each for each in bodies(mock, "/retrieve_future") if each["allow_metadata_only"]]
    assert not fetched, "sizes are known from the poll"
    eventually(lambda: any(each["retrieved_request_ids"] for each in bodies(mock, "/retrieve_futures")))
    mock.configure("tinker", fail=[{"operation": "asample", "category": "server", "message": "no luck"}])
    with pytest.raises(tinker.RequestFailedError, match="no luck"):
        done(sampling.sample(prompt(1), 1, params(2)))


@pytest.mark.parametrize("enabled", [True, False])
def test_cancelling(connect: Call, mock: MockClient, enabled: bool) -> None:
    mock.configure("tinker", dynamic_config={"sample_cancel_enabled": enabled}, durations={"sample": 1000})
    sampling = done(connect().create_sampling_client(base_model=BASE))

    async def leave() -> None:
        task = asyncio.ensure_future(sampling.sample(prompt(1), 1, params(2)).result_async())
        await asyncio.to_thread(eventually, lambda: sent(mock, "/retrieve_future"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    if enabled:
        eventually(lambda: sent(mock, "/cancel_future"))
        (said,) = bodies(mock, "/cancel_future")
        assert said == {"request_id": bodies(mock, "/retrieve_future")[0]["request_id"]}
    else:
        mock.verify(path="/api/v1/cancel_future", never=True)


def test_many_at_once(sampling: Any) -> None:
    async def ask() -> list[Any]:
        text = prompt(1, 2, 3)
        return await asyncio.wait_for(
            asyncio.gather(*(sampling.sample(text, 1, params(2, seed=number)) for number in range(100))), WITHIN
        )

    told = asyncio.run(ask())
    assert len({tuple(tokens(each)[0]) for each in told}) > 50
    assert all(math.isfinite(value) for each in told for value in each.sequences[0].logprobs)
