"""One call for a whole run: who was tested with which inputs, what no cache answered, and why; and it is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.runs.history.database import Database
from tools.runs.inputs.action import Action, LogError, actions
from tools.runs.inputs.misses import Cause, Miss, Rates, causes, misses, rates
from tools.runs.inputs.store import Store
from tools.runs.inputs.tests import TestInputs, tests


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an execution log says of a run.

    Attributes:
        tests: every attempt of every test action that ran, or that a disk or remote cache answered.
        misses: actions that ran, first reasons first. causes: these reasons, the one that reached most first.
        rates: who answered how often.
        problem: one line when the log, or the rest of it, could not be read; the others tell of what stood before.
    """

    tests: Sequence[TestInputs]
    misses: Sequence[Miss]
    causes: Sequence[Cause]
    rates: Rates
    problem: str = ""

    def key(self, label: str, shard: int = 0, configuration: str = "") -> str:
        """Inputs key of a test action, empty when it did not run; `configuration` where a label has several."""
        for test in self.tests:
            if (test.label, test.shard) == (label, shard) and configuration in ("", test.configuration):
                return test.key
        return ""


def explain(log: Path, database: Database, now: float, local: int = 0) -> Explanation:
    """Reads the log of a run that has ended, compares with what earlier runs had, and remembers.

    Args:
        log: what `--execution_log_compact_file` wrote. Damaged, cut off or missing: see `problem`.
        database: the history's (`History.database`). Raises HistoryError when it can't.
        now: seconds since 1970.
        local: hits of Bazel's local action cache, from the build's metrics: no log names them.
    """
    spawns: list[Action] = []
    problem = ""
    try:
        spawns.extend(actions(log))
    except LogError as error:
        problem = str(error)
    except OSError as error:
        problem = f"{log}: {error.strerror}"
    store = Store(database)
    found = misses(spawns, store.previous)
    store.remember(spawns, now)
    return Explanation(list(tests(spawns)), found, causes(found), rates(spawns, local), problem)
