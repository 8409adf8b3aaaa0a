"""What a tester sets: responses, errors, failures, waits, models."""

from typing import Any

import pytest
from samewire_wire import WireError

from mock.engine.backend import Refusal
from mock.ollama.conftest import Mock, Told

_BUSY = "server busy, please try again.  maximum pending requests exceeded"


def _ask(mock: Mock, prompt: str, **more: Any) -> Told:
    return mock.post("/api/generate", {"model": "phi3:mini", "prompt": prompt, "stream": False}, **more)


def test_responses_by_prompt(mock: Mock) -> None:
    mock.configure(responses=[{"prompt": "hi", "text": "Hello!"}])
    mock.configure(responses=[{"prompt": "hi", "model": "qwen2.5:3b", "text": "Ni hao!"}])
    assert _ask(mock, "hi").json["response"] == "Hello!"
    assert _ask(mock, "hi", model="qwen2.5:3b").json["response"] == "Ni hao!"
    assert _ask(mock, "hi there").json["response"] not in ("Hello!", "Ni hao!")
    chat = mock.post("/v1/chat/completions", model="phi3:mini", messages=[{"role": "user", "content": "hi"}]).json
    assert chat["choices"][0]["message"]["content"] == "Hello!"
    mock.configure(responses=[{"prompt": "hi", "text": ""}])
    assert _ask(mock, "hi").json["response"] == ""
    mock.configure(forget=True)
    assert _ask(mock, "hi").json["response"]


def test_scripted_calls_and_thoughts(mock: Mock) -> None:
    mock.configure(
        responses=[
            {"prompt": "2+3?", "thinking": "Easy.", "calls": [{"name": "add", "arguments": {"a": 2, "b": 3}}]},
            {"prompt": "5", "text": "It is 5."},
        ]
    )
    turns: list[dict[str, Any]] = [{"role": "user", "content": "2+3?"}]
    said = mock.post("/api/chat", model="qwen3:0.6b", messages=turns, stream=False).json["message"]
    assert said["thinking"] == "Easy."
    assert said["tool_calls"][0]["function"] == {"index": 0, "name": "add", "arguments": {"a": 2, "b": 3}}
    turns += [said, {"role": "tool", "content": "5"}]
    assert (
        mock.post("/api/chat", model="qwen3:0.6b", messages=turns, stream=False).json["message"]["content"]
        == "It is 5."
    )


def test_errors_by_prompt(mock: Mock) -> None:
    mock.configure(
        errors=[
            {"prompt": "boom", "error": "it broke"},
            {"prompt": "plain", "status": 502, "error": "x", "plain": True},
        ]
    )
    told = _ask(mock, "boom")
    assert (told.status, told.json) == (500, {"error": "it broke"})
    told = _ask(mock, "plain", stream=True)
    assert (told.status, told.body, told.kind[:10]) == (502, b"x", "text/plain")
    assert _ask(mock, "fine").status == 200
    told = mock.post("/v1/completions", model="phi3:mini", prompt="boom")
    assert told.json["error"] == {"message": "it broke", "type": "api_error", "param": None, "code": None}
    assert mock.post("/api/embed", model="phi3:mini", input="boom").status == 500
    assert mock.post("/api/embeddings", model="phi3:mini", prompt="boom").status == 500


def test_failures(mock: Mock) -> None:
    mock.configure(failures={"max_fails": 2})
    told = [_ask(mock, "x") for _ in range(3)]
    assert [each.status for each in told] == [503, 503, 200]
    assert told[0].json == {"error": _BUSY}
    mock.configure(failures={"status": 500, "error": "out of memory"})
    assert {_ask(mock, "x").status for _ in range(5)} == {500}
    assert mock.get("/api/tags").status == 200, "only requests to a model fail"
    mock.configure(failures={"enabled": False})
    assert _ask(mock, "x").status == 200


def test_waits_on_the_sessions_clock(mock: Mock) -> None:
    mock.configure(latency_s=3)
    waiting = mock.start("POST", "/api/generate", {"model": "phi3:mini", "prompt": "x", "stream": False})
    mock.advance(2.9)
    assert not waiting.done()
    mock.advance(0.2)
    assert mock.loop.run_until_complete(waiting).status == 200


def test_models_are_added_and_removed(mock: Mock) -> None:
    mock.configure(models=[{"name": "m", "size": 7}], remove_models=["phi3:mini"])
    names = {each["name"]: each["size"] for each in mock.get("/api/tags").json["models"]}
    assert names["m:latest"] == 7
    assert "phi3:mini" not in names
    assert _ask(mock, "x").status == 404
    mock.configure(strict_models=False)
    assert _ask(mock, "x", think=True, suffix="y").status == 200
    assert "phi3:mini" not in {each["name"] for each in mock.get("/api/tags").json["models"]}
    assert mock.ask("DELETE", "/api/delete", {"model": "whatever"}).status == 200


@pytest.mark.parametrize(
    "settings", [{"models": [{"name": "a b"}]}, {"remove_models": [""]}, {"unavailable": ["x", "-"], "version": "9"}]
)
def test_a_bad_name_changes_nothing(mock: Mock, settings: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="is no name of a model"):
        mock.configure(**settings)
    assert mock.get("/api/version").json == {"version": "0.17.4"}


@pytest.mark.parametrize("settings", [{"nope": 1}, {"latency_s": -1}, {"failures": {"status": 200}}])
def test_bad_settings(mock: Mock, settings: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        mock.configure(**settings)


def test_version(mock: Mock) -> None:
    mock.configure(version="1.2.3")
    assert mock.get("/api/version").json == {"version": "1.2.3"}
    told = mock.get("/")
    assert (told.body, told.kind) == (b"Ollama is running", "text/plain; charset=utf-8")
