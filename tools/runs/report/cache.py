"""Cache hits, and what was not taken from the cache: by the inputs that changed, and target by target."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tools.runs.report import text
from tools.runs.report.data import Cache, Change, Miss

SHOWN = 500  # targets that missed
CAUSES = 12
CHANGES = 8  # of one target


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
    """(kind, what changed, how many targets that alone or with others made run), most targets first."""
    hit: dict[tuple[str, str], set[str]] = {}
    for miss in misses:
        for kind, what in {(change.kind, change.name) for change in miss.changes} or {("", miss.reason or "unknown")}:
            hit.setdefault((kind, what), set()).add(miss.label)
    ranked = sorted(hit.items(), key=lambda each: (-len(each[1]), not each[0][0], each[0]))
    return [[text.name(kind), text.name(what), len(labels)] for (kind, what), labels in ranked[:CAUSES]]


def _words(change: Change) -> list[str]:
    return [text.name(part) for part in (change.kind, change.name, change.before, change.after)]
