"""Models: tags, ps, show, pull, push, create, copy, delete."""

from typing import Any

import pytest

from mock.ollama.conftest import Mock

_AT_FIRST = {
    "qwen2.5:0.5b",
    "qwen2.5:3b",
    "granite-code:3b",
    "phi3:mini",
    "qwen3:0.6b",
    "llava:7b",
    "nomic-embed-text:latest",
}


def _names(mock: Mock) -> set[str]:
    return {each["name"] for each in mock.get("/api/tags").json["models"]}


def _details(mock: Mock, name: str) -> Any:
    return next(each for each in mock.get("/api/tags").json["models"] if each["name"] == name)


def test_tags(mock: Mock) -> None:
    assert _names(mock) == _AT_FIRST
    found = _details(mock, "qwen2.5:3b")
    assert found["model"] == found["name"]
    assert len(bytes.fromhex(found["digest"])) == 32
    assert found["modified_at"].endswith("Z")
    assert found["size"] > 0
    assert found["details"]["families"] == [found["details"]["family"]]


def test_show(mock: Mock) -> None:
    mock.configure(
        models=[{"name": "m", "system": "Be kind.", "license": "MIT", "parameters": {"stop": ["a"], "seed": 3}}]
    )
    found = mock.post("/api/show", model="m").json
    assert found["system"] == "Be kind."
    assert found["license"] == "MIT"
    assert [line.split() for line in found["parameters"].splitlines()] == [["stop", '"a"'], ["seed", "3"]]
    assert found["model_info"]["general.architecture"] == found["details"]["family"]
    assert {"completion", "tools", "insert", "vision"} == set(found["capabilities"])
    for line in ("FROM sha256:", 'SYSTEM """Be kind."""', 'PARAMETER stop "a"', 'LICENSE """MIT"""'):
        assert line in found["modelfile"]
    assert "tensors" not in found
    assert mock.post("/api/show", model="m", verbose=True).json["tensors"]
    assert mock.post("/api/show", name="m").json == found
    assert mock.post("/api/show", model="m", system="Other.").json["system"] == "Other."


def test_pull_in_the_documented_order(mock: Mock) -> None:
    steps = mock.post("/api/pull", model="new").lines
    told = [step["status"] for step in steps]
    assert told[0] == "pulling manifest"
    assert told[-3:] == ["verifying sha256 digest", "writing manifest", "success"]
    layers = steps[1:-3]
    assert layers
    done: dict[str, int] = {}
    for step in layers:
        assert step["status"] == f"pulling {step['digest'].removeprefix('sha256:')[:12]}"
        assert done.get(step["digest"], 0) <= step.get("completed", 0) <= step["total"]
        done[step["digest"]] = step.get("completed", 0)
    assert "completed" not in layers[0], "0 is left out"
    assert sum(done.values()) == sum({step["digest"]: step["total"] for step in layers}.values())
    assert "new:latest" in _names(mock)
    again = mock.post("/api/pull", model="new").lines
    assert all(step["completed"] == step["total"] for step in again if "digest" in step)


@pytest.mark.parametrize("path", ["/api/pull", "/api/push"])
@pytest.mark.parametrize("body", [{"model": "phi3:mini"}, {"name": "phi3:mini"}, {"model": "", "name": "phi3:mini"}])
def test_without_a_stream_only_the_last_step(mock: Mock, path: str, body: dict[str, Any]) -> None:
    told = mock.post(path, body, stream=False, insecure=True, username="", password="")
    assert told.json == {"status": "success"}


def test_what_the_registry_does_not_have(mock: Mock) -> None:
    mock.configure(unavailable=["gone"])
    text = "pull model manifest: file does not exist"
    assert mock.post("/api/pull", model="gone").lines == [{"status": "pulling manifest"}, {"error": text}]
    told = mock.post("/api/pull", model="gone", stream=False)
    assert (told.status, told.json) == (500, {"error": text})
    assert _names(mock) == _AT_FIRST


def test_push(mock: Mock) -> None:
    told = [step["status"] for step in mock.post("/api/push", model="phi3:mini").lines]
    assert told[0] == "retrieving manifest"
    assert told[-2:] == ["pushing manifest", "success"]
    *steps, last = mock.post("/api/push", model="nope").lines
    assert [step["status"] for step in steps] == ["retrieving manifest", "couldn't retrieve manifest"]
    assert "no such file" in last["error"]


def test_create_from_a_model(mock: Mock) -> None:
    body = {"model": "mario", "from": "phi3:mini", "system": "You are Mario.", "license": ["a", "b"]}
    more = {"parameters": {"temperature": 0}, "messages": [{"role": "user", "content": "Hi"}], "quantize": "q8_0"}
    told = [step["status"] for step in mock.post("/api/create", body | more).lines]
    assert told[-2:] == ["writing manifest", "success"]
    assert any(each.startswith("using existing layer sha256:") for each in told)
    assert any(each.startswith("creating new layer sha256:") for each in told)
    found = mock.post("/api/show", model="mario").json
    assert (found["system"], found["license"]) == ("You are Mario.", "a\nb")
    assert found["messages"] == [{"role": "user", "content": "Hi"}]
    assert found["details"]["parent_model"] == "phi3:mini"
    assert found["details"]["quantization_level"] == "q8_0"
    assert found["parameters"].split() == ["temperature", "0"]
    chat = {"messages": [{"role": "user", "content": "Who are you?"}], "stream": False}
    assert (
        mock.post("/api/chat", chat, model="mario").json["message"]
        != (mock.post("/api/chat", chat, model="phi3:mini").json["message"])
    )


def test_create_pulls_what_it_is_made_from(mock: Mock) -> None:
    told = [step["status"] for step in mock.post("/api/create", {"model": "mine", "from": "far/away"}).lines]
    assert told[0] == "pulling manifest"
    assert told[-1] == "success"
    assert {"mine:latest", "far/away:latest"} <= _names(mock)


def test_create_from_files(mock: Mock) -> None:
    import hashlib

    digest = "sha256:" + hashlib.sha256(b"GGUF").hexdigest()
    told = mock.post("/api/create", model="mine", files={"m.gguf": digest}, stream=False)
    assert (told.status, told.json) == (400, {"error": f'm.gguf: blob "{digest}" not found'})
    assert mock.post(f"/api/blobs/{digest}", b"GGUF").status == 201
    assert mock.post("/api/create", model="mine", files={"m.gguf": digest}, stream=False).json == {"status": "success"}
    assert _details(mock, "mine:latest")["size"] == 4


def test_copy_and_delete(mock: Mock) -> None:
    told = mock.post("/api/copy", source="phi3:mini", destination="mine")
    assert (told.status, told.body) == (200, b"")
    assert _details(mock, "mine:latest")["digest"] == _details(mock, "phi3:mini")["digest"]
    ask = {"prompt": "Hi", "stream": False}
    assert (
        mock.post("/api/generate", ask, model="mine").json["response"]
        == (mock.post("/api/generate", ask, model="phi3:mini").json["response"])
    )
    for body in ({"model": "mine"}, {"name": "phi3:mini"}):
        told = mock.ask("DELETE", "/api/delete", body)
        assert (told.status, told.body) == (200, b"")
    assert _names(mock) == _AT_FIRST - {"phi3:mini"}
    assert mock.get("/api/ps").json == {"models": []}


@pytest.mark.parametrize(
    ("keep_alive", "stays"),
    [
        (None, 300),
        (60, 60),
        (0.5, 0.5),
        ("2m", 120),
        ("300ms", 0.3),
        (-1, None),
        ("-1s", None),
        (0, 0),
        pytest.param("0", 0, id="text-0"),
    ],
)
def test_keep_alive(mock: Mock, keep_alive: Any, stays: float | None) -> None:
    body = {"model": "phi3:mini", "prompt": "Hi", "stream": False}
    mock.post("/api/generate", body if keep_alive is None else {**body, "keep_alive": keep_alive})
    loaded = mock.get("/api/ps").json["models"]
    assert len(loaded) == (0 if stays == 0 else 1)
    if stays:
        mock.advance(stays * 0.99)
        assert len(mock.get("/api/ps").json["models"]) == 1
        mock.advance(stays * 0.02)
        assert mock.get("/api/ps").json["models"] == []
    if stays is None:
        mock.advance(10**9)
        assert mock.get("/api/ps").json["models"] == loaded
        assert loaded[0]["expires_at"] > "2300"


def test_a_model_is_loaded_while_it_answers(mock: Mock) -> None:
    mock.configure(token_s=1)
    waiting = mock.start("POST", "/api/generate", {"model": "phi3:mini", "prompt": "x", "keep_alive": 1})
    mock.advance(0.5)
    assert [each["name"] for each in mock.get("/api/ps").json["models"]] == ["phi3:mini"]
    mock.advance(100)
    assert mock.loop.run_until_complete(waiting).lines[-1]["done"] is True


def test_the_model_that_was_changed_last_comes_first(mock: Mock) -> None:
    mock.get("/api/tags")
    mock.advance(10)
    mock.configure(models=[{"name": "zz"}])
    mock.advance(10)
    mock.post("/api/copy", source="zz", destination="mm")
    assert [each["name"] for each in mock.get("/api/tags").json["models"]][:2] == ["mm:latest", "zz:latest"]


def test_ps(mock: Mock) -> None:
    for model, seconds in (("phi3:mini", 10), ("qwen2.5:3b", 30), ("llava:7b", 20)):
        mock.post("/api/generate", model=model, keep_alive=seconds, options={"num_ctx": 128})
    found = mock.get("/api/ps").json["models"]
    assert [each["model"] for each in found] == ["qwen2.5:3b", "llava:7b", "phi3:mini"]
    assert found[0]["expires_at"] == "2027-01-15T08:00:30Z"
    assert found[0]["context_length"] == 128
    assert found[0]["digest"] == _details(mock, "qwen2.5:3b")["digest"]
