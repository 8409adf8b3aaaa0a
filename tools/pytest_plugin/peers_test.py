"""Beside pytest-rerunfailures and flaky, which own the same option and the same marker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Session


RERUNFAILURES = ("-p", "pytest_rerunfailures")
FLAKY = ("-p", "flaky.flaky_pytest_plugin")

SOURCE = """
    import itertools, pytest
    count = itertools.count()
    @pytest.mark.flaky({arguments})
    def test_third(): assert next(count) == 2
    @pytest.mark.quarantine
    def test_ill(): assert 0
"""


def test_pytest_rerunfailures_does_the_reruns(session: Session) -> None:
    ran = session(SOURCE.format(arguments="reruns=2"), "--reruns=1", first=RERUNFAILURES, process=True)
    assert ran.code == 0
    assert ran.counts == {"passed": 1, "rerun": 2, "quarantined": 1}
    assert "samewire: reruns are pytest-rerunfailures'" in ran.text
    assert ran.history == {"test_third": "ffp", "test_ill": "f"}


def test_its_options_stay_its_own(session: Session) -> None:
    told = session("", "--help", first=RERUNFAILURES, process=True).text
    assert told.count("--reruns=") == 1
    assert "--only-rerun" in told


def test_flaky_keeps_its_marker(session: Session) -> None:
    ran = session(SOURCE.format(arguments="max_runs=3"), *FLAKY, process=True)
    assert ran.code == 0
    assert ran.counts == {"passed": 1, "quarantined": 1}
    assert "samewire: the marker flaky is the plugin flaky's" in ran.text


def test_reruns_beside_flaky_are_refused_in_one_line(session: Session) -> None:
    ran = session(SOURCE.format(arguments="max_runs=3"), *FLAKY, "--reruns=1", process=True)
    assert ran.code == 4
    assert "ERROR: --reruns: the plugin flaky tries tests again too; add -p no:flaky, or drop --reruns\n" in ran.text


def test_a_marker_meant_for_us_beside_flaky_says_so(session: Session) -> None:
    ran = session(SOURCE.format(arguments="reruns=3"), *FLAKY, process=True)
    assert ran.code == 1
    assert "@pytest.mark.flaky(reruns=...): the plugin flaky reads this marker, and knows no reruns" in ran.text


RERUN_TWICE = {"passed": 1, "rerun": 2, "quarantined": 1}


@pytest.mark.parametrize(
    ("blocked", "marker", "either"),
    [
        # Both peers own the marker then, and the first folder that pytest finds on the disk decides whose word counts.
        ((), "max_runs=3", [{"passed": 1, "quarantined": 1}, {"failed": 1, "rerun": 1, "quarantined": 1}]),
        (("-p", "no:flaky"), "reruns=2", [RERUN_TWICE]),
        (("-p", "no:flaky", "-p", "no:rerunfailures"), "reruns=2", [RERUN_TWICE]),
    ],
)
def test_whatever_is_installed(
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    blocked: tuple[str, ...],
    marker: str,
    either: list[dict[str, int]],
) -> None:
    """All of them loaded as installed plugins are."""
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    ran = session(SOURCE.format(arguments=marker), *blocked, process=True)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    assert ran.counts in either
    assert "Traceback (most" not in ran.text
