"""Quarantine: known flakes run and are masked, by a reviewed file in git.

Read when the run begins, applied when its results are there:

    quarantine = read(workspace / "quarantine.yaml", today)
    masked = quarantine.mask(results, history, whole=True)
"""

from pytest_samewire.quarantine import PASSES, Entry, Refused

from tools.runs.quarantine.policy import Finding, History, Masked, Quarantine, read

__all__ = ["PASSES", "Entry", "Finding", "History", "Masked", "Quarantine", "Refused", "read"]
