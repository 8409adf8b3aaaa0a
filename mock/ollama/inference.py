"""From a request to what a model says: the checks of the real server in its order (bridge_tinyllm_ollama.md C2, C3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import orjson
from ollama.v1.chat_wire import ChatRequest, Message, Tool
from ollama.v1.generate_wire import GenerateRequest
from ollama.v1.options_wire import Options, Think
from samewire_wire import MISSING, WireError

from mock.engine.backend import Refusal
from mock.ollama import duration, refusal, tools
from mock.ollama import library as lib
from mock.ollama.completion import Ask, Completion, context_length
from mock.ollama.library import StoredModel
from mock.ollama.names import Name
from mock.ollama.state import State

# The request only loaded or unloaded the model.
Moved: TypeAlias = Literal["load", "unload"]
_NO_OPTIONS = Options()


class Inference:
    def __init__(self, state: State) -> None:
        self._state = state

    def generate(self, request: GenerateRequest) -> Completion | Moved:
        """Raises Refusal."""
        _check_top(request.top_logprobs)
        model = self._model(request.model, refusal.not_found(request.model))
        prompt, suffix = text_of(request.prompt), text_of(request.suffix)
        system, template = text_of(request.system), text_of(request.template)
        seconds = _seconds(request.keep_alive)
        if not prompt and seconds == 0:
            self._state.memory.unload(model)
            return "unload"
        if request.raw and (template or system or request.context):
            raise refusal.native(400, "raw mode does not support template, system, or context")
        think = _think(request.model, model, request.think)
        _check_can(request.model, model, "generate", [lib.INSERT] if suffix else [])
        options = _options(model, request.options)
        if not prompt:
            self._keep(model, seconds, options)
            return "load"
        self._state.script.check(prompt)
        parts = [prompt] if request.raw else [template, system or model.system, prompt, suffix]
        images = [f"[img-{index}] {len(image)}" for index, image in enumerate(request.images)]
        return self._start(
            Ask(
                model=model,
                text="\n".join(filter(None, [*parts, *images])),
                prompt=prompt,
                options=options,
                context=request.context,
                format=_format(request.format),
                think=think,
                scripted=self._state.script.response(request.model, prompt),
                truncate=request.truncate is not False,
                logprobs=bool(request.logprobs),
                top_logprobs=request.top_logprobs or 0,
            ),
            seconds,
        )

    def chat(self, request: ChatRequest) -> Completion | Moved:
        """Raises Refusal."""
        _check_top(request.top_logprobs)
        model = self._model(request.model, refusal.required())
        messages = request.messages
        seconds = _seconds(request.keep_alive)
        if not messages and seconds == 0:
            self._state.memory.unload(model)
            return "unload"
        think = _think(request.model, model, request.think)
        _check_can(request.model, model, "chat", [lib.TOOLS] if request.tools else [])
        options = _options(model, request.options)
        if not messages:
            self._keep(model, seconds, options)
            return "load"
        last = messages[-1]
        said = [content for each in messages if _role(each) == "user" and (content := _content(each))]
        prompt = said[-1] if said else _content(last)
        reply = _content(last) if _role(last) == "tool" else None
        heard = prompt if reply is None else reply
        self._state.script.check(heard)
        return self._start(
            Ask(
                model=model,
                text=_conversation(model, messages),
                prompt=prompt,
                reply=reply,
                options=options,
                format=_format(request.format),
                offers=[offer for each in request.tools if (offer := _offer(each))],
                think=think,
                scripted=self._state.script.response(request.model, heard),
                truncate=request.truncate is not False,
                logprobs=bool(request.logprobs),
                top_logprobs=request.top_logprobs or 0,
            ),
            seconds,
        )

    def load(self, text: str, missing: Refusal, keep_alive: float | str | None, options: Options | None) -> StoredModel:
        """The model for embeddings, in memory from now on. Raises Refusal, `missing` for an empty name."""
        seconds = _seconds(keep_alive)
        if not text:
            raise missing
        name = Name.parse(text)
        if name is None:
            raise refusal.invalid_name()
        model = self._state.library.find(name)
        if model is None:
            raise refusal.try_pulling(text)
        self._keep(model, seconds, _options(model, options))
        return model

    def _model(self, text: str, missing: Refusal) -> StoredModel:
        if not text:
            raise missing
        name = Name.parse(text)
        if name is None:
            raise refusal.invalid_name()
        model = self._state.library.find(name)
        if model is None:
            raise refusal.not_found(text)
        return model

    def _start(self, ask: Ask, seconds: float) -> Completion:
        context = context_length(ask.model, ask.options)
        loads = not self._state.memory.holds(ask.model, context)

        def ended() -> None:
            self._state.memory.keep(ask.model, seconds, context)

        completion = Completion(ask, self._state.script, self._state.clock, loads=loads, ended=ended)
        if seconds:
            ended()
        return completion

    def _keep(self, model: StoredModel, seconds: float, options: Options) -> None:
        self._state.memory.keep(model, seconds, context_length(model, options))


def text_of(value: Any) -> str:
    """ "" where a text is missing."""
    return "" if value is None or value is MISSING else str(value)


def _seconds(keep_alive: float | str | None) -> float:
    try:
        return duration.keep_alive(keep_alive)
    except ValueError as error:
        raise refusal.native(400, str(error)) from None


def _check_top(top_logprobs: int | None) -> None:
    if not 0 <= (top_logprobs or 0) <= 20:
        raise refusal.native(400, "top_logprobs must be between 0 and 20")


def _think(asked: str, model: StoredModel, think: Think | None) -> str:
    """Ask.think. Models that can think do so unless told not to."""
    if think is None or think == "THINK_LEVEL_UNSPECIFIED":
        return "on" if lib.THINKING in model.capabilities else ""
    if think is False:
        return ""
    if not model.can(lib.THINKING):
        raise refusal.native(400, f"{refusal.quoted(asked)} does not support thinking")
    return "on" if think is True else think


def _check_can(asked: str, model: StoredModel, what: str, more: Sequence[str]) -> None:
    if not model.can(lib.COMPLETION):
        raise refusal.native(400, f"{refusal.quoted(asked)} does not support {what}")
    missing = [capability for capability in more if not model.can(capability)]
    if missing:
        raise refusal.native(400, f"{model.name.full} does not support {' '.join(missing)}")


def _options(model: StoredModel, options: Options | None) -> Options:
    """The model's own, and over them the request's."""
    if not model.parameters:
        return options or _NO_OPTIONS
    said = orjson.loads(options.to_wire()) if options is not None else {}
    try:
        return Options.from_wire(orjson.dumps({**model.parameters, **said}), "ollama-server")
    except WireError as error:
        raise refusal.native(500, f"option {refusal.quoted(error.field)}: {error.reason}") from None


def _format(value: str | dict[str, Any] | None) -> str | dict[str, Any] | None:
    return value or None


def _role(message: Message) -> str:
    return text_of(message.role).lower()


def _content(message: Message) -> str:
    return text_of(message.content)


def _conversation(model: StoredModel, messages: Sequence[Message]) -> str:
    """All that the model reads, one line a turn."""
    lines = [] if not model.system or _role(messages[0]) == "system" else [f"system: {model.system}"]
    for each in (*model.messages, *messages):
        line = f"{_role(each)}: {_content(each)}"
        if each.tool_calls:
            calls = [(one.function.name, sorted(one.function.arguments.items())) for one in each.tool_calls]
            line += f" {calls}"
        lines.append(line + "".join(f" [img] {len(image)}" for image in each.images))
    return "\n".join(lines)


def _offer(tool: Tool) -> tools.Offer | None:
    function = tool.function
    return tools.Offer(function.name, function.description, function.parameters or {}) if function else None
