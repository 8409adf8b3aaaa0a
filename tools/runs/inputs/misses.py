"""Why actions ran at all: what no cache answered, with the first reason before what follows from it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tools.runs.inputs.action import Action
from tools.runs.inputs.manifest import Difference, Manifest, why

SAME = "nothing changed: it failed before, was asked to run again, or its outputs were gone"
NEW = "never seen before"


@dataclass(frozen=True, slots=True)
class Miss:
    """An action that ran.

    Attributes:
        name: who it is over all runs (Action.name). shard: from 0. test: whether it ran a test.
        seconds: of all its tries.
        differences: against the last time it was seen; empty when it is new or nothing changed.
        new: it was never seen before.
        because: names of the actions of this build that made what changed; empty for a first reason.
        origins: what changed in the first place, here or in the actions that made its inputs.
    """

    name: str
    label: str
    shard: int
    test: bool
    seconds: float
    differences: tuple[Difference, ...]
    new: bool
    because: tuple[str, ...]
    origins: tuple[Difference, ...]

    @property
    def root(self) -> bool:
        return not self.because

    @property
    def reasons(self) -> list[str]:
        """The origins, one line each; never empty."""
        return [str(origin) for origin in self.origins] or [NEW if self.new else SAME]


@dataclass(frozen=True, slots=True)
class Cause:
    """A first reason, and what followed from it.

    Attributes:
        what: one line, as Miss.reasons has it.
        reached: how many actions ran because of it, alone or with others; tests: how many of these are tests.
        seconds: their time, added up.
        example: label of the first of them.
    """

    what: str
    reached: int
    tests: int
    seconds: float
    example: str


@dataclass(frozen=True, slots=True)
class Rates:
    """Where results of actions came from. `local`: Bazel's own action cache, which no log names; from build metrics."""

    ran: int
    disk: int = 0
    remote: int = 0
    local: int = 0

    @property
    def total(self) -> int:
        return self.ran + self.disk + self.remote + self.local

    def share(self, count: int) -> float:
        """Of all, from 0 to 1; 0 when there was nothing."""
        return count / self.total if self.total else 0.0

    def __str__(self) -> str:
        parts = [(self.local, "local"), (self.disk, "disk"), (self.remote, "remote"), (self.ran, "ran")]
        return ", ".join(f"{count} {name} ({self.share(count):.0%})" for count, name in parts if count) or "no action"


def rates(spawns: Iterable[Action], local: int = 0) -> Rates:
    """Adds up who answered; `local`: hits of the local action cache, from the build's metrics."""
    last = {action.name: action.cache for action in spawns if not action.aside}  # of several tries
    counts = Counter(last.values())
    return Rates(ran=counts[""], disk=counts["disk"], remote=counts["remote"], local=local)


def misses(spawns: Sequence[Action], previous: Callable[[Action], Manifest | None]) -> list[Miss]:
    """Every action that ran, first reasons first and the costly ones among them first.

    `previous` gives the inputs that an action had the last time it was seen, None when it never was.
    """
    makers = {output.rstrip("/"): action.name for action in spawns for output in action.outputs}
    found: dict[str, Miss] = {}  # of what a cache answered too: it hands on what changed before it
    for action in spawns:  # in the order in which they ended: who made an input comes before who reads it
        if action.aside:
            continue
        if earlier := found.get(action.name):  # another try of the same test
            found[action.name] = replace(earlier, seconds=earlier.seconds + action.seconds)
            continue
        before = previous(action)
        differences = tuple(why(before, action.manifest)) if before else ()
        origins: dict[Difference, None] = {}
        because: dict[str, None] = {}
        for difference in differences:
            maker = next((makers[path] for path in _above(difference.name) if path in makers), "")
            if not difference.generated or maker not in found:
                origins[difference] = None
                continue
            because[maker] = None
            origins.update(dict.fromkeys(found[maker].origins or (difference,)))
        found[action.name] = Miss(
            name=action.name,
            label=action.label,
            shard=action.shard,
            test=action.test,
            seconds=action.seconds,
            differences=differences,
            new=before is None,
            because=tuple(because),
            origins=tuple(origins),
        )
    ran = {action.name for action in spawns if not action.cache}
    return sorted(
        (miss for name, miss in found.items() if name in ran),
        key=lambda miss: (not miss.root, -miss.seconds, miss.name),
    )


def causes(found: Iterable[Miss]) -> list[Cause]:
    """First reasons, the one that reached most first."""
    reached: defaultdict[str, list[Miss]] = defaultdict(list)
    for miss in found:
        for reason in miss.reasons:
            reached[reason].append(miss)
    result = [
        Cause(
            what=reason,
            reached=len(hit),
            tests=sum(miss.test for miss in hit),
            seconds=sum(miss.seconds for miss in hit),
            example=hit[0].label,
        )
        for reason, hit in reached.items()
    ]
    return sorted(result, key=lambda cause: (-cause.reached, -cause.seconds, cause.what))


def _above(path: str) -> list[str]:
    """The path and every folder above it: an action may have made one of these."""
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[:end]) for end in range(len(parts), 0, -1)]
