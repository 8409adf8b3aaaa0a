"""Red results that say the same, together: one fault is read once, however many cases it hits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tools.runs.failures.message import normalise, plain, signature
from tools.runs.record import CaseResult


@dataclass(frozen=True, slots=True)
class Cluster:
    """Red results with one normalised message.

    Attributes:
        signature: of the message, as in the record.
        message: the normalised message; the outcome's name where the results have none.
        example: the first result's own message, as text for people.
        results: all of them in the order given.
    """

    signature: str
    message: str
    example: str
    results: tuple[CaseResult, ...]

    @property
    def cases(self) -> int:
        """How many cases it hits; attempts at one case count once."""
        return len({result.case for result in self.results})

    @property
    def labels(self) -> tuple[str, ...]:
        """The targets it hits, sorted."""
        return tuple(sorted({result.case.label for result in self.results}))


def cluster(results: Iterable[CaseResult]) -> list[Cluster]:
    """The red ones among the results in clusters: those that hit the most cases first."""
    groups: dict[str, list[CaseResult]] = {}
    for result in results:
        if result.red:
            groups.setdefault(result.signature or signature(result.message), []).append(result)
    clusters = [_cluster(key, members) for key, members in groups.items()]
    return sorted(clusters, key=lambda each: (-each.cases, str(each.results[0].case), each.signature))


def _cluster(key: str, members: list[CaseResult]) -> Cluster:
    first = members[0]
    return Cluster(key, normalise(first.message) or first.outcome, plain(first.message).strip(), tuple(members))
