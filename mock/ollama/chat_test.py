"""POST /api/chat."""

from typing import Any

import jsonschema

from mock.ollama.conftest import ADD, Mock

_PATH = "/api/chat"
_ASK: dict[str, Any] = {"model": "qwen2.5:3b", "messages": [{"role": "user", "content": "Why is the sky blue?"}]}
_CALL = {"role": "user", "content": "Please call add_numbers with 3 and 4"}


def test_it_streams_unless_told_not_to(mock: Mock) -> None:
    *pieces, last = mock.post(_PATH, _ASK, tools=[]).lines
    assert all(each["message"]["role"] == "assistant" for each in (*pieces, last))
    assert all(each.keys() == {"model", "created_at", "message", "done"} for each in pieces)
    assert (last["done"], last["done_reason"], last["message"]) == (True, "stop", {"role": "assistant", "content": ""})
    assert last["eval_count"] == len(pieces)
    whole = mock.post(_PATH, _ASK, stream=False).json
    assert whole["message"] == {
        "role": "assistant",
        "content": "".join(each["message"]["content"] for each in pieces),
    }
    assert {**last, "message": whole["message"]} == whole
    assert "context" not in whole


def test_a_tool_is_called(mock: Mock) -> None:
    call, last = mock.post(_PATH, model="qwen2.5:3b", messages=[_CALL], tools=[ADD]).lines
    assert call["message"]["content"] == ""
    (found,) = call["message"]["tool_calls"]
    assert found["function"] == {"index": 0, "name": "add_numbers", "arguments": {"a": 3, "b": 4}}
    jsonschema.validate(found["function"]["arguments"], ADD["function"]["parameters"])
    assert found["id"].startswith("call_")
    assert (last["done"], last["done_reason"]) == (True, "stop")
    whole = mock.post(_PATH, model="qwen2.5:3b", messages=[_CALL], tools=[ADD], stream=False).json
    assert whole["message"]["tool_calls"] == [found]
    assert whole["message"]["content"] == ""
    assert whole["eval_count"] > 1


def test_a_tool_that_nobody_asks_for_is_not_called(mock: Mock) -> None:
    whole = mock.post(_PATH, _ASK, tools=[ADD], stream=False).json
    assert "tool_calls" not in whole["message"]
    assert whole["message"]["content"]


def test_the_tools_answer_is_told(mock: Mock) -> None:
    turns = [
        _CALL,
        {"role": "assistant", "tool_calls": [{"function": {"name": "add_numbers", "arguments": {"a": 3, "b": 4}}}]},
        {"role": "tool", "content": "7", "tool_name": "add_numbers"},
    ]
    whole = mock.post(_PATH, model="qwen2.5:3b", messages=turns, tools=[ADD], stream=False).json
    assert "7" in whole["message"]["content"]
    assert "tool_calls" not in whole["message"]


def test_what_was_said_before_counts(mock: Mock) -> None:
    def said(*turns: tuple[str, str]) -> str:
        messages = [{"role": role, "content": content} for role, content in turns]
        return str(mock.post(_PATH, _ASK, messages=messages, stream=False).json["message"]["content"])

    assert said(("user", "b")) == said(("USER", "b"))
    assert said(("user", "b")) != said(("user", "a"), ("assistant", "x"), ("user", "b"))
    assert said(("user", "b")) != said(("system", "s"), ("user", "b"))


def test_pictures_are_seen(mock: Mock) -> None:
    def said(picture: str) -> str:
        turn = {"role": "user", "content": "What is this?", "images": [picture]}
        return str(mock.post(_PATH, model="llava:7b", messages=[turn], stream=False).json["message"]["content"])

    assert said("AQI=")
    assert said("AQI=") != said("AQIDBAUG")


def test_schema_and_thinking_together(mock: Mock) -> None:
    import json

    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    message = mock.post(_PATH, _ASK, model="qwen3:0.6b", format=schema, stream=False).json["message"]
    assert message["thinking"]
    jsonschema.validate(json.loads(message["content"]), schema)


def test_no_messages_load_and_unload(mock: Mock) -> None:
    told = mock.post(_PATH, model="qwen2.5:3b", messages=[], stream=True)
    assert told.json["done_reason"] == "load"
    assert told.json["message"] == {"role": "assistant", "content": ""}
    assert len(mock.get("/api/ps").json["models"]) == 1
    assert mock.post(_PATH, model="qwen2.5:3b", keep_alive=0.0).json["done_reason"] == "unload"
    assert mock.get("/api/ps").json == {"models": []}
