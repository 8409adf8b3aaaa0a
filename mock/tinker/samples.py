"""Requests for samples: from a sampling session, or from weights that the request names itself."""

from __future__ import annotations

import zlib

from tinker.v1 import sampling_wire as wire
from tinker.v1.future_wire import UntypedAPIFuture
from tinker.v1.tensor_wire import TensorData

from mock.engine.backend import Call
from mock.tinker.batch import BadData, pack, tensor, tokens
from mock.tinker.ledger import Use
from mock.tinker.promise import Promise, Result
from mock.tinker.refusal import refusal
from mock.tinker.samplers import Samplers
from mock.tinker.sampling import Order, check, run
from mock.tinker.state import Sampler, State, promised

_CLONE = 1_000_000_000  # seq_ids of the n-th copy of a client begin at n times this
_PROMPTS = 256  # prompts that a sampler remembers
_COMPLETIONS = 20_000
_DEFAULT_MAX_TOKENS = 64
_DEFAULT_CONTEXT = 32_768


class Samples:
    def __init__(self, state: State, samplers: Samplers) -> None:
        self.state = state
        self.samplers = samplers

    async def sample(self, request: wire.SampleRequest, call: Call) -> UntypedAPIFuture:
        """Raises Refusal for what can't be sampled."""
        sampler = await self._sampler(request)
        seq_id = request.seq_id if isinstance(request.seq_id, int) else None
        try:
            order = self._order(request, sampler, seq_id)
            check(order)
        except BadData as error:
            raise refusal(400, str(error)) from None
        # What is asked for now is answered with the weights of now.
        tables = sampler.tables

        async def work() -> Result:
            size = len(order.prompt)
            seen = zlib.crc32(pack([each & 0xFFFFFFFF for each in order.prompt], "q"))
            cached = size if seen in sampler.prompts else 0
            sampler.prompts[seen] = None
            if len(sampler.prompts) > _PROMPTS:
                sampler.prompts.popitem(last=False)
            done = await run(tables, order, cached)
            now, ledger = self.state.clock.now(), self.state.ledger
            use: Use = "cached_prefill" if cached else "prefill"
            ledger.use(now, sampler.session_id, sampler.base_model, use, size)
            drawn = sum(len(each.tokens) for each in done.sequences)
            ledger.use(now, sampler.session_id, sampler.base_model, "sample", drawn)
            return Result(done.to_json, done.to_binary)

        def prepare(promise: Promise) -> None:
            promise.sampler = sampler.id
            promise.clone = (seq_id or 0) // _CLONE
            promise.sequence_ids = [f"{promise.id}:{number}" for number in range(order.count)]
            promise.then = lambda done: _complete(sampler, done)

        return promised(self.state.begin("asample", call, work, prepare=prepare), call)

    async def _sampler(self, request: wire.SampleRequest) -> Sampler:
        if isinstance(request.sampling_session_id, str):
            return self.state.sampler(request.sampling_session_id)
        path = request.model_path if isinstance(request.model_path, str) else None
        base = request.base_model if isinstance(request.base_model, str) else None
        if path is None and base is None:
            raise refusal(422, "sampling_session_id, base_model or model_path is needed")
        return await self.samplers.load("direct", "", base, path)

    def _order(self, request: wire.SampleRequest, sampler: Sampler, seq_id: int | None) -> Order:
        """Raises BadData."""
        params = request.sampling_params
        prompt = tokens(request.prompt)
        asked = params.max_tokens if isinstance(params.max_tokens, int) else None
        room = self._context_length(sampler.base_model) - len(prompt)
        if room < 1:
            raise BadData(f"the prompt has {len(prompt)} tokens; the context of {sampler.base_model} is full")
        default = self.state.settings.now.default_max_tokens or _DEFAULT_MAX_TOKENS
        stops: tuple[str, ...] = ()
        ends: frozenset[int] = frozenset()
        if isinstance(params.stop, str):
            stops = (params.stop,)
        elif isinstance(params.stop, list):
            stops = tuple(each for each in params.stop if isinstance(each, str))
            ends = frozenset(each for each in params.stop if isinstance(each, int))
        # Without a seed a request still has its own: its place among those of the sampler.
        seed = f"seed {params.seed}" if isinstance(params.seed, int) else f"{sampler.id} {seq_id}"
        targets = request.target_prompt_logprobs
        return Order(
            prompt=prompt,
            count=request.num_samples,
            max_tokens=min(default if asked is None else asked, room),
            seed=seed,
            stops=tuple(each for each in stops if each),
            ends=ends,
            temperature=params.temperature,
            top_k=params.top_k,
            top_p=params.top_p,
            prompt_logprobs=request.prompt_logprobs is True,
            topk_prompt=request.topk_prompt_logprobs,
            topk_sample=request.topk_sample_logprobs,
            targets=tensor("target_prompt_logprobs", targets) if isinstance(targets, TensorData) else None,
            alternatives=request.prompt_alt_tokens_k,
            last_n=request.prompt_logprobs_last_n if isinstance(request.prompt_logprobs_last_n, int) else None,
        )

    def _context_length(self, base_model: str) -> int:
        for offer in self.state.settings.offers:
            if offer.name == base_model.partition(":")[0]:
                return offer.max_context_length or _DEFAULT_CONTEXT
        return _DEFAULT_CONTEXT


def _complete(sampler: Sampler, promise: Promise) -> None:
    """Tells those who ask for all that is ready."""
    if sampler.id == "direct":
        return
    cursor = sampler.cursors[promise.clone] = sampler.cursors.get(promise.clone, 0) + 1
    held = sampler.completions.setdefault(promise.clone, [])
    held.append((cursor, promise))
    del held[:-_COMPLETIONS]
    sampler.news.set()
