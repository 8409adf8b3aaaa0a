"""How long test targets took before, for the guess of when a run will be over."""

from __future__ import annotations

from tools.runs import history
from tools.runs.history import HistoryError

# The mean of every case, added up by target: a sum that SQL makes in milliseconds of standings that are kept anyway.
SUMS = """
SELECT label, SUM(seconds / trials) FROM standing JOIN test ON test.number = standing.test
WHERE trials > 0 GROUP BY label
"""


def durations(where: str | None) -> dict[str, float]:
    """Label → seconds; nothing where there is no history, or none that can be read: then nobody guesses."""
    if where is None:
        return {}
    try:
        with history.open(where) as past:
            return {str(label): float(seconds) for label, seconds in past.database.rows(SUMS)}
    except HistoryError:
        return {}
