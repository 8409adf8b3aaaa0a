"""The OpenAI-compatible API: requests become native ones, and what comes of them is told in its words (C6)."""

from __future__ import annotations

import base64
import struct
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Any, Literal, TypeAlias

import orjson
from ollama.openai.v1 import chat_wire as oc
from ollama.openai.v1 import completions_wire as op
from ollama.openai.v1 import embeddings_wire as oe
from ollama.openai.v1 import models_wire as om
from ollama.openai.v1.usage_wire import Stop, Usage
from ollama.v1.chat_wire import ChatRequest, Message, Tool, ToolCall, ToolCallFunction, ToolFunction
from ollama.v1.embed_wire import EmbedRequest, EmbedResponse
from ollama.v1.generate_wire import GenerateRequest
from ollama.v1.options_wire import Logprob, Options

from mock.engine.backend import Refusal
from mock.ollama import language, refusal, tools
from mock.ollama.completion import Completion, Figures, Piece
from mock.ollama.inference import Inference, Moved
from mock.ollama.library import StoredModel
from mock.ollama.manage import Manage
from mock.ollama.names import NAMESPACE, Name
from mock.ollama.native import Native
from mock.ollama.state import State

Finish: TypeAlias = Literal["stop", "length", "tool_calls"]
_FINGERPRINT = "fp_ollama"
_EFFORTS = ("high", "medium", "low", "none")
_IMAGES = tuple(f"data:{kind};base64," for kind in ("", "image/jpeg", "image/jpg", "image/png", "image/webp"))


class OpenAI:
    def __init__(self, state: State, inference: Inference, native: Native, manage: Manage) -> None:
        self._state = state
        self._inference = inference
        self._native = native
        self._manage = manage

    # Chat

    def chat(
        self, request: oc.ChatCompletionRequest
    ) -> oc.ChatCompletion | Awaitable[oc.ChatCompletion] | AsyncIterator[oc.ChatCompletionChunk]:
        if not request.messages:
            raise refusal.compatible(400, "[] is too short - 'messages'")
        asked = _chat_request(request)
        said = self._heard(self._inference.chat, asked)
        if isinstance(said, str):
            return self._chatted(request, Piece(), "stop", Figures())
        if request.stream:
            return self._chatting(request, said)
        return self._chatted_later(request, said) if said.waits else self._chat_whole(request, said, said.whole())

    async def _chatted_later(self, request: oc.ChatCompletionRequest, said: Completion) -> oc.ChatCompletion:
        return self._chat_whole(request, said, await said.waited())

    def _chat_whole(self, request: oc.ChatCompletionRequest, said: Completion, piece: Piece) -> oc.ChatCompletion:
        return self._chatted(request, piece, "tool_calls" if piece.calls else _finish(said.reason), said.figures)

    def _chatted(
        self, request: oc.ChatCompletionRequest, piece: Piece, reason: Finish, figures: Figures
    ) -> oc.ChatCompletion:
        return oc.ChatCompletion(
            id=self._id("chatcmpl", request.model, piece.text),
            created=self._seconds(),
            model=request.model,
            system_fingerprint=_FINGERPRINT,
            choices=[
                oc.ChatChoice(index=0, message=_said(piece), finish_reason=reason, logprobs=_logprobs(piece.logprobs))
            ],
            usage=_usage(figures),
        )

    async def _chatting(
        self, request: oc.ChatCompletionRequest, said: Completion
    ) -> AsyncIterator[oc.ChatCompletionChunk]:
        same: dict[str, Any] = {
            "id": self._id("chatcmpl", request.model, said.text),
            "created": self._seconds(),
            "model": request.model,
            "system_fingerprint": _FINGERPRINT,
        }

        def chunk(delta: oc.ChatMessage, piece: Piece | None = None, reason: Finish | None = None) -> Any:
            logprobs = _logprobs(piece.logprobs) if piece else None
            choice = oc.ChunkChoice(index=0, delta=delta, finish_reason=reason, logprobs=logprobs)
            return oc.ChatCompletionChunk(choices=[choice], **same)

        first = True
        async for piece in said.stream():
            yield chunk(_said(piece, first=first), piece)
            first = False
        if first:
            yield chunk(_said(Piece()))
        yield chunk(oc.ChatMessage(), reason="tool_calls" if said.calls else _finish(said.reason))
        if request.stream_options is not None and request.stream_options.include_usage:
            yield oc.ChatCompletionChunk(choices=[], usage=_usage(said.figures), **same)

    # Completions

    def complete(
        self, request: op.CompletionRequest
    ) -> op.Completion | Awaitable[op.Completion] | AsyncIterator[op.Completion]:
        options = _options(
            request.max_tokens,
            request.seed,
            request.temperature,
            request.top_p or None,
            request.frequency_penalty,
            request.presence_penalty,
            request.stop,
        )
        asked = GenerateRequest(
            model=request.model, prompt=request.prompt, suffix=request.suffix, options=options, stream=request.stream
        )
        said = self._heard(self._inference.generate, asked)
        if isinstance(said, str):
            return self._completed(request, "", "stop", _usage(Figures()), "")
        if request.stream:
            return self._completing(request, said)
        return self._completed_later(request, said) if said.waits else self._complete_whole(request, said, said.whole())

    async def _completed_later(self, request: op.CompletionRequest, said: Completion) -> op.Completion:
        return self._complete_whole(request, said, await said.waited())

    def _complete_whole(self, request: op.CompletionRequest, said: Completion, piece: Piece) -> op.Completion:
        return self._completed(request, piece.text, _finish(said.reason), _usage(said.figures), piece.text)

    def _completed(
        self, request: op.CompletionRequest, text: str, reason: Finish | None, usage: Usage | None, whole: str
    ) -> op.Completion:
        return op.Completion(
            id=self._id("cmpl", request.model, whole),
            created=self._seconds(),
            model=request.model,
            system_fingerprint=_FINGERPRINT,
            choices=[op.CompletionChoice(text=text, index=0, finish_reason=reason)],
            usage=usage,
        )

    async def _completing(self, request: op.CompletionRequest, said: Completion) -> AsyncIterator[op.Completion]:
        asked = request.stream_options is not None and request.stream_options.include_usage
        empty = Usage(prompt_tokens=0, completion_tokens=0, total_tokens=0) if asked else None
        created = self._seconds()

        def chunk(text: str, reason: Finish | None = None) -> op.Completion:
            made = self._completed(request, text, reason, empty, said.text)
            made.created = created
            return made

        async for piece in said.stream():
            if piece.text:
                yield chunk(piece.text)
        yield chunk("", _finish(said.reason))
        if asked:
            last = chunk("")
            last.choices, last.usage = [], _usage(said.figures)
            yield last

    # Embeddings

    def embed(self, request: oe.EmbeddingRequest) -> oe.EmbeddingList | Awaitable[oe.EmbeddingList]:
        form = request.encoding_format.lower()
        if form not in ("", "float", "base64"):
            raise refusal.compatible(
                400,
                f"Invalid value for 'encoding_format' = {request.encoding_format}. "
                "Supported values: ['float', 'base64'].",
            )
        given = [""] if request.input == "" else request.input
        if not given:
            raise refusal.compatible(400, "invalid input")
        asked = EmbedRequest(model=request.model, input=given, dimensions=request.dimensions or None)
        said = self._heard(self._native.embed, asked)
        if isinstance(said, EmbedResponse):
            return _embedding_list(said, form)
        return self._embedded_later(said, form)

    async def _embedded_later(self, said: Awaitable[EmbedResponse], form: str) -> oe.EmbeddingList:
        return _embedding_list(await said, form)

    # Models

    def models(self) -> om.ModelList:
        found = [_model(model.name.short, model) for model in self._state.library]
        return om.ModelList(data=found or None)

    def model(self, request: om.GetModelRequest) -> om.Model:
        return _model(request.model, self._heard(self._manage.find, request.model))

    def _heard(self, ask: Any, asked: Any) -> Any:
        """What the native API says, its refusals in the form of this one."""
        try:
            return ask(asked)
        except Refusal as refused:
            raise refusal.made_compatible(refused) from None

    def _id(self, kind: str, model: str, text: str) -> str:
        return f"{kind}-{language.source(kind, model, text, self._state.clock.now()).randrange(999)}"

    def _seconds(self) -> int:
        return int(self._state.clock.now())


def _finish(reason: str | Moved) -> Finish:
    return "length" if reason == "length" else "stop"


def _usage(figures: Figures) -> Usage:
    read, written = figures.prompt_eval_count, figures.eval_count
    return Usage(prompt_tokens=read, completion_tokens=written, total_tokens=read + written)


def _said(piece: Piece, *, first: bool = True) -> oc.ChatMessage:
    return oc.ChatMessage(
        role="assistant" if first else "",
        content=piece.text,
        reasoning=piece.thinking,
        tool_calls=[_call(index, each) for index, each in enumerate(piece.calls)],
    )


def _call(index: int, wanted: tools.Wanted) -> oc.ToolCall:
    function = oc.ToolCallFunction(name=wanted.name, arguments=orjson.dumps(wanted.arguments).decode())
    return oc.ToolCall(id=wanted.id, index=index, type="function", function=function)


def _logprobs(found: Sequence[Logprob]) -> oc.ChatLogprobs | None:
    if not found:
        return None

    def told(each: Any) -> oc.Logprob:
        tops = [told(top) for top in getattr(each, "top_logprobs", ())]
        return oc.Logprob(token=each.token, logprob=each.logprob, bytes_=each.bytes_, top_logprobs=tops)

    return oc.ChatLogprobs(content=[told(each) for each in found])


def _options(
    most: int | None,
    seed: int | None,
    temperature: float | None,
    top_p: float | None,
    frequency_penalty: float | None,
    presence_penalty: float | None,
    stop: Stop | None,
) -> Options:
    return Options(
        num_predict=most,
        seed=seed,
        temperature=1.0 if temperature is None else temperature,
        top_p=1.0 if top_p is None else top_p,
        frequency_penalty=frequency_penalty,
        presence_penalty=presence_penalty,
        stop=[stop] if isinstance(stop, str) else stop or [],
    )


def _chat_request(request: oc.ChatCompletionRequest) -> ChatRequest:
    return ChatRequest(
        model=request.model,
        stream=request.stream,
        messages=[each for message in request.messages for each in _messages(message, request.messages)],
        tools=[
            Tool(
                type="function",
                function=ToolFunction(
                    name=each.function.name,
                    description=each.function.description,
                    parameters=each.function.parameters,
                ),
            )
            for each in request.tools
        ],
        options=_options(
            request.max_tokens,
            request.seed,
            request.temperature,
            request.top_p,
            request.frequency_penalty,
            request.presence_penalty,
            request.stop,
        ),
        format=_format(request.response_format),
        think=_think(request),
        logprobs=request.logprobs,
        top_logprobs=request.top_logprobs,
    )


def _think(request: oc.ChatCompletionRequest) -> Any:
    effort = request.reasoning.effort if request.reasoning is not None else request.reasoning_effort
    if not effort:
        return None
    if effort not in _EFFORTS:
        told = 'must be "high", "medium", "low", or "none"'
        raise refusal.compatible(400, f"invalid reasoning value: '{effort}' ({told})")
    return False if effort == "none" else effort


def _format(asked: oc.ResponseFormat | None) -> str | dict[str, Any] | None:
    kind = asked.type.strip().lower() if asked is not None else ""
    if kind == "json_object":
        return "json"
    if asked is not None and kind == "json_schema" and asked.json_schema is not None:
        schema: dict[str, Any] = asked.json_schema.schema_
        return schema
    return None


def _messages(message: oc.ChatMessage, all_: Sequence[oc.ChatMessage]) -> list[Message]:
    """One native message, or one for each part."""
    called = [_native_call(each) for each in message.tool_calls]
    tool = ""
    if message.role.lower() == "tool":
        tool = message.name or _called(message.tool_call_id, all_)
    if message.content is None:
        if not called:
            raise refusal.compatible(400, "invalid message content type: <nil>")
        return [Message(role=message.role, thinking=message.reasoning, tool_calls=called)]
    if isinstance(message.content, str):
        return [
            Message(
                role=message.role,
                content=message.content,
                thinking=message.reasoning,
                tool_calls=called,
                tool_name=tool,
            )
        ]
    made = [_part(message.role, part) for part in message.content]
    if made:
        made[-1].tool_name = tool
        made[-1].tool_calls = called
    return made


def _part(role: str, part: oc.ContentPart) -> Message:
    if isinstance(part, oc.TextPart):
        return Message(role=role, content=part.text)
    url = part.image_url.url
    prefix = next((each for each in _IMAGES if url.startswith(each)), None)
    if prefix is None:
        raise refusal.compatible(400, "invalid image input")
    try:
        return Message(role=role, content="", images=[base64.b64decode(url[len(prefix) :], validate=True)])
    except ValueError:
        raise refusal.compatible(400, "invalid message format") from None


def _native_call(call: oc.ToolCall) -> ToolCall:
    try:
        arguments = orjson.loads(call.function.arguments)
    except orjson.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        raise refusal.compatible(400, "invalid tool call arguments")
    return ToolCall(id=call.id, function=ToolCallFunction(name=call.function.name, arguments=arguments))


def _called(call_id: str, messages: Sequence[oc.ChatMessage]) -> str:
    """The tool of the last call with that id."""
    for message in reversed(messages):
        for call in message.tool_calls:
            if call.id == call_id:
                return str(call.function.name)
    return ""


def _embedding_list(said: EmbedResponse, form: str) -> oe.EmbeddingList:
    count = said.prompt_eval_count
    return oe.EmbeddingList(
        data=[
            oe.Embedding(
                embedding=struct.pack(f"<{len(vector)}f", *vector) if form == "base64" else vector,
                index=index,
            )
            for index, vector in enumerate(said.embeddings)
        ],
        model=said.model,
        usage=oe.EmbeddingUsage(prompt_tokens=count, total_tokens=count),
    )


def _model(told: str, model: StoredModel) -> om.Model:
    name = Name.parse(told)
    return om.Model(id=told, created=int(model.modified), owned_by=name.namespace if name else NAMESPACE)
