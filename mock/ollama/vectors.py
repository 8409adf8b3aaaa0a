"""Embeddings without a model: texts with words in common are near each other."""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache

from mock.ollama import language

_WHOLE = 0.25  # how much the order of the words counts beside the words


def embed(weights: str, text: str, length: int, dimensions: int = 0) -> list[float]:
    """Of length 1 (L2). `dimensions`: only so many of the first components, of length 1 again; 0: all."""
    words = [token.strip().lower() for token in language.tokens(text)]
    total = [component * _WHOLE for component in _vector(weights, text, length)]
    for word in words:
        total = [a + b for a, b in zip(total, _vector(weights, word, length), strict=True)]
    if 0 < dimensions < length:
        total = total[:dimensions]
    return _normal(total)


@lru_cache(maxsize=4096)
def _vector(weights: str, word: str, length: int) -> tuple[float, ...]:
    seed = f"{weights}\x1f{word}".encode("utf-8", "surrogatepass")
    return tuple((byte - 127.5) / 127.5 for byte in hashlib.shake_256(seed).digest(length))


def _normal(vector: list[float]) -> list[float]:
    norm = math.sqrt(math.fsum(each * each for each in vector)) or 1.0
    return [each / norm for each in vector]
