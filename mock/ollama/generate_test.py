"""POST /api/generate."""

from typing import Any

import jsonschema
import pytest

from mock.ollama import language
from mock.ollama.conftest import Mock

_PATH = "/api/generate"
_ASK: dict[str, Any] = {"model": "qwen2.5:3b", "prompt": "Why is the sky blue?"}
_FIGURES = {
    "total_duration",
    "load_duration",
    "prompt_eval_count",
    "prompt_eval_duration",
    "eval_count",
    "eval_duration",
}


def test_it_streams_unless_told_not_to(mock: Mock) -> None:
    *pieces, last = mock.post(_PATH, _ASK).lines
    assert all(each.keys() == {"model", "created_at", "response", "done"} for each in pieces)
    assert {each["done"] for each in pieces} == {False}
    assert last.keys() == {"model", "created_at", "response", "done", "done_reason", "context"} | _FIGURES
    assert (last["done"], last["done_reason"], last["response"]) == (True, "stop", "")
    whole = mock.post(_PATH, _ASK, stream=False).json
    assert whole["response"] == "".join(each["response"] for each in pieces)
    assert {**last, "response": whole["response"]} == whole
    assert mock.post(_PATH, _ASK, stream=None).lines == [*pieces, last]


def test_counts_agree_with_the_texts(mock: Mock) -> None:
    *pieces, last = mock.post(_PATH, _ASK).lines
    assert last["eval_count"] == len(pieces)
    assert last["prompt_eval_count"] == len(language.tokens(_ASK["prompt"]))
    assert len(last["context"]) == last["prompt_eval_count"] + last["eval_count"]
    assert all(last[figure] >= 1 for figure in _FIGURES)


def test_the_same_words_for_the_same_model_prompt_and_seed(mock: Mock) -> None:
    def said(**more: Any) -> str:
        return str(mock.post(_PATH, _ASK, stream=False, **more).json["response"])

    first = said()
    assert said() == first
    assert said(model="phi3:mini") != first
    assert said(prompt="Why not?") != first
    assert said(options={"seed": 1}) not in (first, said(options={"seed": 2}))
    assert said(options={"seed": 1}) == said(options={"seed": 1})
    assert said(options={"seed": 1, "temperature": 0}) == said(options={"seed": 2, "temperature": 0})
    assert said(system="Be brief.") != first
    assert said(context=[1, 2]) != first


def test_num_predict_and_stop(mock: Mock) -> None:
    whole = mock.post(_PATH, _ASK, stream=False).json["response"]
    cut = mock.post(_PATH, _ASK, stream=False, options={"num_predict": 3}).json
    assert (cut["done_reason"], cut["eval_count"]) == ("length", 3)
    assert whole.startswith(cut["response"])
    word = whole.split()[5]
    stopped = mock.post(_PATH, _ASK, stream=False, options={"stop": ["\0", word]}).json
    assert stopped["done_reason"] == "stop"
    assert stopped["response"] == whole[: whole.index(word)]
    for unbound in (-1, 0, -2):
        assert mock.post(_PATH, _ASK, stream=False, options={"num_predict": unbound}).json["response"] == whole


def test_the_context_ends_an_answer(mock: Mock) -> None:
    found = mock.post(_PATH, _ASK, stream=False, options={"num_ctx": 10}).json
    assert found["done_reason"] == "length"
    assert found["prompt_eval_count"] + found["eval_count"] == 10
    long = {"prompt": "word " * 50, "options": {"num_ctx": 20}, "stream": False}
    assert mock.post(_PATH, _ASK | long).json["prompt_eval_count"] == 20
    told = mock.post(_PATH, _ASK | long, truncate=False)
    assert (told.status, told.json) == (400, {"error": "the input length exceeds the context length"})


def test_raw_has_no_context(mock: Mock) -> None:
    assert "context" not in mock.post(_PATH, _ASK, stream=False, raw=True).json


def test_format_json_and_schema(mock: Mock) -> None:
    import json

    assert isinstance(json.loads(mock.post(_PATH, _ASK, stream=False, format="json").json["response"]), dict)
    schema = {
        "type": "object",
        "properties": {"color": {"enum": ["red", "blue"]}, "nm": {"type": "integer", "minimum": 380, "maximum": 750}},
        "required": ["color", "nm"],
    }
    found = json.loads("".join(each["response"] for each in mock.post(_PATH, _ASK, format=schema).lines))
    jsonschema.validate(found, schema)
    assert found["color"] == "blue"
    assert mock.post(_PATH, _ASK, stream=False, format="").json["response"]


def test_logprobs(mock: Mock) -> None:
    *pieces, _ = mock.post(_PATH, _ASK, logprobs=True, top_logprobs=3).lines
    for piece in pieces:
        (found,) = piece["logprobs"]
        assert found["token"] == piece["response"]
        assert bytes(found["bytes"]).decode() == found["token"]
        tops = [each["logprob"] for each in found["top_logprobs"]]
        assert len(tops) == 3 and tops[0] == found["logprob"] <= 0
        assert tops == sorted(tops, reverse=True)
    whole = mock.post(_PATH, _ASK, logprobs=True, stream=False).json
    assert [each["token"] for each in whole["logprobs"]] == [each["response"] for each in pieces]
    assert all("top_logprobs" not in each for each in whole["logprobs"])


def test_thinking(mock: Mock) -> None:
    def thoughts(model: str, **more: Any) -> str:
        return "".join(each.get("thinking", "") for each in mock.post(_PATH, _ASK, model=model, **more).lines)

    assert thoughts("qwen3:0.6b"), "a model that can think does so unless told not to"
    assert not thoughts("qwen3:0.6b", think=False)
    assert not thoughts("qwen2.5:3b")
    assert len(thoughts("qwen3:0.6b", think="low")) < len(thoughts("qwen3:0.6b", think="high"))
    pieces = mock.post(_PATH, _ASK, model="qwen3:0.6b", think=True).lines
    kinds = [bool(each.get("thinking")) for each in pieces]
    assert kinds == sorted(kinds, reverse=True), "thoughts come first"
    whole = mock.post(_PATH, _ASK, model="qwen3:0.6b", stream=False).json
    assert whole["thinking"] == "".join(each.get("thinking", "") for each in pieces)
    assert whole["response"]


def test_an_empty_prompt_loads_and_unloads(mock: Mock) -> None:
    for body in ({"model": "phi3:mini"}, {"model": "phi3:mini", "prompt": ""}, {"model": "phi3:mini", "stream": True}):
        told = mock.post(_PATH, body)
        assert told.kind.startswith("application/json")
        assert told.json == {
            "model": "phi3:mini",
            "created_at": "2027-01-15T08:00:00Z",
            "response": "",
            "done": True,
            "done_reason": "load",
        }
        assert [each["name"] for each in mock.get("/api/ps").json["models"]] == ["phi3:mini"]
    told = mock.post(_PATH, {"model": "phi3:mini", "keep_alive": 0})
    assert told.json["done_reason"] == "unload"
    assert mock.get("/api/ps").json == {"models": []}


def test_lines_have_no_line_ends_within(mock: Mock) -> None:
    mock.configure(responses=[{"prompt": "x", "text": "a\u2028b\u2029c\u0085d ü"}])
    told = mock.post(_PATH, {"model": "phi3:mini", "prompt": "x"})
    assert len(told.body.decode().splitlines()) == len(told.lines)
    assert "".join(each["response"] for each in told.lines) == "a\u2028b\u2029c\u0085d ü"


@pytest.mark.parametrize(
    "name", ["qwen2.5:3b", "QWEN2.5:3B", "library/qwen2.5:3b", "registry.ollama.ai/library/qwen2.5:3b"]
)
def test_the_model_is_named_as_it_was(mock: Mock, name: str) -> None:
    assert mock.post(_PATH, _ASK, model=name, stream=False).json["model"] == name


def test_unknown_fields_are_not_looked_at(mock: Mock) -> None:
    told = mock.post(_PATH, _ASK, stream=False, nobody_knows=1, options={"neither": "this"})
    assert told.status == 200


def test_durations_are_those_of_the_clock(mock: Mock) -> None:
    mock.configure(load_s=2, latency_s=1, token_s=0.5)
    waiting = mock.start("POST", _PATH, {**_ASK, "stream": False})
    mock.advance(60)
    last = mock.loop.run_until_complete(waiting).json
    assert last["load_duration"] == 2 * 10**9
    assert last["prompt_eval_duration"] == 10**9
    assert last["eval_duration"] == last["eval_count"] * 5 * 10**8
    assert last["total_duration"] == last["load_duration"] + last["prompt_eval_duration"] + last["eval_duration"]
    waiting = mock.start("POST", _PATH, {**_ASK, "stream": False})
    mock.advance(100)
    assert mock.loop.run_until_complete(waiting).json["load_duration"] == 1, "it is loaded already"
