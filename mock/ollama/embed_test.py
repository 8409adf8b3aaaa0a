"""POST /api/embed and /api/embeddings."""

import math
from typing import Any

import pytest

from mock.ollama.conftest import Mock

_MODEL = {"model": "nomic-embed-text"}


def _norm(vector: list[float]) -> float:
    return math.sqrt(math.fsum(each * each for each in vector))


def test_one_vector_a_text(mock: Mock) -> None:
    found = mock.post("/api/embed", _MODEL, input=["one", "two words"]).json
    assert found.keys() == {"model", "embeddings", "total_duration", "load_duration", "prompt_eval_count"}
    assert [len(vector) for vector in found["embeddings"]] == [768, 768]
    assert [_norm(vector) for vector in found["embeddings"]] == pytest.approx([1, 1], abs=1e-5)
    assert found["prompt_eval_count"] == 3
    assert mock.post("/api/embed", _MODEL, input="one").json["embeddings"] == found["embeddings"][:1]


def test_dimensions(mock: Mock) -> None:
    (whole,) = mock.post("/api/embed", _MODEL, input="x").json["embeddings"]
    (found,) = mock.post("/api/embed", _MODEL, input="x", dimensions=2, truncate=True).json["embeddings"]
    assert len(found) == 2
    assert _norm(found) == pytest.approx(1, abs=1e-5)
    assert found[0] / found[1] == pytest.approx(whole[0] / whole[1], rel=1e-4)
    assert len(mock.post("/api/embed", _MODEL, input="x", dimensions=10**6).json["embeddings"][0]) == 768


@pytest.mark.parametrize("empty", ["", [], None])
def test_nothing_gives_nothing(mock: Mock, empty: Any) -> None:
    assert mock.post("/api/embed", _MODEL, input=empty).json == {"model": "nomic-embed-text", "embeddings": []}
    assert [each["name"] for each in mock.get("/api/ps").json["models"]] == ["nomic-embed-text:latest"]


def test_truncate(mock: Mock) -> None:
    mock.configure(models=[{"name": "short", "capabilities": ["embedding"], "context_length": 3}])
    cut = mock.post("/api/embed", model="short", input="a b c d e").json
    assert cut["embeddings"] == mock.post("/api/embed", model="short", input="a b c").json["embeddings"]
    assert cut["prompt_eval_count"] == 3
    told = mock.post("/api/embed", model="short", input="a b c d", truncate=False)
    assert (told.status, told.json) == (400, {"error": "the input length exceeds the context length"})


def test_the_older_form(mock: Mock) -> None:
    found = mock.post("/api/embeddings", _MODEL, prompt="x").json
    assert found.keys() == {"embedding"}
    (vector,) = mock.post("/api/embed", _MODEL, input="x").json["embeddings"]
    assert found["embedding"] == pytest.approx(vector, abs=1e-6)
    assert mock.post("/api/embeddings", _MODEL, prompt="").json == {"embedding": []}
    assert mock.post("/api/embeddings", _MODEL).json == {"embedding": []}


def test_latency(mock: Mock) -> None:
    mock.configure(latency_s=5)
    for path, body in (("/api/embed", {"input": "x"}), ("/api/embeddings", {"prompt": "x"})):
        waiting = mock.start("POST", path, _MODEL | body)
        mock.advance(4)
        assert not waiting.done()
        mock.advance(2)
        assert mock.loop.run_until_complete(waiting).status == 200
