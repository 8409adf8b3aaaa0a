"""What a model says to one prompt: its thoughts, its words, the tools it calls; and how long it took."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ollama.mock.v1.mock_wire import Response
from ollama.v1.options_wire import Logprob, Options, TokenLogprob

from mock.engine.clock import Clock
from mock.ollama import example, language, refusal, tools
from mock.ollama.library import StoredModel
from mock.ollama.script import Script

_CONTEXT = 4096  # tokens, where nobody says num_ctx


@dataclass(frozen=True, slots=True)
class Ask:
    """A prompt and how it is to be answered.

    `text`: all that the model reads; `prompt`: what the user said last; `reply`: what a tool answered, where that came
    last. `think`: "" for no thoughts, else how hard ("low", "medium", "high", "max", "on"). `format`: "json", a JSON
    Schema, or None.
    """

    model: StoredModel
    text: str
    prompt: str
    options: Options
    reply: str | None = None
    context: Sequence[int] = ()
    format: str | dict[str, Any] | None = None
    offers: Sequence[tools.Offer] = ()
    think: str = ""
    scripted: Response | None = None
    truncate: bool = True
    logprobs: bool = False
    top_logprobs: int = 0


@dataclass(slots=True)
class Piece:
    """One token of thoughts or text, or all calls."""

    text: str = ""
    thinking: str = ""
    calls: Sequence[tools.Wanted] = ()
    logprobs: list[Logprob] = field(default_factory=list)


@dataclass(slots=True)
class Figures:
    """Counts in tokens, durations in nanoseconds of the session's clock, at least 1 where something was done."""

    prompt_eval_count: int = 0
    eval_count: int = 0
    load_duration: int = 0
    prompt_eval_duration: int = 0
    eval_duration: int = 0
    total_duration: int = 0


class Completion:
    """The words are chosen when it is made, so that a bad request is refused then; time passes while it is read.

    `ended` is called when it is said or nobody listens any more. Raises Refusal where the prompt is too long and may
    not be cut, or the schema allows nothing.
    """

    def __init__(self, ask: Ask, script: Script, clock: Clock, *, loads: bool, ended: Callable[[], None]) -> None:
        self._script = script
        self._ended = ended
        self._clock = clock
        self._loads = loads
        self._ask = ask
        self._length = context_length(ask.model, ask.options)
        read = language.tokens(ask.text)
        prompt_count = len(read) + len(ask.context)
        if prompt_count > self._length:
            if not ask.truncate:
                raise refusal.native(400, refusal.TOO_LONG)
            prompt_count = self._length
        self._rng = language.source(ask.model.weights, *_heard(ask), _seed(ask.options))
        self.reason = "stop"
        self._thoughts, self._words, self.calls = self._choose()
        self._cut(self._length - prompt_count)
        called = [token for call in self.calls for token in language.tokens(json.dumps(call.arguments) + call.name)]
        spoken = len(self._thoughts) + len(self._words) + len(called)
        self.figures = Figures(prompt_eval_count=max(prompt_count, 1), eval_count=max(spoken, 1))
        self.context = [*ask.context, *language.token_ids([*read, *self._words])]

    @property
    def waits(self) -> bool:
        script = self._script
        return bool(script.latency_s or script.token_s or (self._loads and script.load_s))

    @property
    def text(self) -> str:
        return "".join(self._words)

    @property
    def thinking(self) -> str:
        return "".join(self._thoughts)

    def whole(self) -> Piece:
        """All in one; no time passes."""
        self._measure(*[self._clock.now()] * 4)
        self._ended()
        return self._joined()

    async def waited(self) -> Piece:
        """All in one, when it is time."""
        async for _ in self.stream():
            pass
        return self._joined()

    async def stream(self) -> AsyncIterator[Piece]:
        """Token by token; `figures` is right when it ends."""
        clock, script = self._clock, self._script
        try:
            started = clock.now()
            if self._loads:
                await clock.sleep(script.load_s)
            loaded = clock.now()
            await clock.sleep(script.latency_s)
            read = clock.now()
            for piece in self._pieces():
                await clock.sleep(script.token_s)
                yield piece
            self._measure(started, loaded, read, clock.now())
        finally:
            self._ended()

    def _joined(self) -> Piece:
        logprobs = [each for piece in self._pieces() for each in piece.logprobs] if self._ask.logprobs else []
        return Piece(self.text, self.thinking, self.calls, logprobs)

    def _measure(self, started: float, loaded: float, read: float, ended: float) -> None:
        figures = self.figures
        figures.load_duration = _nanoseconds(loaded - started)
        figures.prompt_eval_duration = _nanoseconds(read - loaded)
        figures.eval_duration = _nanoseconds(ended - read)
        figures.total_duration = figures.load_duration + figures.prompt_eval_duration + figures.eval_duration

    def _pieces(self) -> Iterator[Piece]:
        for token in self._thoughts:
            yield Piece(thinking=token, logprobs=self._likely(token))
        for token in self._words:
            yield Piece(text=token, logprobs=self._likely(token))
        if self.calls:
            yield Piece(calls=self.calls)

    def _choose(self) -> tuple[list[str], list[str], Sequence[tools.Wanted]]:
        ask, rng, script = self._ask, self._rng, self._ask.scripted
        thoughts = ""
        if ask.think:
            said = script.thinking if script else None
            thoughts = language.thought(rng, ask.think) if said is None else said
        if script is not None and (script.text is not None or script.calls):
            calls = [tools.wanted(each.name, each.arguments or {}, rng) for each in script.calls]
            return language.tokens(thoughts), language.tokens(script.text or ""), calls
        if ask.offers and ask.reply is None:
            calls = tools.choose(ask.offers, ask.prompt, rng)
            if calls:
                return language.tokens(thoughts), [], calls
        return language.tokens(thoughts), language.tokens(self._answer()), ()

    def _answer(self) -> str:
        ask, rng = self._ask, self._rng
        if ask.format == "json":
            made: Any = {"answer": language.sentence(rng), "score": rng.randint(1, 10)}
            return json.dumps(made, ensure_ascii=False)
        if isinstance(ask.format, dict):
            try:
                return json.dumps(example.value(ask.format, rng, prompt=ask.prompt), ensure_ascii=False)
            except example.Unsatisfiable as error:
                raise refusal.native(500, f"failed to load model vocabulary required for format: {error}") from None
        if ask.reply is not None:
            return f"The result is {ask.reply.strip()}. {language.sentence(rng)}"
        return language.answer(rng, ask.prompt)

    def _cut(self, room: int) -> None:
        """At a stop text, at num_predict tokens, and where the context is full."""
        options = self._ask.options
        text = self.text
        found = [at for stop in options.stop if stop and (at := text.find(stop)) >= 0]
        if found:
            self._words = language.tokens(text[: min(found)])
        limit = options.num_predict or 0
        most = min(limit if limit > 0 else math.inf, max(room, 1))
        if len(self._thoughts) + len(self._words) > most:
            self.reason = "length"
            self._thoughts = self._thoughts[: int(most)]
            self._words = self._words[: int(most) - len(self._thoughts)]

    def _likely(self, token: str) -> list[Logprob]:
        """The token with its probability, and the ones that might have stood in its place, likeliest first."""
        if not self._ask.logprobs:
            return []
        rng = language.source(self._ask.model.weights, token)
        logprob = -rng.uniform(0.01, 1.0)
        rest = math.log1p(-math.exp(logprob))  # what is left for all others
        tops = [TokenLogprob(token=token, logprob=logprob, bytes_=[*token.encode("utf-8", "replace")])]
        for _ in range(self._ask.top_logprobs - 1):
            rest = min(rest - rng.uniform(0.1, 0.7), logprob)
            other = " " + language.words(rng, 1) + str(len(tops))
            tops.append(TokenLogprob(token=other, logprob=rest, bytes_=[*other.encode()]))
        first = tops[0]
        shown = tops if self._ask.top_logprobs else []
        return [Logprob(token=token, logprob=logprob, bytes_=first.bytes_, top_logprobs=shown)]


def context_length(model: StoredModel, options: Options) -> int:
    """Tokens of prompt and answer together."""
    return min(options.num_ctx or _CONTEXT, model.context_length)


def _heard(ask: Ask) -> tuple[object, ...]:
    tooled = tuple(offer.name for offer in ask.offers)
    return (ask.text, tuple(ask.context), json.dumps(ask.format, sort_keys=True), tooled)


def _seed(options: Options) -> int | None:
    """The likeliest words (temperature 0) are the same with any seed."""
    return None if options.temperature == 0 or options.seed == -1 else options.seed


def _nanoseconds(seconds: float) -> int:
    return max(round(seconds * 1e9), 1)
