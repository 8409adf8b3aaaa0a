"""The OpenAI-compatible API."""

import base64
import json
import re
import struct
from typing import Any

import jsonschema
import pytest

from mock.ollama.conftest import ADD, Mock

_CHAT = "/v1/chat/completions"
_ASK: dict[str, Any] = {"model": "qwen2.5:3b", "messages": [{"role": "user", "content": "Why is the sky blue?"}]}


def test_chat(mock: Mock) -> None:
    found = mock.post(_CHAT, _ASK).json
    assert re.fullmatch(r"chatcmpl-\d{1,3}", found["id"])
    assert (found["object"], found["created"], found["model"]) == ("chat.completion", 1_800_000_000, "qwen2.5:3b")
    assert found["system_fingerprint"] == "fp_ollama"
    (choice,) = found["choices"]
    assert choice.keys() == {"index", "message", "finish_reason"}
    assert (choice["index"], choice["finish_reason"]) == (0, "stop")
    assert choice["message"].keys() == {"role", "content"}
    usage = found["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_chat_stream(mock: Mock) -> None:
    *chunks, last = mock.post(_CHAT, _ASK, stream=True).events
    assert {each["object"] for each in (*chunks, last)} == {"chat.completion.chunk"}
    assert len({(each["id"], each["created"]) for each in (*chunks, last)}) == 1
    deltas = [each["choices"][0]["delta"] for each in chunks]
    assert deltas[0]["role"] == "assistant"
    assert all("role" not in each for each in deltas[1:])
    assert {each["choices"][0]["finish_reason"] for each in chunks} == {None}
    assert last["choices"] == [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    assert all("usage" not in each for each in (*chunks, last))
    whole = mock.post(_CHAT, _ASK).json
    assert "".join(each["content"] for each in deltas) == whole["choices"][0]["message"]["content"]
    *_, usage = mock.post(_CHAT, _ASK, stream=True, stream_options={"include_usage": True}).events
    assert usage["choices"] == []
    assert usage["usage"] == whole["usage"]


@pytest.mark.parametrize("stream", [False, True])
def test_tool_calls_have_their_arguments_in_a_string(mock: Mock, stream: bool) -> None:
    body: dict[str, Any] = {
        "model": "qwen2.5:3b",
        "messages": [{"role": "user", "content": "add_numbers 3 and 4"}],
        "tools": [ADD],
        "tool_choice": "auto",
        "stream": stream,
    }
    told = mock.post(_CHAT, body)
    if stream:
        first, last = told.events
        message, reason = first["choices"][0]["delta"], last["choices"][0]["finish_reason"]
    else:
        message, reason = told.json["choices"][0]["message"], told.json["choices"][0]["finish_reason"]
    (call,) = message["tool_calls"]
    assert reason == "tool_calls"
    assert (call["type"], call["index"], call["function"]["name"]) == ("function", 0, "add_numbers")
    assert json.loads(call["function"]["arguments"]) == {"a": 3, "b": 4}
    turns = [*body["messages"], message, {"role": "tool", "tool_call_id": call["id"], "content": "7"}]
    if not stream:
        answer = mock.post(_CHAT, body, messages=turns).json["choices"][0]
        assert "7" in answer["message"]["content"]
        assert answer["finish_reason"] == "stop"
    turns[1] = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{**call, "function": {"name": "f", "arguments": "{"}}],
    }
    told = mock.post(_CHAT, body, messages=turns)
    assert (told.status, told.json["error"]["message"]) == (400, "invalid tool call arguments")


def test_response_formats(mock: Mock) -> None:
    def said(form: Any) -> Any:
        return json.loads(mock.post(_CHAT, _ASK, response_format=form).json["choices"][0]["message"]["content"])

    assert isinstance(said({"type": "json_object"}), dict)
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
        "additionalProperties": False,
    }
    jsonschema.validate(
        said({"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}), schema
    )
    told = mock.post(_CHAT, _ASK, response_format={"type": "text"})
    assert told.json["choices"][0]["message"]["content"]


def test_reasoning(mock: Mock) -> None:
    def thoughts(**more: Any) -> str:
        message = mock.post(_CHAT, _ASK, model="qwen3:0.6b", **more).json["choices"][0]["message"]
        return str(message.get("reasoning", ""))

    assert not thoughts(reasoning_effort="none")
    assert len(thoughts(reasoning_effort="low")) < len(thoughts(reasoning={"effort": "high"}))
    *chunks, _ = mock.post(_CHAT, _ASK, model="qwen3:0.6b", stream=True).events
    assert "".join(each["choices"][0]["delta"].get("reasoning", "") for each in chunks) == thoughts()


def test_parts_and_pictures(mock: Mock) -> None:
    def said(picture: str) -> Any:
        parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": picture}}]
        told = mock.post(_CHAT, model="llava:7b", messages=[{"role": "user", "content": parts}])
        return told.json["choices"][0]["message"]["content"] if told.status == 200 else told.json["error"]["message"]

    assert said("data:image/png;base64,AQI=") != said("data:image/png;base64,AQIDBAUG")
    assert said("data:image/png;base64,@") == "invalid message format"


def test_max_tokens_stop_and_seed(mock: Mock) -> None:
    def choice(**more: Any) -> Any:
        return mock.post(_CHAT, _ASK, **more).json["choices"][0]

    whole = choice()["message"]["content"]
    cut = choice(max_tokens=3)
    assert cut["finish_reason"] == "length"
    assert whole.startswith(cut["message"]["content"])
    word = whole.split()[4]
    for stop in (word, [word]):
        assert choice(stop=stop)["message"]["content"] == whole[: whole.index(word)]
    assert choice(seed=5)["message"]["content"] != whole


def test_logprobs(mock: Mock) -> None:
    found = mock.post(_CHAT, _ASK, logprobs=True, top_logprobs=2).json["choices"][0]
    content = found["logprobs"]["content"]
    assert "".join(each["token"] for each in content) == found["message"]["content"]
    assert all(len(each["top_logprobs"]) == 2 for each in content)


def test_completions(mock: Mock) -> None:
    body = {"model": "qwen2.5:3b", "prompt": "Once upon"}
    whole = mock.post("/v1/completions", body).json
    assert re.fullmatch(r"cmpl-\d{1,3}", whole["id"])
    assert whole["object"] == "text_completion"
    (choice,) = whole["choices"]
    assert choice["finish_reason"] == "stop"
    *chunks, last = mock.post("/v1/completions", body, stream=True).events
    assert "".join(each["choices"][0]["text"] for each in chunks) == choice["text"]
    assert (last["choices"][0]["finish_reason"], last["choices"][0]["text"]) == ("stop", "")
    assert all("usage" not in each for each in chunks)
    *chunks, usage = mock.post("/v1/completions", body, stream=True, stream_options={"include_usage": True}).events
    assert {each["usage"]["total_tokens"] for each in chunks} == {0}
    assert (usage["choices"], usage["usage"]) == ([], whole["usage"])
    assert mock.post("/v1/completions", body, max_tokens=2).json["choices"][0]["finish_reason"] == "length"


def test_embeddings(mock: Mock) -> None:
    body = {"model": "nomic-embed-text", "input": ["a", "b"], "dimensions": 4}
    floats = mock.post("/v1/embeddings", body).json
    assert (floats["object"], floats["model"]) == ("list", "nomic-embed-text")
    assert [(each["object"], each["index"], len(each["embedding"])) for each in floats["data"]] == [
        ("embedding", 0, 4),
        ("embedding", 1, 4),
    ]
    assert floats["usage"] == {"prompt_tokens": 2, "total_tokens": 2}
    packed = mock.post("/v1/embeddings", body, encoding_format="base64").json
    for one, other in zip(floats["data"], packed["data"], strict=True):
        assert struct.unpack("<4f", base64.b64decode(other["embedding"])) == pytest.approx(one["embedding"], abs=1e-7)
    (native,) = mock.post("/api/embed", model="nomic-embed-text", input="a", dimensions=4).json["embeddings"]
    assert floats["data"][0]["embedding"] == native
    assert len(mock.post("/v1/embeddings", body, input="").json["data"]) == 1


def test_models(mock: Mock) -> None:
    found = mock.get("/v1/models").json
    assert found["object"] == "list"
    assert {
        "id": "phi3:mini",
        "object": "model",
        "created": found["data"][0]["created"],
        "owned_by": "library",
    } in found["data"]
    assert mock.get("/v1/models/phi3:mini").json["id"] == "phi3:mini"
    mock.configure(models=[{"name": "me/m"}])
    assert mock.get("/v1/models/me%2Fm").json["owned_by"] == "me"
    mock.configure(remove_models=[each["id"] for each in mock.get("/v1/models").json["data"]])
    assert mock.get("/v1/models").json == {"object": "list", "data": None}
    assert mock.get("/api/tags").json == {"models": []}


def test_waiting_answers(mock: Mock) -> None:
    mock.configure(latency_s=1)
    for path, body in (
        (_CHAT, _ASK),
        ("/v1/completions", {"model": "phi3:mini", "prompt": "x"}),
        ("/v1/embeddings", {"model": "phi3:mini", "input": "x"}),
    ):
        waiting = mock.start("POST", path, body)
        mock.advance(0.5)
        assert not waiting.done()
        mock.advance(1)
        assert mock.loop.run_until_complete(waiting).status == 200
