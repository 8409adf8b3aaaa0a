"""The last word on a case that ran more than once."""

from tools.python.pytest.case import Case
from tools.python.pytest.retry import merged

RED = Case("a_test.py::test_a", "failed", message="cold cache", detail="traceback")


def test_a_later_pass_is_flaky_and_remembers_why() -> None:
    (case,) = merged([RED], [Case(RED.node, "passed", attempt=2)])
    assert (case.outcome, case.flaky, case.attempt, case.earlier) == ("passed", True, 2, (RED,))


def test_every_attempt_is_kept() -> None:
    second = Case(RED.node, "error", message="setup: no port", attempt=2)
    third = Case(RED.node, "failed", message="too late", attempt=3)
    (case,) = merged(merged([RED], [second]), [third])
    assert (case.message, case.flaky, case.earlier) == ("too late", False, (RED, second))


def test_what_was_green_or_did_not_run_again_stays() -> None:
    green = Case("a_test.py::test_b", "passed")
    assert merged([RED, green], []) == [RED, green]
