"""What balancing a target's shards would gain, and the file that does it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.python.pytest.shard import split

# A new file makes the target run again everywhere, so it must be worth it: both of these.
WORTH_SHARE = 0.10
WORTH_SECONDS = 0.5
# A figure stays as it was when the new one is this near: durations wander with the machine's load.
NEAR_SHARE = 0.25
NEAR_SECONDS = 0.05
SMALLEST = 0.01  # seconds; less says nothing


@dataclass(frozen=True, slots=True)
class Plan:
    """One target.

    Attributes:
        durations: node id → seconds, what the file is to hold.
        now: seconds of the slowest shard as cases are dealt today, start-up left out.
        balanced: the same with `durations`.
        best: what no way to deal can beat: the longest case, or all of them by the number of shards.
    """

    label: str
    shards: int
    durations: dict[str, float]
    now: float
    balanced: float
    best: float

    @property
    def seconds(self) -> float:
        """Gained at each run."""
        return self.now - self.balanced

    @property
    def share(self) -> float:
        """Of today's time, 0 to 1."""
        return self.seconds / self.now if self.now else 0.0

    @property
    def worth(self) -> bool:
        return self.share >= WORTH_SHARE and self.seconds >= WORTH_SECONDS


class DurationsError(RuntimeError):
    """A file of durations that is none; the text names it."""


def plan(label: str, shards: int, measured: Mapping[str, float], kept: Mapping[str, float] | None) -> Plan:
    """Compares `measured` (node id → seconds, by history) with `kept` (what the file holds today, None without one)."""
    durations = stable(measured, kept or {})
    nodes = sorted(measured)

    def slowest(by: Mapping[str, float] | None) -> float:
        return max((sum(measured[node] for node in part) for part in split(nodes, shards, by)), default=0.0)

    best = max(max(measured.values(), default=0.0), sum(measured.values()) / shards)
    return Plan(label, shards, durations, slowest(kept), slowest(durations), best)


def stable(measured: Mapping[str, float], kept: Mapping[str, float]) -> dict[str, float]:
    """Two digits of each figure, and those of `kept` that are still near: a small change makes a small difference."""
    result = {}
    for node, seconds in sorted(measured.items()):
        old = kept.get(node)
        near = old is not None and abs(seconds - old) <= max(NEAR_SHARE * old, NEAR_SECONDS)
        result[node] = old if old is not None and near else max(SMALLEST, float(f"{seconds:.2g}"))
    return result


def equal(nodes: Sequence[str], shards: int, durations: Mapping[str, float]) -> float:
    """Seconds of the slowest shard when cases are dealt in turn, as Bazel's own runners do."""
    return max(sum(durations[node] for node in nodes[start::shards]) for start in range(shards))


def read(path: Path) -> dict[str, float] | None:
    """What a file of durations holds; None when there is none.

    Raises DurationsError when it is something else, OSError when it can't be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        found = json.loads(text)
    except ValueError as error:
        raise DurationsError(f"{path}: not JSON: {error}") from None
    if not isinstance(found, dict) or not all(type(each) in (int, float) and each >= 0 for each in found.values()):
        raise DurationsError(f"{path}: expected an object, node id → seconds")
    return found


def render(durations: Mapping[str, float]) -> str:
    """One case a line, in the order of their names."""
    return json.dumps(dict(sorted(durations.items())), indent=2, ensure_ascii=False) + "\n"
