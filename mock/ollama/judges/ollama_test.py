"""PyPI `ollama`, unmodified, as a judge of the mock: every public method, sync and async."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.client.pytest_plugin import MockServer

# By name: mypy sees the generated package of the same name.
ollama: Any = importlib.import_module("ollama")

_MODEL = "qwen2.5:3b"
_TURN = [{"role": "user", "content": "Why is the sky blue?"}]


@pytest.fixture
def server(mock_server: MockServer) -> MockClient:
    return mock_server("ollama")


def _sync(server: MockClient) -> Callable[..., Any]:
    def call(method: str, *args: Any, **kwargs: Any) -> Any:
        with ollama.Client(host=server.url) as client:
            found = getattr(client, method)(*args, **kwargs)
            return list(found) if isinstance(found, Iterator) else found

    return call


def _async(server: MockClient) -> Callable[..., Any]:
    async def ask(method: str, *args: Any, **kwargs: Any) -> Any:
        async with ollama.AsyncClient(host=server.url) as client:
            found = await getattr(client, method)(*args, **kwargs)
            return [each async for each in found] if hasattr(found, "__aiter__") else found

    return lambda method, *args, **kwargs: asyncio.run(ask(method, *args, **kwargs))


Call = Callable[..., Any]


@pytest.fixture(params=[_sync, _async], ids=["sync", "async"])
def call(request: pytest.FixtureRequest, server: MockClient) -> Call:
    return request.param(server)  # type: ignore[no-any-return]


def add_numbers(a: int, b: int) -> int:
    """Add two numbers.

    Args:
      a: first
      b: second
    """
    return a + b


def test_generate(call: Call) -> None:
    whole = call("generate", _MODEL, "Why is the sky blue?")
    assert whole.done and whole.done_reason == "stop" and whole.response and whole.context
    assert whole.eval_count > 0 and whole.total_duration > 0 and whole.prompt_eval_count > 0
    pieces = call("generate", _MODEL, "Why is the sky blue?", stream=True)
    assert "".join(each.response for each in pieces) == whole.response
    assert [each.done for each in pieces] == [False] * (len(pieces) - 1) + [True]
    cut = call("generate", _MODEL, "Why is the sky blue?", options={"num_predict": 2}, keep_alive="5m", think=False)
    assert (cut.done_reason, cut.eval_count) == ("length", 2)
    likely = call("generate", _MODEL, "x", logprobs=True, top_logprobs=2)
    assert "".join(each.token for each in likely.logprobs) == likely.response
    assert {len(each.top_logprobs) for each in likely.logprobs} == {2}
    raw = call("generate", "granite-code:3b", "def f(", suffix=")", raw=True, context=None)
    assert raw.response and not raw.context
    assert call("generate", _MODEL).done_reason == "load"
    assert call("generate", _MODEL, keep_alive=0).done_reason == "unload"


def test_chat(call: Call) -> None:
    whole = call("chat", _MODEL, _TURN)
    assert whole.message.role == "assistant" and whole.message.content
    pieces = call("chat", _MODEL, _TURN, stream=True)
    assert "".join(each.message.content for each in pieces) == whole.message.content
    assert call("chat", _MODEL).done_reason == "load"
    thought = call("chat", "qwen3:0.6b", _TURN, think="high")
    assert thought.message.thinking and thought.message.content
    picture = {"role": "user", "content": "What is this?", "images": [b"\x89PNG"]}
    assert call("chat", "llava:7b", [picture]).message.content


def test_tools(call: Call) -> None:
    turns: list[Any] = [{"role": "user", "content": "Please add_numbers 3 and 4"}]
    said = call("chat", _MODEL, turns, tools=[add_numbers]).message
    (found,) = said.tool_calls
    assert (found.function.name, found.function.arguments) == ("add_numbers", {"a": 3, "b": 4})
    turns += [
        said,
        {"role": "tool", "content": str(add_numbers(**found.function.arguments)), "tool_name": "add_numbers"},
    ]
    assert "7" in call("chat", _MODEL, turns, tools=[add_numbers]).message.content
    pieces = call("chat", _MODEL, turns[:1], tools=[add_numbers], stream=True)
    assert [len(each.message.tool_calls or []) for each in pieces] == [1, 0]


def test_structured_outputs(call: Call) -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "ok": {"type": "boolean"}},
        "required": ["n", "ok"],
    }
    for text in (
        call("chat", _MODEL, _TURN, format=schema).message.content,
        call("generate", _MODEL, "x", format=schema).response,
    ):
        found = json.loads(text)
        assert found.keys() == {"n", "ok"} and isinstance(found["n"], int) and isinstance(found["ok"], bool)
    assert isinstance(json.loads(call("generate", _MODEL, "x", format="json").response), dict)


def test_embeddings(call: Call) -> None:
    found = call("embed", "nomic-embed-text", ["x", "y"], truncate=True, dimensions=8)
    assert [len(each) for each in found.embeddings] == [8, 8]
    assert math.sqrt(sum(each * each for each in found.embeddings[0])) == pytest.approx(1, abs=1e-5)
    assert len(call("embeddings", "nomic-embed-text", "x").embedding) == 768


def test_models(call: Call) -> None:
    assert _MODEL in {each.model for each in call("list").models}
    shown = call("show", _MODEL)
    assert "completion" in shown.capabilities and shown.modelinfo["general.architecture"] and shown.details.family
    steps = call("pull", "fresh", stream=True)
    assert (steps[0].status, steps[-1].status) == ("pulling manifest", "success")
    assert max(each.completed or 0 for each in steps) == max(each.total or 0 for each in steps)
    assert call("pull", "fresh").status == "success"
    assert call("push", "fresh", insecure=True).status == "success"
    assert call("push", "fresh", stream=True)[-1].status == "success"
    assert call("copy", "fresh", "mine").status == "success"
    assert call("delete", "fresh").status == "success"
    assert {each.model for each in call("list").models} >= {"mine:latest"}
    call("generate", "mine", keep_alive=-1)
    (loaded,) = call("ps").models
    assert (loaded.model, loaded.expires_at.year > 2300) == ("mine:latest", True)
    more = {"system": "s", "parameters": {"temperature": 0.5}, "messages": _TURN, "license": "MIT", "template": "t"}
    assert call("create", "made", from_="mine", **more).status == "success"
    assert call("create", "other", from_="mine", stream=True)[-1].status == "success"
    assert call("show", "made").parameters.split() == ["temperature", "0.5"]


def test_blobs(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(b"GGUF" + bytes(3_000_000))
    digest = call("create_blob", file)
    assert digest == "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()
    assert call("create_blob", str(file)) == digest
    assert call("create", "of-files", files={"m.gguf": digest}).status == "success"


@pytest.mark.parametrize(
    ("method", "args", "status", "text"),
    [
        ("generate", ("nope", "x"), 404, "model 'nope' not found"),
        ("chat", ("nope", _TURN), 404, "model 'nope' not found"),
        ("embed", ("nope", "x"), 404, 'model "nope" not found, try pulling it first'),
        ("show", ("nope",), 404, "model 'nope' not found"),
        ("copy", ("nope", "b"), 404, 'model "nope" not found'),
        ("delete", ("nope",), 404, "model 'nope' not found"),
        ("chat", ("nomic-embed-text", _TURN), 400, '"nomic-embed-text" does not support chat'),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors(call: Call, method: str, args: Any, status: int, text: str, stream: bool) -> None:
    more = {"stream": True} if stream and method in ("generate", "chat") else {}
    with pytest.raises(ollama.ResponseError) as caught:
        call(method, *args, **more)
    assert (caught.value.status_code, caught.value.error) == (status, text)


def test_an_error_within_a_stream(call: Call, server: MockClient) -> None:
    server.configure("ollama", unavailable=["gone"])
    with pytest.raises(ollama.ResponseError) as caught:
        call("pull", "gone", stream=True)
    assert (caught.value.status_code, caught.value.error) == (-1, "pull model manifest: file does not exist")


def test_what_a_tester_sets(call: Call, server: MockClient) -> None:
    text = "ä \u2028 \u2029 \u0085 漢字"
    server.configure("ollama", responses=[{"prompt": "hi", "text": text}], failures={"max_fails": 1})
    with pytest.raises(ollama.ResponseError) as caught:
        call("generate", _MODEL, "hi")
    assert caught.value.status_code == 503
    assert "".join(each.response for each in call("generate", _MODEL, "hi", stream=True)) == text
    assert len(server.journal()) == 2


def test_a_stub_and_a_fault(call: Call, server: MockClient) -> None:
    server.when(path="/api/tags").reply(json={"models": []})
    assert call("list").models == []
    fault: Any = {"kind": "status", "status": 500, "json": {"error": "on purpose"}}
    server.set_faults([{"request": {"path": "/api/ps"}, "fault": fault}])
    with pytest.raises(ollama.ResponseError, match="on purpose"):
        call("ps")


def test_leaving_in_mid_stream(server: MockClient) -> None:
    server.configure("ollama", token_s=0.05)
    with ollama.Client(host=server.url) as client:
        pieces = client.generate(_MODEL, "Tell me a long story", stream=True)
        next(pieces)
        pieces.close()

    async def leave() -> None:
        async with ollama.AsyncClient(host=server.url) as client:
            pieces: Any = await client.chat(_MODEL, _TURN, stream=True)
            await anext(pieces)
            await pieces.aclose()

    asyncio.run(leave())
    server.configure("ollama", forget=True)
    with ollama.Client(host=server.url) as client:
        assert client.generate(_MODEL, "Still there?").response
