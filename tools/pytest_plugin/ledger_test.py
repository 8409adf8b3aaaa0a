"""What the end of a session says, and what it leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_samewire import summary

if TYPE_CHECKING:
    from conftest import Session


P, F = "passed", "failed"

# Seed 003, task 29, "Output Example".
SEED = """\
================================================================================
FLAKY TESTS DETECTED: 3
================================================================================
  tests/integration/test_network.py::test_api_call
    Failure rate: 40.0%
    Recent results: passed failed passed failed passed

================================================================================
TESTS RECOMMENDED FOR QUARANTINE: 1
================================================================================
  @pytest.mark.quarantine
  tests/integration/test_unstable.py::test_timing_dependent
"""


def write(held: dict[str, list[str]]) -> None:
    Path(".pytest_flaky_history.json").write_text(json.dumps({"test_results": held}))


def test_looks_as_in_the_seed() -> None:
    """The seed shows one of three tests: those between are left out of ours too."""
    network, unstable = SEED.splitlines()[3].strip(), SEED.splitlines()[-1].strip()
    history = {network: [P, F, P, F, P], unstable: [P, F, F, P, F], "tests/b.py::test_y": [P, F, F]}
    ours = "\n".join(
        [
            *summary.flaky({network: history[network]}, 0.3, detailed=False),
            *summary.recommended(history, 0.3, {network}),
        ]
    )
    assert ours.strip() == SEED.replace("DETECTED: 3", "DETECTED: 1").strip()
    assert list(summary.flaky(history, 0.3, detailed=False))[:3] == SEED.splitlines()[:3]


def test_in_a_session(session: Session) -> None:
    write({"test_a.py::test_x": [P, F, P, F], "gone.py::test_y": [P, F, F]})
    ran = session("def test_x(): pass\n")
    assert ran.history == {"test_x": "pfpfp", "test_y": "pff"}
    assert (
        f"{'=' * 80}\nFLAKY TESTS DETECTED: 2\n{'=' * 80}\n"
        "  gone.py::test_y\n    Failure rate: 66.7%\n    Recent results: passed failed failed\n\n"
        "  test_a.py::test_x\n    Failure rate: 40.0%\n    Recent results: passed failed passed failed passed\n\n"
        f"{'=' * 80}\nTESTS RECOMMENDED FOR QUARANTINE: 1\n{'=' * 80}\n"
        "  @pytest.mark.quarantine\n  test_a.py::test_x\n"
    ) in ran.text


def test_a_quarantined_test_is_not_recommended_once_more(session: Session) -> None:
    write({"test_a.py::test_x": [P, F, P, F]})
    ran = session("import pytest\n@pytest.mark.quarantine\ndef test_x(): pass\n")
    assert "FLAKY TESTS DETECTED: 1" in ran.text
    assert "RECOMMENDED" not in ran.text


def test_says_nothing_when_all_is_steady(session: Session) -> None:
    assert "=" * 80 + "\n" not in session("def test_x(): pass\n").text


@pytest.mark.parametrize(("threshold", "flaky"), [("50%", False), ("0.5", False), ("40%", True), ("0.4", True)])
def test_threshold(session: Session, threshold: str, flaky: bool) -> None:
    write({"test_a.py::test_x": [P, F, P, F]})
    ran = session("def test_x(): pass\n", f"--flaky-threshold={threshold}")
    assert ("FLAKY TESTS DETECTED: 1" in ran.text) == flaky


def test_many_are_cut_short(session: Session) -> None:
    write({f"test_a.py::test_{number:02}": [P, F] * 5 for number in range(14)})
    short = session("def test_x(): pass\n").text
    assert "FLAKY TESTS DETECTED: 14" in short
    assert "  and 4 more: --flaky-report shows all\n" in short
    assert short.count("Failure rate") == 10
    assert "Recent results: failed passed failed passed failed\n" in short
    full = session(None, "--flaky-report").text
    assert full.count("Failure rate") == 14
    assert f"Recent results: {' '.join([P, F] * 5)}\n" in full


def test_detailed(session: Session) -> None:
    ran = session(
        """
    import itertools, pytest
    count = itertools.count()
    @pytest.mark.flaky(reruns=2)
    def test_x(): assert next(count), "the first"
    """,
        "--flaky-report",
    )
    assert "WORKERS: 1\n" in ran.text
    assert "  master: 1 tests, " in ran.text
    assert "SLOWEST TESTS" in ran.text
    assert (
        "TESTS TRIED AGAIN: 1\n" + "=" * 80 + "\n  test_a.py::test_x: passed at attempt 2\n"
        "    Attempt 1: AssertionError: the first\n"
    ) in ran.text
    assert "No flaky tests." in ran.text
    facts = ran.properties("test_x")
    assert list(facts) == ["worker", "seconds", "attempts"]
    assert facts["worker"] == "master"
    assert float(facts["seconds"]) > 0


def test_history_elsewhere_or_not_at_all(session: Session) -> None:
    session("def test_x(): pass\n", "-o", "flaky_history=off")
    assert not Path(".pytest_flaky_history.json").exists()
    session(None, "-o", "flaky_history=out.json")
    assert json.loads(Path("out.json").read_text())["test_results"] == {"test_a.py::test_x": [P]}


@pytest.mark.parametrize("arguments", [("--collect-only",), ("--fixtures",), ("--markers",), ("--help",)])
def test_what_runs_no_test_leaves_no_history(session: Session, arguments: tuple[str, ...]) -> None:
    ran = session("def test_x(): pass\n", *arguments)
    assert ran.code == 0
    assert not Path(".pytest_flaky_history.json").exists()


def test_markers_and_options_are_explained(session: Session) -> None:
    assert "@pytest.mark.quarantine(reason=None): the test runs" in session("", "--markers").text
    told = session("", "--help").text
    for option in ("--reruns=N", "--reruns-delay=SECONDS", "--skip-quarantine", "--flaky-report", "--flaky-threshold="):
        assert option in told
    for ini in ("flaky_history", "quarantine_file", "isolate", "isolate_drop"):
        assert ini in told


def test_a_broken_history_is_one_line(session: Session) -> None:
    Path(".pytest_flaky_history.json").write_text("{")
    ran = session("def test_x(): pass\n")
    assert ran.code == 0
    assert "is no JSON: begun anew; the old one is .pytest_flaky_history.json.broken\n" in ran.text
    assert Path(".pytest_flaky_history.json.broken").read_text() == "{"
    assert ran.history == {"test_x": "p"}


def test_skips_and_expected_failures_are_no_results(session: Session) -> None:
    ran = session(
        """
    import pytest
    def test_skip(): pytest.skip("no")
    @pytest.mark.skip
    def test_marked(): pass
    @pytest.mark.xfail
    def test_xfail(): assert 0
    @pytest.mark.xfail(strict=True)
    def test_strict(): pass
    @pytest.mark.xfail
    def test_xpass(): pass
    """
    )
    assert ran.history == {"test_strict": "f"}


@pytest.mark.parametrize("name", ["a\nb", "<b>&", "x" * 65_536, "\x1b[31m", "../../x", "ü\udcff"])
def test_odd_names(session: Session, name: str) -> None:
    ran = session(
        f"""
    import pytest
    @pytest.mark.flaky(reruns=1)
    @pytest.mark.parametrize("value", [1], ids=[{name!r}])
    def test_x(value): assert 0, {name!r}
    """
    )
    assert ran.code == 1
    assert ran.counts == {"failed": 1, "rerun": 1}
    assert list(ran.history.values()) == ["ff"]
    assert len(ran.cases) == 1
