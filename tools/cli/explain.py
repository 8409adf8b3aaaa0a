"""`samewire explain`: why actions of a build ran and were not taken from a cache."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from tools.runs import history
from tools.runs.exit import Exit
from tools.runs.inputs import Action, LogError, Manifest, Miss, Store, actions, causes, misses, rates

CAUSES_SHOWN = 20
REASONS_SHOWN = 10


def run(workspace: Path, log: Path, older: Path | None, targets: list[str], as_json: bool) -> Exit:
    """Compares a log with an older one, or with what history holds; prints first reasons and what they reached."""
    spawns, problem = _read(log)
    with history.open(history.location(workspace)) as past:
        previous: Callable[[Action], Manifest | None] = Store(past.database).previous
        if older is not None:
            before, other = _read(older)
            known = {action.name: action.manifest for action in before}
            problem = problem or other
            previous = lambda action: known.get(action.name)  # noqa: E731 - one of two
        found = misses(spawns, previous)
    chosen = [miss for miss in found if miss.label in targets] if targets else found
    if as_json:
        print(json.dumps(_document(spawns, found, chosen), indent=2, ensure_ascii=False))
    elif targets:
        _say_targets(targets, chosen, spawns)
    else:
        _say_all(spawns, found)
    if problem:
        print(f"samewire explain: {problem}", file=sys.stderr)
        return Exit.COULD_NOT_RUN
    return Exit.GOOD


def _read(log: Path) -> tuple[list[Action], str]:
    """The actions of a log, and in one line what was wrong with the rest of it."""
    found: list[Action] = []
    try:
        found.extend(actions(log))
    except LogError as error:
        return found, str(error)
    except OSError as error:
        return found, f"{log}: {error.strerror}"
    return found, ""


def _say_all(spawns: list[Action], found: list[Miss]) -> None:
    print(f"actions: {rates(spawns)}")
    first = causes(found)
    for cause in first[:CAUSES_SHOWN]:
        print(f"{cause.reached:6} ran, {cause.tests:4} of them tests, {cause.seconds:8.1f} s   {cause.what}")
    if len(first) > CAUSES_SHOWN:
        print(f"and {len(first) - CAUSES_SHOWN} more reasons: --json has all")


def _say_targets(targets: list[str], chosen: list[Miss], spawns: list[Action]) -> None:
    for target in targets:
        mine = [miss for miss in chosen if miss.label == target]
        if not mine:
            cached = next((action.runner for action in spawns if action.label == target and action.cache), "")
            print(f"{target}: {cached or 'not run: up to date, or not asked for'}")
        for miss in mine:
            shard = f" (shard {miss.shard + 1})" if miss.shard else ""
            print(f"{target}{shard}: {miss.name.split(' ')[0]}, {miss.seconds:.1f} s")
            for reason in miss.reasons[:REASONS_SHOWN]:
                print(f"    {reason}")
            if len(miss.reasons) > REASONS_SHOWN:
                print(f"    and {len(miss.reasons) - REASONS_SHOWN} more")


def _document(spawns: list[Action], found: list[Miss], chosen: list[Miss]) -> dict[str, object]:
    counted = rates(spawns)
    return {
        "actions": {"ran": counted.ran, "disk": counted.disk, "remote": counted.remote},
        "causes": [
            {"what": c.what, "reached": c.reached, "tests": c.tests, "seconds": c.seconds, "example": c.example}
            for c in causes(found)
        ],
        "misses": [
            {
                "label": miss.label,
                "action": miss.name,
                "shard": miss.shard,
                "test": miss.test,
                "seconds": miss.seconds,
                "new": miss.new,
                "because": list(miss.because),
                "reasons": miss.reasons,
            }
            for miss in chosen
        ],
    }
