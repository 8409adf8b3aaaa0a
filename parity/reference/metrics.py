"""The metrics of a call's chunks become one set. Source: tinker.md section 3.6; seeds 000 4.1, 001 3.1.1."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from parity.reference.dialect import Dialect

_LANE = 14029467366897019727
_MIX = 11400714785074694791
_START = 2870177450012600261
_WORD = (1 << 64) - 1
_PRIME = (1 << 61) - 1


class MetricKeyError(ValueError):
    """A metric is not called name:reduction."""


class ZeroWeightError(ZeroDivisionError):
    """A mean over chunks that have no outputs at all."""


@dataclass(frozen=True)
class Measured:
    """The metrics of one chunk, and how many outputs it has: its weight."""

    metrics: Mapping[str, float]
    outputs: int


def reduce(results: Sequence[Measured], dialect: Dialect) -> dict[str, float]:
    """By the reduction in each key, over the keys of the first chunk that all others have too.

    Raises MetricKeyError, ZeroWeightError. Reductions that the dialect does not have are dropped with their keys.
    """
    reduced: dict[str, float] = {}
    if not results:
        return reduced
    weights = [result.outputs for result in results]
    for key in results[0].metrics:
        name, colon, reduction = key.partition(":")
        if not colon or ":" in reduction:
            raise MetricKeyError(f"metric {key!r} is not called name:reduction")
        values = [result.metrics[key] for result in results if key in result.metrics]
        if len(values) == len(results):
            reduced.update(_reduced(name, reduction, values, weights, dialect))
    return reduced


def _reduced(
    name: str, reduction: str, values: list[float], weights: list[int], dialect: Dialect
) -> Iterator[tuple[str, float]]:
    key = f"{name}:{reduction}"
    if reduction == "unique":
        for place, value in enumerate(values):
            yield key if place == 0 else f"{key}_{place - 1 + dialect.unique_from}", value
    elif reduction == "mean":
        yield key, _mean(key, values, weights)
    elif reduction == "slack":
        yield key, max(values) - _mean(key, values, weights)
    elif reduction == dialect.hash_reduction:
        yield key, _HASHES[reduction](values)
    elif reduction in _PLAIN:
        yield key, _PLAIN[reduction](values)


def _mean(key: str, values: list[float], weights: list[int]) -> float:
    total = sum(weights)
    if total == 0:
        raise ZeroWeightError(f"metric {key!r}: no chunk has outputs, so there is nothing to weigh by")
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / total


def _hash_unordered(values: list[float]) -> float:
    """As CPython hashes the sorted tuple of the whole parts, on 64 bits, on any interpreter; kept as a float."""
    acc = _START
    for value in sorted(int(value) for value in values):
        lane = abs(value) % _PRIME * (1 if value >= 0 else -1)
        acc = (acc + (-2 if lane == -1 else lane) * _LANE) & _WORD
        acc = (acc << 31 | acc >> 33) & _WORD
        acc = acc * _MIX & _WORD
    acc = (acc + (len(values) ^ (_START ^ 3527539))) & _WORD
    if acc == _WORD:
        acc = 1546275796
    return float(acc - (1 << 64) if acc >> 63 else acc)


def _hash2(values: list[float]) -> float:
    """The order does not matter, and parts can be summed further. An integer of up to 64 bits."""
    return sum(int(value) & _WORD for value in values) & _WORD


_PLAIN: dict[str, Callable[[list[float]], float]] = {"sum": sum, "min": min, "max": max}
_HASHES: dict[str, Callable[[list[float]], float]] = {"hash_unordered": _hash_unordered, "hash2": _hash2}
