"""How long test targets took before, for the guess of when a run will be over."""

from __future__ import annotations

from tools.runs import history
from tools.runs.history import HistoryError


def durations(where: str | None) -> dict[str, float]:
    """Label → seconds; nothing where there is no history, or none that can be read: then nobody guesses."""
    if where is None:
        return {}
    try:
        with history.open(where) as past:
            return past.target_durations()
    except HistoryError:
        return {}
