"""Samples: what a model says to a prompt, and how likely it finds the prompt."""

from __future__ import annotations

import asyncio
import math
import random
import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from tinker.public import tinker_public_wire as public
from tinker.v1 import sampling_wire as wire

from mock.tinker.batch import BadData, Tensor, pack
from mock.tinker.language import Tables, context, draw, likeliest, logprob

Topk = list[tuple[int, float]]
_PAD = (0, -99999.0)
_WIDEST = 1000  # candidates that top_k and top_p look at
_SLICE_S = 0.02


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. `stops`: texts; `ends`: token ids. `last_n`: prompt positions to score, None for all."""

    prompt: Sequence[int]
    count: int = 1
    max_tokens: int = 64
    seed: str = ""
    stops: tuple[str, ...] = ()
    ends: frozenset[int] = frozenset()
    temperature: float = 1.0
    top_k: int = -1
    top_p: float = 1.0
    prompt_logprobs: bool = False
    topk_prompt: int = 0
    topk_sample: int = 0
    targets: Tensor | None = None
    alternatives: int = 0
    last_n: int | None = None


@dataclass(slots=True)
class Drawn:
    tokens: list[int] = field(default_factory=list)
    logprobs: array[float] = field(default_factory=lambda: array("f"))
    topk: list[Topk] = field(default_factory=list)
    reason: Literal["stop", "length"] = "length"


@dataclass(slots=True)
class Sample:
    """Scores of the prompt are None at positions that have none, the first among them."""

    order: Order
    cached: int
    sequences: list[Drawn] = field(default_factory=list)
    prompt_logprobs: list[float | None] | None = None
    topk_prompt: list[Topk | None] | None = None
    target_logprobs: array[float] | None = None
    alternatives: tuple[array[int], array[float]] | None = None

    def to_json(self) -> wire.SampleResponse:
        answer = wire.SampleResponse(
            sequences=[
                wire.SampledSequence(stop_reason=each.reason, tokens=each.tokens, logprobs=each.logprobs.tolist())
                for each in self.sequences
            ]
        )
        if self.prompt_logprobs is not None:
            answer.prompt_logprobs = self.prompt_logprobs
        if self.topk_prompt is not None:
            answer.topk_prompt_logprobs = [
                None if each is None else [[token, value] for token, value in each] for each in self.topk_prompt
            ]
        return answer

    def to_binary(self) -> public.SampleResponse:
        answer = public.SampleResponse(
            sequences=[self._binary(each) for each in self.sequences], prompt_cache_hit_tokens=self.cached
        )
        if self.prompt_logprobs is not None:
            answer.prompt_logprobs = pack([math.nan if each is None else each for each in self.prompt_logprobs], "f")
        if self.topk_prompt is not None:
            answer.topk_prompt_logprobs = _packed(self.topk_prompt, self.order.topk_prompt)
        if self.target_logprobs is not None and self.order.targets is not None:
            answer.target_prompt_logprobs = _tensor(self.target_logprobs, self.order.targets)
        if self.alternatives is not None:
            shape = [max(len(self.order.prompt) - 1, 0), self.order.alternatives]
            tokens, logprobs = self.alternatives
            answer.prompt_alt_tokens = public.PromptAltTokens(
                tokens=public.Tensor(dense=pack(tokens, "q"), dtype="DTYPE_INT64", shape=shape),
                logprobs=public.Tensor(dense=pack(logprobs, "f"), dtype="DTYPE_FLOAT32", shape=shape),
            )
        return answer

    def _binary(self, each: Drawn) -> public.SampledSequence:
        made = public.SampledSequence(
            stop_reason="STOP_REASON_STOP" if each.reason == "stop" else "STOP_REASON_LENGTH",
            tokens=pack(each.tokens, "i"),
            logprobs=pack(each.logprobs, "f"),
        )
        if self.order.topk_sample > 0:
            made.topk_sampled_logprobs = _packed(list(each.topk), self.order.topk_sample)
        return made


async def run(tables: Tables, order: Order, cached: int = 0) -> Sample:
    """Equal orders give equal samples. Raises BadData."""
    check(order)
    sample = Sample(order, cached)
    started = time.monotonic()
    for number in range(order.count):
        chooser = random.Random(f"{order.seed} {number} {hash(tuple(order.prompt))}")
        sequence, tokens, text = Drawn(), list(order.prompt), ""
        while len(sequence.tokens) < order.max_tokens and sequence.reason == "length":
            seen = _context(tokens, len(tokens))
            token = choose(tables, seen, order, chooser)
            sequence.tokens.append(token)
            sequence.logprobs.append(logprob(tables, seen, token))
            if order.topk_sample:
                sequence.topk.append(list(islice(likeliest(tables, seen), order.topk_sample)))
            tokens.append(token)
            if order.stops:
                text += piece(token)
            if token in order.ends or any(stop in text for stop in order.stops):
                sequence.reason = "stop"
            started = await _breathe(started)
        sample.sequences.append(sequence)
    await _score(tables, sample)
    return sample


def choose(tables: Tables, seen: int, order: Order, chooser: random.Random) -> int:
    if order.temperature < 1e-6:
        return next(likeliest(tables, seen))[0]
    if order.top_k <= 0 and order.top_p >= 1:
        return draw(tables, seen, chooser, order.temperature)
    kept: Topk = []
    mass = 0.0
    limit = min(order.top_k, _WIDEST) if order.top_k > 0 else _WIDEST
    for token, value in likeliest(tables, seen):
        kept.append((token, value))
        mass += math.exp(value)
        if len(kept) >= limit or mass >= order.top_p:
            break
    best = kept[0][1]
    odds = [math.exp(max((value - best) / order.temperature, -700)) for _, value in kept]
    return chooser.choices([token for token, _ in kept], odds)[0]


def piece(token: int) -> str:
    """The text that a token stands for here: bytes are Latin-1 letters, all others words of small letters."""
    if token < 256:
        return chr(token)
    word = ""
    while token:
        token, letter = divmod(token, 26)
        word += chr(ord("a") + letter)
    return " " + word


def check(order: Order) -> None:
    """Raises BadData."""
    if not order.prompt:
        raise BadData("the prompt is empty")
    if not 1 <= order.count <= 4096:
        raise BadData(f"num_samples is {order.count}; it must lie between 1 and 4096")
    if not 1 <= order.max_tokens <= 1_000_000:
        raise BadData(f"max_tokens is {order.max_tokens}; it must be at least 1")
    if not 0 <= order.temperature < math.inf or not 0 < order.top_p <= 1 or order.top_k < -1:
        raise BadData("temperature is at least 0, top_p above 0 and at most 1, top_k -1 or more")
    if any(not 0 <= each <= _WIDEST for each in (order.topk_prompt, order.topk_sample, order.alternatives)):
        raise BadData(f"candidates to report lie between 0 and {_WIDEST}")
    if order.last_n is not None and not 1 <= order.last_n <= max(len(order.prompt) - 1, 1):
        raise BadData(f"prompt_logprobs_last_n is {order.last_n}; the prompt has {len(order.prompt)} tokens")
    if order.targets is not None:
        shape = order.targets.shape
        if len(shape) != 2 or shape[0] != len(order.prompt) - 1:
            raise BadData(
                f"target_prompt_logprobs has the shape {list(shape)}; the prompt has {len(order.prompt)} tokens"
            )


async def _score(tables: Tables, sample: Sample) -> None:
    """Of the prompt."""
    order, prompt = sample.order, sample.order.prompt
    first = 1 if order.last_n is None else len(prompt) - order.last_n
    started = time.monotonic()
    if order.prompt_logprobs:
        sample.prompt_logprobs = [None] * len(prompt)
    if order.topk_prompt:
        sample.topk_prompt = [None] * len(prompt)
    if order.alternatives:
        sample.alternatives = (array("q"), array("f"))
    chooser = random.Random(f"alternatives {order.seed}")
    for place in range(1, len(prompt)):
        seen = _context(prompt, place)
        if sample.prompt_logprobs is not None and place >= first:
            sample.prompt_logprobs[place] = array("f", [logprob(tables, seen, prompt[place])])[0]
        if sample.topk_prompt is not None and place >= first:
            found = islice(likeliest(tables, seen), order.topk_prompt)
            sample.topk_prompt[place] = [(token, array("f", [value])[0]) for token, value in found]
        if sample.alternatives is not None:
            for _ in range(order.alternatives):
                token = draw(tables, seen, chooser)
                sample.alternatives[0].append(token)
                sample.alternatives[1].append(logprob(tables, seen, token))
        started = await _breathe(started)
    if order.targets is not None:
        values = array("f")
        for place, token in _asked(order.targets):
            known = token >= 0
            values.append(logprob(tables, _context(prompt, place + 1), token) if known else 0.0)
            started = await _breathe(started)
        sample.target_logprobs = values


def _asked(targets: Tensor) -> Iterator[tuple[int, int]]:
    """Row and token id of each number."""
    if targets.rows is None:
        width = targets.shape[-1]
        for place, token in enumerate(targets.data):
            yield place // width, int(token)
        return
    for row, (start, end) in enumerate(zip(targets.rows, targets.rows[1:], strict=False)):
        for place in range(start, end):
            yield row, int(targets.data[place])


def _context(tokens: Sequence[int], place: int) -> int:
    """Of the token that comes at `place`."""
    return context(tokens[place - 2] if place > 1 else 0, tokens[place - 1])


def _packed(positions: Sequence[Topk | None], k: int) -> public.TopkLogprobs:
    tokens, logprobs = array("i"), array("f")
    for each in positions:
        row = [*(each or ()), *[_PAD] * (k - len(each or ()))]
        tokens.extend(token for token, _ in row)
        logprobs.extend(value for _, value in row)
    return public.TopkLogprobs(token_ids=pack(tokens, "i"), logprobs=pack(logprobs, "f"), k=k, length=len(positions))


def _tensor(values: array[float], like: Tensor) -> public.Tensor:
    """In the layout of another."""
    if like.rows is None or like.columns is None:
        return public.Tensor(dense=pack(values, "f"), dtype="DTYPE_FLOAT32", shape=list(like.shape))
    sparse = public.SparseCsr(
        values=pack(values, "f"), crow_indices=pack(like.rows, "q"), col_indices=pack(like.columns, "q")
    )
    return public.Tensor(sparse_csr=sparse, dtype="DTYPE_FLOAT32", shape=list(like.shape))


async def _breathe(started: float) -> float:
    if time.monotonic() - started < _SLICE_S:
        return started
    await asyncio.sleep(0)
    return time.monotonic()
