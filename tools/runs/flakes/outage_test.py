"""Runs that say nothing of their tests."""

from __future__ import annotations

from tools.runs.flakes import outage
from tools.runs.record import CaseId, CaseResult


def results(red: int, total: int, signature: str = "", *, cached: bool = False) -> list[CaseResult]:
    return [
        CaseResult(
            CaseId(f"//p{number}:t"),
            "failed" if number < red else "passed",
            cached=cached and number >= red,
            message=f"{signature}\nmore",
            signature=signature and signature if number < red else "",
        )
        for number in range(total)
    ]


def test_a_crowd_of_reds() -> None:
    assert outage(results(31, 100)) == "31 of 100 cases are red at once (more than 30 %)"
    assert outage(results(30, 100)) is None


def test_few_cases_are_no_crowd() -> None:
    assert outage(results(12, 12)) is None
    assert outage([]) is None


def test_cached_results_count_as_green() -> None:
    """Only what a change touches was executed, and it broke it: no outage."""
    assert outage(results(12, 12) + results(0, 100, cached=True)[12:]) is None


def test_one_message_on_many_targets() -> None:
    assert outage(results(10, 100, "refused")) == "10 of 100 targets fail with one message: refused"
    assert outage(results(9, 100, "refused")) is None
    assert outage(results(4, 10, "refused")) is None


def test_many_cases_of_one_target_are_one_target() -> None:
    one = [CaseResult(CaseId("//p:t", "c", f"test_{n}"), "failed", signature="s") for n in range(15)]
    assert outage(one + results(0, 100)) is None


def test_the_last_attempt_counts() -> None:
    again = [CaseResult(result.case, "passed", attempt=2) for result in results(50, 50)]
    assert outage([*results(50, 100), *again]) is None
