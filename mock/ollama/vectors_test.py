"""Embeddings."""

import math

import pytest

from mock.ollama import vectors


def _dot(one: list[float], other: list[float]) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("text", ["x", "", "a longer text, with signs", "äöü 漢字 🙂", "\udc80"])
@pytest.mark.parametrize("dimensions", [0, 1, 2, 7, 64, 100])
def test_length_one_and_always_the_same(text: str, dimensions: int) -> None:
    found = vectors.embed("m", text, 64, dimensions)
    assert len(found) == (dimensions if 0 < dimensions < 64 else 64)
    assert _dot(found, found) == pytest.approx(1)
    assert found == vectors.embed("m", text, 64, dimensions)


def test_other_texts_and_models_give_other_vectors() -> None:
    assert vectors.embed("m", "x", 8) != vectors.embed("m", "y", 8)
    assert vectors.embed("m", "x", 8) != vectors.embed("n", "x", 8)
    assert vectors.embed("m", "dog bites man", 8) != vectors.embed("m", "man bites dog", 8)


def test_common_words_bring_texts_near() -> None:
    cats, more_cats, law = (
        vectors.embed("m", text, 256)
        for text in ("cats sleep all day", "my cats sleep all night", "the statute of limitations")
    )
    assert _dot(cats, more_cats) > _dot(cats, law) + 0.2
