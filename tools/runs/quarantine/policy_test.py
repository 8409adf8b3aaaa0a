"""What is masked, what is not, and what is said of the list."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from pytest_samewire.quarantine import parse

from tools.runs.quarantine import Masked, Quarantine, Refused, read
from tools.runs.record import CaseId, CaseResult, Outcome, Trial

TODAY = date(2026, 11, 21)
CASE = CaseId.of("//net:net_test", "net.net_test", "test_x[1]")
OTHER = CaseId.of("//net:net_test", "net.net_test", "test_y")

FILE = """\
quarantine:
  - cases: ['//net:net_test net.net_test test_x[*]']
    reason: slow under load
    owner: team-wire
    until: {until}
    {more}
"""


class Past:
    """A history of one case, oldest trial first: `gr` is a pass, then a failure; signature `s` unless given."""

    def __init__(self, outcomes: str, signature: str = "s") -> None:
        self._trials = [
            Trial(f"run-{number}", float(number), red=each != "g", signature="" if each == "g" else signature)
            for number, each in enumerate(outcomes)
        ]

    def trials(self, case: CaseId, limit: int) -> Sequence[Trial]:
        return self._trials[-limit:] if case == CASE else []


def result(outcome: Outcome, case: CaseId = CASE, **fields: object) -> CaseResult:
    held = {"message": "TimeoutError: 5 s", "signature": "s"} if outcome == "failed" else {}
    return CaseResult(case, outcome, **(held | fields))  # type: ignore[arg-type]


def quarantine(until: str = "2027-01-31", more: str = "") -> Quarantine:
    return Quarantine(parse(FILE.format(until=until, more=more)), TODAY)


def kinds(masked: Masked) -> list[str]:
    return [finding.kind for finding in masked.findings]


def test_masks_a_known_flake_and_nothing_else() -> None:
    given = [result("passed", OTHER), result("failed"), result("failed", OTHER)]
    masked = quarantine().mask(given, Past("ggrg"))
    assert [each.quarantined for each in masked.results] == [False, True, False]
    assert masked.masked == [masked.results[1]]
    assert masked.masked[0].red
    assert masked.findings == []


@pytest.mark.parametrize("outcome", ["error", "timeout"])
def test_masks_all_kinds_of_red(outcome: Outcome) -> None:
    assert len(quarantine().mask([result(outcome)]).masked) == 1


def test_a_pass_is_not_marked() -> None:
    assert quarantine().mask([result("passed")]).results == [result("passed")]


def test_by_node_id() -> None:
    held = Quarantine(
        parse(
            FILE.format(until="2027-01-31", more="").replace(
                "//net:net_test net.net_test test_x[*]", "net/net_test.py::test_x[*]"
            )
        ),
        TODAY,
    )
    assert len(held.mask([result("failed", node="net/net_test.py::test_x[1]")]).masked) == 1


def test_an_expired_entry_masks_nothing_and_is_a_finding_even_when_its_case_passes() -> None:
    for outcome, count in (("failed", 1), ("passed", 1)):
        masked = quarantine("2026-11-20").mask([result(outcome)])  # type: ignore[arg-type]
        assert masked.masked == []
        assert kinds(masked) == ["expired"] * count
    assert str(masked.findings[0]).startswith(
        "quarantine.yaml:2: //net:net_test net.net_test test_x[*] was quarantined until 2026-11-20: team-wire"
    )


def test_its_last_day_counts() -> None:
    assert len(quarantine("2026-11-21").mask([result("failed")]).masked) == 1


def test_a_day_too_far_away() -> None:
    assert kinds(quarantine("2099-12-31").mask([result("passed")])) == ["far"]


def test_an_entry_that_matches_nothing_in_a_whole_run() -> None:
    (finding,) = quarantine().mask([result("passed", OTHER)], whole=True).findings
    assert (finding.kind, finding.at) == ("unmatched", "quarantine.yaml:2")
    assert "matches no case that was run" in finding.text
    assert quarantine().mask([result("passed", OTHER)], whole=False).findings == []


def test_a_target_that_died_named_no_cases() -> None:
    assert quarantine().mask([CaseResult(CaseId("//net:net_test"), "timeout")], whole=True).findings == []
    assert kinds(quarantine().mask([CaseResult(CaseId("//a:b_test"), "timeout")], whole=True)) == ["unmatched"]


def test_well_again_after_so_many_passes() -> None:
    masked = quarantine(more="passes: 4").mask([result("passed")], Past("rggg"))
    (finding,) = masked.findings
    assert (finding.kind, finding.at) == ("well", "quarantine.yaml:2")
    assert "passed 4 times in a row: it is well again, take the entry out" in finding.text


@pytest.mark.parametrize(
    ("given", "past"),
    [
        ([result("passed")], "rgg"),  # one too few
        ([result("passed", cached=True)], "rggg"),  # what was not executed does not count
        ([result("failed"), result("passed", attempt=2)], "gggg"),
        ([result("skipped")], "rggg"),
        ([result("failed")], "gggg"),
    ],
)
def test_not_yet_well(given: list[CaseResult], past: str) -> None:
    assert quarantine(more="passes: 4").mask(given, Past(past)).findings == []


def test_all_cases_of_an_entry_have_to_be_well() -> None:
    ill = CaseId.of("//net:net_test", "net.net_test", "test_x[2]")
    masked = quarantine(more="passes: 1").mask([result("passed"), result("failed", ill)])
    assert masked.findings == []


def test_this_run_counts_once_when_the_history_holds_it_already() -> None:
    past = Past("rggg")
    assert kinds(quarantine(more="passes: 4").mask([result("passed")], past, run="run-3")) == []
    assert kinds(quarantine(more="passes: 3").mask([result("passed")], past, run="run-3")) == ["well"]


def test_another_failure_than_the_one_named_is_not_masked() -> None:
    named = quarantine(more="failure: TimeoutError")
    assert len(named.mask([result("failed")]).masked) == 1
    assert len(named.mask([result("failed", message="", detail="… TimeoutError …")]).masked) == 1
    masked = named.mask([result("failed", message="AssertionError: 1 != 2\nmore")])
    assert masked.masked == []
    (finding,) = masked.findings
    assert finding.kind == "other-failure"
    assert finding.case == CASE
    assert "did not fail with 'TimeoutError' but with 'AssertionError: 1 != 2': not masked" in finding.text


def test_a_failure_never_seen_before_is_not_masked() -> None:
    masked = quarantine().mask([result("failed", signature="new")], Past("grgg"))
    assert masked.masked == []
    assert kinds(masked) == ["other-failure"]


def test_a_new_failure_does_not_become_known_by_failing_again() -> None:
    class Both(Past):
        def trials(self, case: CaseId, limit: int) -> Sequence[Trial]:
            return [*super().trials(case, limit), Trial("later", 90.0, red=True, signature="new")]

    assert kinds(quarantine().mask([result("failed", signature="new")], Both("grg"))) == ["other-failure"]


def test_it_is_known_once_a_pass_came_after_it() -> None:
    assert len(quarantine().mask([result("failed", signature="new")], Past("grg", "new")).masked) == 1


def test_without_a_history_nothing_is_known_and_all_is_masked() -> None:
    assert len(quarantine().mask([result("failed", signature="new")]).masked) == 1
    assert len(quarantine().mask([result("failed", signature="new")], Past("ggg")).masked) == 1


def test_a_failure_that_passed_at_another_try_is_a_flake_whatever_it_is() -> None:
    masked = quarantine().mask([result("failed", signature="new"), result("passed", attempt=2)], Past("grg"))
    assert [each.quarantined for each in masked.results] == [True, False]
    assert masked.findings == []


@pytest.mark.parametrize(
    ("past", "broken"),
    [
        ("g" * 40 + "r" * 2, False),  # three in a row: never enough
        ("g" * 40 + "r" * 3, True),  # four, of one that failed never before
        ("gr" * 20 + "r" * 3, False),  # every second time: four in a row come about
        ("gr" * 20 + "r" * 8, True),
    ],
)
def test_a_row_of_failures_that_no_flake_has_is_not_masked(past: str, broken: bool) -> None:
    masked = quarantine().mask([result("failed")], Past(past))
    assert kinds(masked) == (["broken"] if broken else [])
    assert len(masked.masked) == (0 if broken else 1)


def test_a_regression_of_a_quarantined_flake_is_found_and_stays_found() -> None:
    """From commit c on it fails always, with the flake's own message: masked at first, never after the row is long."""
    past = "g" * 18 + "rg"
    masked = [len(quarantine().mask([result("failed")], Past(past + "r" * n)).masked) for n in range(40)]
    turn = masked.index(0)
    assert turn <= 4
    assert not any(masked[turn:])


def test_findings_stand_in_the_order_of_the_file() -> None:
    text = FILE.format(until="2026-01-01", more="") + "\n".join(
        FILE.format(until="2026-01-01", more="").replace("test_x", "test_y").splitlines()[1:]
    )
    held = Quarantine(parse(text), TODAY)
    assert [finding.at for finding in held.mask([]).findings] == ["quarantine.yaml:2", "quarantine.yaml:7"]


def test_read_tells_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "quarantine.yaml").write_text("quarantine: 1\n")
    with pytest.raises(Refused, match=r"^quarantine\.yaml:1: "):
        read(tmp_path / "quarantine.yaml", TODAY)
    assert read(tmp_path / "none.yaml", TODAY).entries == ()
