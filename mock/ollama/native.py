"""Inference of the native API: generate, chat, embed, embeddings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import asdict
from typing import Any, TypeAlias

from ollama.v1.chat_wire import ChatRequest, ChatResponse, Message, ToolCall, ToolCallFunction
from ollama.v1.embed_wire import EmbeddingsRequest, EmbeddingsResponse, EmbedRequest, EmbedResponse
from ollama.v1.generate_wire import GenerateRequest, GenerateResponse
from samewire_wire import Timestamp

from mock.ollama import language, refusal, tools, vectors
from mock.ollama.completion import Completion, Piece
from mock.ollama.inference import Inference, text_of
from mock.ollama.library import StoredModel
from mock.ollama.state import State

Generated: TypeAlias = GenerateResponse | Awaitable[GenerateResponse] | AsyncIterator[GenerateResponse]
Chatted: TypeAlias = ChatResponse | Awaitable[ChatResponse] | AsyncIterator[ChatResponse]


class Native:
    def __init__(self, state: State, inference: Inference) -> None:
        self._state = state
        self._inference = inference

    def generate(self, request: GenerateRequest, streamed: bool) -> Generated:
        said = self._inference.generate(request)
        if isinstance(said, str):
            return self._generated(request, Piece(), done_reason=said)
        if streamed:
            return self._generating(request, said)
        return self._generated_later(request, said) if said.waits else self._last_generated(request, said, said.whole())

    async def _generating(self, request: GenerateRequest, said: Completion) -> AsyncIterator[GenerateResponse]:
        async for piece in said.stream():
            yield self._generated(request, piece)
        yield self._last_generated(request, said, Piece())

    async def _generated_later(self, request: GenerateRequest, said: Completion) -> GenerateResponse:
        return self._last_generated(request, said, await said.waited())

    def _last_generated(self, request: GenerateRequest, said: Completion, piece: Piece) -> GenerateResponse:
        context = [] if request.raw else said.context
        return self._generated(request, piece, done_reason=said.reason, context=context, **asdict(said.figures))

    def _generated(self, request: GenerateRequest, piece: Piece, **more: Any) -> GenerateResponse:
        return GenerateResponse(
            model=request.model,
            created_at=self._now(),
            response=piece.text,
            thinking=piece.thinking,
            tool_calls=calls(piece.calls),
            logprobs=piece.logprobs,
            done="done_reason" in more,
            **more,
        )

    def chat(self, request: ChatRequest, streamed: bool) -> Chatted:
        said = self._inference.chat(request)
        if isinstance(said, str):
            return self._chatted(request, Piece(), done_reason=said)
        if streamed:
            return self._chatting(request, said)
        return self._chatted_later(request, said) if said.waits else self._last_chatted(request, said, said.whole())

    async def _chatting(self, request: ChatRequest, said: Completion) -> AsyncIterator[ChatResponse]:
        async for piece in said.stream():
            yield self._chatted(request, piece)
        yield self._last_chatted(request, said, Piece())

    async def _chatted_later(self, request: ChatRequest, said: Completion) -> ChatResponse:
        return self._last_chatted(request, said, await said.waited())

    def _last_chatted(self, request: ChatRequest, said: Completion, piece: Piece) -> ChatResponse:
        return self._chatted(request, piece, done_reason=said.reason, **asdict(said.figures))

    def _chatted(self, request: ChatRequest, piece: Piece, **more: Any) -> ChatResponse:
        message = Message(role="assistant", content=piece.text, thinking=piece.thinking, tool_calls=calls(piece.calls))
        return ChatResponse(
            model=request.model,
            created_at=self._now(),
            message=message,
            logprobs=piece.logprobs,
            done="done_reason" in more,
            **more,
        )

    def embed(self, request: EmbedRequest) -> EmbedResponse | Awaitable[EmbedResponse]:
        """Raises Refusal."""
        clock = self._state.clock
        started = clock.now()
        missing = refusal.not_found(request.model)
        model = self._inference.load(request.model, missing, request.keep_alive, request.options)
        texts = [request.input] if isinstance(request.input, str) and request.input else request.input or []
        if not texts:
            return EmbedResponse(model=request.model, embeddings=[])
        self._state.script.check(texts[0])
        counts = [min(len(language.tokens(text)), model.context_length) for text in texts]
        found = [self._vector(model, text, request.truncate, request.dimensions or 0) for text in texts]

        def done() -> EmbedResponse:
            return EmbedResponse(
                model=request.model,
                embeddings=found,
                total_duration=max(round((clock.now() - started) * 1e9), 2),
                load_duration=1,
                prompt_eval_count=max(sum(counts), 1),
            )

        return self._later(done) if self._state.script.latency_s else done()

    def embeddings(self, request: EmbeddingsRequest) -> EmbeddingsResponse | Awaitable[EmbeddingsResponse]:
        """Raises Refusal."""
        model = self._inference.load(request.model, refusal.required(), request.keep_alive, request.options)
        prompt = text_of(request.prompt)
        if not prompt:
            return EmbeddingsResponse(embedding=[])
        self._state.script.check(prompt)
        answer = EmbeddingsResponse(embedding=self._vector(model, prompt, True, 0))
        return self._later(lambda: answer) if self._state.script.latency_s else answer

    async def _later(self, answer: Any) -> Any:
        await self._state.clock.sleep(self._state.script.latency_s)
        return answer()

    def _vector(self, model: StoredModel, text: str, truncate: bool | None, dimensions: int) -> list[float]:
        words = language.tokens(text)
        if len(words) > model.context_length:
            if truncate is False:
                raise refusal.native(400, refusal.TOO_LONG)
            text = "".join(words[: model.context_length])
        return vectors.embed(model.weights, text, model.embedding_length, dimensions)

    def _now(self) -> Timestamp:
        return Timestamp.from_seconds(self._state.clock.now())


def calls(wanted: Sequence[tools.Wanted]) -> list[ToolCall]:
    """As the native API has them: arguments are an object."""
    return [
        ToolCall(id=each.id, function=ToolCallFunction(index=index, name=each.name, arguments=each.arguments))
        for index, each in enumerate(wanted)
    ]
