"""The last word on a case that ran more than once."""

from tools.python.pytest.case import Case
from tools.python.pytest.retry import merged

RED = Case("a_test.py::test_a", "failed", message="cold cache", detail="traceback")


def test_a_later_pass_is_flaky_and_remembers_why() -> None:
    (case,) = merged([RED], [Case(RED.node, "passed", attempt=2)])
    assert (case.outcome, case.flaky, case.message, case.attempt) == ("passed", True, "cold cache", 2)


def test_a_later_failure_takes_its_place() -> None:
    later = Case(RED.node, "error", message="setup: no port", attempt=2)
    assert merged([RED], [later]) == [later]


def test_what_was_green_or_did_not_run_again_stays() -> None:
    green = Case("a_test.py::test_b", "passed")
    assert merged([RED, green], []) == [RED, green]
