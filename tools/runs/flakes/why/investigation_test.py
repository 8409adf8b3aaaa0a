"""The reasoning, on runs whose outcome is a function of the conditions."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.runs.flakes.why.bench import Arm, Seen
from tools.runs.flakes.why.causes import CAUSES
from tools.runs.flakes.why.investigation import Report, culprit, investigate

Outcome = Callable[[str, int], bool]
VICTIM, POLLUTER, OTHER = "p/a_test.py::test_victim", "p/a_test.py::test_polluter", "p/a_test.py::test_other"


class Pretend:
    """Runs nothing. `red`: of the arm's name and the run's number."""

    def __init__(self, red: Outcome, node: str = "", ports: frozenset[int] = frozenset()) -> None:
        self.label = "//p:a_test"
        self.node = node
        self.arms: list[str] = []
        self._red = red
        self._ports = ports

    def run(self, arm: Arm, runs: int) -> Seen:
        self.arms.append(arm.name)
        seen = Seen(arm, strategy="linux-sandbox")
        for run in range(1, runs + 1):
            seen.red[run] = self._red(arm.name, run)
            seen.cases[run] = [VICTIM, POLLUTER]
            seen.red_cases[run] = [VICTIM] if seen.red[run] else []
            seen.ports[run] = set(self._ports)
            seen.ready.add(run)
        return seen


def found(report: Report) -> list[str]:
    return [each.cause for each in report.causes]


@pytest.fixture
def library(tmp_path: Path) -> str:
    (tmp_path / "faketime.so").touch()
    return str(tmp_path / "faketime.so")


@pytest.mark.parametrize("cause", ["order", "seed", "hash", "zone", "locale", "clock"])
def test_a_value_that_decides(cause: str, library: str) -> None:
    """Some values are red, and stay red when they are tried again."""

    def red(arm: str, run: int) -> bool:
        return arm.startswith(f"{cause}:") and ("always" in arm or run % 3 == 0)

    report = investigate(Pretend(red), 12, faketime=library)
    assert found(report) == [cause]
    assert report.summary.startswith("It depends on") and "in 10 of 10 with" in report.summary


@pytest.mark.parametrize(("cause", "start"), [("cpu", "cpu"), ("alone", "alone"), ("port", "port: 8123 taken")])
def test_a_condition_that_decides(cause: str, start: str, library: str) -> None:
    bench = Pretend(lambda arm, run: arm.startswith(start), node=VICTIM, ports=frozenset([8123]))
    assert found(investigate(bench, 12, faketime=library)) == [cause]


def test_steady(library: str) -> None:
    report = investigate(Pretend(lambda arm, run: False), 30, faketime=library)
    assert found(report) == []
    assert "It was never red, in 30 runs as ever (so in less than 10 % of them, with 95 %)" in report.summary
    assert {each.cause: each.state for each in report.findings} == {
        cause: "skipped" if cause == "alone" else "none" for cause in CAUSES
    }


def coin(seed: int) -> Outcome:
    chance = random.Random(seed)
    return lambda arm, run: chance.random() < 0.3


def test_chance_is_no_cause(library: str) -> None:
    """Red by chance, whatever is changed: in 200 investigations of all causes hardly any is accused."""
    accused = 0
    for seed in range(200):
        accused += bool(investigate(Pretend(coin(seed)), 20, faketime=library).causes)
    assert accused / 200 <= 0.06


def test_chance_in_words() -> None:
    report = investigate(Pretend(lambda arm, run: run % 3 == 0), 30, asked=["zone", "cpu"])
    assert report.summary.startswith("No cause found among")
    assert "10 of 30 runs as ever" in report.summary and "a race, or chance of the test's own" in report.summary


def test_broken_is_not_flaky() -> None:
    bench = Pretend(lambda arm, run: True)
    report = investigate(bench, 10)
    assert bench.arms == ["as ever"] and "it is broken, not flaky" in report.summary


def test_only_what_is_asked() -> None:
    bench = Pretend(lambda arm, run: False)
    investigate(bench, 10, asked=["zone"])
    assert bench.arms == ["as ever", "zone: another for each run"]


def test_a_red_value_is_tried_again() -> None:
    """One red run among many proves nothing; if the same value is red again and again, it does."""

    def lucky(arm: str, run: int) -> bool:
        return arm == "seed: another for each run" and run == 7

    report = investigate(Pretend(lucky), 30, asked=["seed"])
    assert found(report) == [] and "as chance brings it about" in report.findings[0].words
    report = investigate(Pretend(lambda arm, run: lucky(arm, run) or arm == "seed: always 7"), 30, asked=["seed"])
    assert found(report) == ["seed"] and "--test_env=TEST_RANDOM_SEED=7" in report.summary


def test_a_value_that_changes_as_ever_too() -> None:
    """Python's hash seed is another one every day: held at a value, the test is always red or always green."""

    def red(arm: str, run: int) -> bool:
        return run % 3 == 0 if "always" not in arm or "seed:" in arm else arm == "hash: always 3"

    report = investigate(Pretend(red), 12, asked=["seed", "hash"])
    assert found(report) == ["hash"]
    assert "in 10 of 10 with 3 again, in 0 of 10 with 1" in report.summary


def test_ports() -> None:
    assert "listens on no port" in investigate(Pretend(lambda arm, run: False), 10, asked=["port"]).findings[0].words


def test_culprit() -> None:
    chance = random.Random(4)

    def seen(red: Callable[[list[str]], bool]) -> Seen:
        one = Seen(Arm("orders"))
        for run in range(1, 31):
            order = [VICTIM, POLLUTER, OTHER]
            chance.shuffle(order)
            one.cases[run], one.red_cases[run] = order, [VICTIM] if red(order) else []
        return one

    after = seen(lambda order: order.index(POLLUTER) < order.index(VICTIM))
    assert culprit(VICTIM, [after]) == culprit("", [after]) == "red when after a_test.py::test_polluter"
    before = seen(lambda order: order.index(POLLUTER) > order.index(VICTIM))
    assert culprit(VICTIM, [before]) == "red unless after a_test.py::test_polluter"
    assert culprit(VICTIM, [seen(lambda order: chance.random() < 0.5)]) == ""
    assert culprit("", [Seen(Arm("nothing"))]) == ""
