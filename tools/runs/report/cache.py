"""Cache hits, and what was not taken from the cache: by the inputs that changed, and target by target."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tools.runs.report import text
from tools.runs.report.data import Cache, Change, Miss

SHOWN = 500  # targets that missed
CAUSES = 12
CHANGES = 8  # of one target
GENERATED = "bazel-out/"  # says less than the source it was made from


def shown(cache: Cache) -> dict[str, Any]:
    """What web/cache.js reads."""
    misses = list(cache.misses)
    sharded = {miss.label for miss in misses if miss.shard}
    return {
        "local": cache.local,
        "remote": cache.remote,
        "executed": cache.executed,
        "causes": causes(misses),
        "misses": [
            {
                "label": text.name(miss.label) + (f" · shard {miss.shard + 1}" if miss.label in sharded else ""),
                "reason": text.lines(miss.reason, 300),
                "changes": [_words(change) for change in miss.changes[:CHANGES]],
                "more": max(0, len(miss.changes) - CHANGES),
            }
            for miss in misses[:SHOWN]
        ],
        "left": max(0, len(misses) - SHOWN),
    }


def causes(misses: Iterable[Miss]) -> list[list[Any]]:
    """(kind, what changed, how many targets it made run, how many more changed for just these), most targets first.

    What made the same targets run stands in one line: of a folder of generated files one is told.
    """
    hit: dict[tuple[str, str], set[str]] = {}
    for miss in misses:
        for kind, what in {(change.kind, change.name) for change in miss.changes} or {("", miss.reason or "unknown")}:
            hit.setdefault((kind, what), set()).add(miss.label)
    together: dict[frozenset[str], list[tuple[str, str]]] = {}
    for cause, labels in sorted(
        hit.items(), key=lambda each: (not each[0][0], each[0][1].startswith(GENERATED), each[0])
    ):
        together.setdefault(frozenset(labels), []).append(cause)
    ranked = sorted(together.items(), key=lambda each: -len(each[0]))
    return [
        [text.name(same[0][0]), text.name(same[0][1]), len(labels), len(same) - 1] for labels, same in ranked[:CAUSES]
    ]


def _words(change: Change) -> list[str]:
    return [text.name(part) for part in (change.kind, change.name, change.before, change.after)]
