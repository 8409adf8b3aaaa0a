"""A batch is sent in chunks: where it is cut, and in which order the chunks go. Source: tinker.md section 3.3."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parity.reference.dialect import Dialect


class NoDataError(ValueError):
    """A call without a single datum."""


@dataclass(frozen=True)
class Limits:
    """`len`: data of a chunk; `size`: of its data together, in the dialect's unit. The server tells 0.38 others."""

    len: int
    size: int

    @classmethod
    def of(cls, dialect: Dialect) -> Limits:
        return cls(dialect.chunk_len, dialect.chunk_size)


def cut(sizes: Iterable[int], limits: Limits) -> list[int]:
    """How many data each chunk gets. A datum above the limit is a chunk by itself."""
    counts: list[int] = []
    held = 0
    for size in sizes:
        if not counts or counts[-1] == limits.len or held + size > limits.size:
            counts.append(0)
            held = 0
        counts[-1] += 1
        held += size
    return counts


def check(count: int, dialect: Dialect) -> None:
    """Raises NoDataError where the dialect refuses a call without data."""
    if count == 0 and not dialect.empty_call:
        raise NoDataError("no data provided: a batch needs at least one datum")


def sending(seq_ids: Sequence[int], parallel: bool) -> list[int]:
    """The chunks' numbers in the order of their sending."""
    return [*seq_ids[1:], *seq_ids[:1]] if parallel else list(seq_ids)
