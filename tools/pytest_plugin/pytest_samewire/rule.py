"""When a test is flaky, by the rule of thumb that needs nothing but its last results.

A test is flaky that has at least 3 recorded results, passes and failures among them, and fails in at least 30 % (or
another share) of the last 10. From 5 recorded results on, a flaky test is recommended for quarantine. Source: seed 003,
task 29.

A result is a word: "passed" and "failed" are looked at, any other ("skipped") counts as a result that is neither.
"""

from __future__ import annotations

from collections.abc import Sequence

RESULTS = 10
FEWEST = 3
ADVICE = 5
THRESHOLD = 0.30


def recent(results: Sequence[str]) -> Sequence[str]:
    """The results that count, oldest first."""
    return results[-RESULTS:]


def failure_rate(results: Sequence[str]) -> float:
    """Share of failures among the last results, 0 to 1; 0 where there is none.

    >>> failure_rate(["passed", "failed", "passed", "failed", "passed"])
    0.4
    """
    last = recent(results)
    return last.count("failed") / len(last) if last else 0.0


def is_flaky(results: Sequence[str], threshold: float = THRESHOLD) -> bool:
    """Whether a test with these results, oldest first, is flaky; `threshold` is the least share of failures, 0 to 1."""
    last = recent(results)
    return len(last) >= FEWEST and "passed" in last and "failed" in last and failure_rate(last) >= threshold


def should_quarantine(results: Sequence[str], threshold: float = THRESHOLD) -> bool:
    """Whether quarantine is recommended."""
    return len(recent(results)) >= ADVICE and is_flaky(results, threshold)
