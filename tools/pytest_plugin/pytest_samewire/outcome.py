"""Outcomes of a report beside pytest's own three. Terminals show them; for pytest itself they are no failures."""

from __future__ import annotations

import pytest

RERUN = "rerun"
QUARANTINED = "quarantined"


def of(report: pytest.TestReport) -> str:
    """The outcome, whatever it is."""
    return str(report.outcome)


def is_red(report: pytest.TestReport) -> bool:
    """Whether pytest would count it as a failure."""
    return report.outcome == "failed" and not hasattr(report, "wasxfail")


def become(report: pytest.TestReport, outcome: str) -> None:
    report.outcome = outcome  # type: ignore[assignment]
