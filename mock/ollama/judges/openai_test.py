"""PyPI `openai`, unmodified, as a judge of the mock's /v1: sync and async."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from mock.client.client import MockClient
from mock.client.pytest_plugin import MockServer

_MODEL = "qwen2.5:3b"
_TURN: list[Any] = [{"role": "user", "content": "Why is the sky blue?"}]
_TOOL: Any = {
    "type": "function",
    "function": {
        "name": "add_numbers",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "required": ["a", "b"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
Call = Callable[..., Any]


class Sky(BaseModel):
    color: str
    nanometres: int


@pytest.fixture
def server(mock_server: MockServer) -> MockClient:
    return mock_server("ollama")


def _method(client: Any, path: str) -> Any:
    for name in path.split("."):
        client = getattr(client, name)
    return client


def _sync(server: MockClient) -> Call:
    def call(path: str, *args: Any, **kwargs: Any) -> Any:
        with openai.OpenAI(base_url=f"{server.url}/v1", api_key="ollama", max_retries=0) as client:
            found = _method(client, path)(*args, **kwargs)
            return list(found) if isinstance(found, openai.Stream) else found

    return call


def _async(server: MockClient) -> Call:
    async def ask(path: str, *args: Any, **kwargs: Any) -> Any:
        async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="ollama", max_retries=0) as client:
            found = await _method(client, path)(*args, **kwargs)
            return [each async for each in found] if isinstance(found, openai.AsyncStream) else found

    return lambda path, *args, **kwargs: asyncio.run(ask(path, *args, **kwargs))


@pytest.fixture(params=[_sync, _async], ids=["sync", "async"])
def call(request: pytest.FixtureRequest, server: MockClient) -> Call:
    return request.param(server)  # type: ignore[no-any-return]


def test_chat(call: Call) -> None:
    whole = call("chat.completions.create", model=_MODEL, messages=_TURN)
    (choice,) = whole.choices
    assert (choice.message.role, choice.finish_reason, whole.system_fingerprint) == ("assistant", "stop", "fp_ollama")
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens > 0
    options = {"include_usage": True}
    *chunks, last = call("chat.completions.create", model=_MODEL, messages=_TURN, stream=True, stream_options=options)
    assert "".join(each.choices[0].delta.content or "" for each in chunks) == choice.message.content
    assert [each.choices[0].finish_reason for each in chunks][-2:] == [None, "stop"]
    assert (last.choices, last.usage) == ([], whole.usage)
    cut = call("chat.completions.create", model=_MODEL, messages=_TURN, max_tokens=2, seed=1, stop=["\0"], top_p=0.5)
    assert cut.choices[0].finish_reason == "length"
    likely = call("chat.completions.create", model=_MODEL, messages=_TURN, logprobs=True, top_logprobs=2).choices[0]
    assert "".join(each.token for each in likely.logprobs.content) == likely.message.content


def test_tools(call: Call) -> None:
    turns: list[Any] = [{"role": "user", "content": "Please add_numbers 3 and 4"}]
    choice = call("chat.completions.create", model=_MODEL, messages=turns, tools=[_TOOL], tool_choice="auto").choices[0]
    assert choice.finish_reason == "tool_calls"
    (found,) = choice.message.tool_calls
    assert (found.function.name, json.loads(found.function.arguments)) == ("add_numbers", {"a": 3, "b": 4})
    turns += [choice.message, {"role": "tool", "tool_call_id": found.id, "content": "7"}]
    answer = call("chat.completions.create", model=_MODEL, messages=turns, tools=[_TOOL]).choices[0]
    assert "7" in answer.message.content
    chunks = call("chat.completions.create", model=_MODEL, messages=turns[:1], tools=[_TOOL], stream=True)
    (delta,) = [each.choices[0].delta for each in chunks if each.choices[0].delta.tool_calls]
    assert json.loads(delta.tool_calls[0].function.arguments) == {"a": 3, "b": 4}
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def test_structured_outputs(call: Call) -> None:
    parsed = call("chat.completions.parse", model=_MODEL, messages=_TURN, response_format=Sky).choices[0].message.parsed
    assert isinstance(parsed, Sky)
    said = call("chat.completions.create", model=_MODEL, messages=_TURN, response_format={"type": "json_object"})
    assert isinstance(json.loads(said.choices[0].message.content), dict)


def test_reasoning_and_pictures(call: Call) -> None:
    said = (
        call("chat.completions.create", model="qwen3:0.6b", messages=_TURN, reasoning_effort="low").choices[0].message
    )
    assert said.reasoning and said.content
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
    ]
    turns = [{"role": "user", "content": parts}]
    assert call("chat.completions.create", model="llava:7b", messages=turns).choices[0].message.content


def test_completions(call: Call) -> None:
    whole = call("completions.create", model=_MODEL, prompt="Once upon", max_tokens=9)
    chunks = call("completions.create", model=_MODEL, prompt="Once upon", max_tokens=9, stream=True)
    assert "".join(each.choices[0].text for each in chunks) == whole.choices[0].text
    assert (whole.choices[0].finish_reason, whole.usage.completion_tokens) == ("length", 9)


def test_embeddings(call: Call) -> None:
    # The client asks for base64 by itself and unpacks it.
    found = call("embeddings.create", model="nomic-embed-text", input=["x", "y"], dimensions=8)
    plain = call("embeddings.create", model="nomic-embed-text", input="x", dimensions=8, encoding_format="float")
    assert [each.index for each in found.data] == [0, 1]
    assert found.data[0].embedding == pytest.approx(plain.data[0].embedding, abs=1e-6)


def test_models(call: Call, server: MockClient) -> None:
    assert call("models.retrieve", _MODEL).owned_by == "library"
    if isinstance(found := call("models.list"), openai.pagination.SyncPage):
        assert _MODEL in {each.id for each in found}
    with pytest.raises(openai.NotFoundError) as caught:
        call("models.retrieve", "nope")
    assert caught.value.type == "not_found_error"


@pytest.mark.parametrize(
    ("more", "kind", "text"),
    [
        ({"model": "nope", "messages": _TURN}, openai.NotFoundError, "model 'nope' not found"),
        ({"model": _MODEL, "messages": []}, openai.BadRequestError, "[] is too short - 'messages'"),
    ],
)
def test_errors(call: Call, more: Any, kind: type[openai.APIStatusError], text: str) -> None:
    for stream in (False, True):
        with pytest.raises(kind) as caught:
            call("chat.completions.create", stream=stream, **more)
        body: Any = caught.value.body
        assert body["message"] == text


def test_faults_and_retries(server: MockClient) -> None:
    server.configure("ollama", failures={"max_fails": 2})
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="ollama", max_retries=2) as client:
        assert client.chat.completions.create(model=_MODEL, messages=_TURN).choices
        assert [entry["status"] for entry in server.journal()] == [503, 503, 200]
        server.set_faults([{"fault": {"kind": "status", "status": 500, "text": "no"}}])
        with pytest.raises(openai.InternalServerError):
            client.with_options(max_retries=0).models.list()


def test_leaving_in_mid_stream(server: MockClient) -> None:
    server.configure("ollama", token_s=0.05)
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="ollama") as client:
        with client.chat.completions.create(model=_MODEL, messages=_TURN, stream=True) as stream:
            next(iter(stream))
        server.configure("ollama", forget=True)
        assert client.models.list().data
