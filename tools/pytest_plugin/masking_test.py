"""Quarantined tests in sessions of pytest: by marker, by the file, and what is said of the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_samewire.masking import plain

if TYPE_CHECKING:
    from conftest import Ran, Session


SOURCE = """
    import os, pytest
    @pytest.mark.quarantine
    def test_marked(): assert 0, "why"
    @pytest.mark.quarantine(reason="the disk is slow")
    def test_reason(): assert 0
    def test_listed(): raise TimeoutError(os.environ.get("SAYS", "5 s"))
    def test_good(): pass
"""

ENTRY = """\
quarantine:
  - cases: [test_a.py::test_listed]
    reason: slow under load
    owner: team-wire
    until: {until}
    {more}
"""


def run(session: Session, *arguments: str, until: str = "2999-01-01", more: str = "", source: str = SOURCE) -> Ran:
    Path("quarantine.yaml").write_text(ENTRY.format(until=until, more=more))
    return session(source, *arguments)


def test_masks_and_shows(session: Session) -> None:
    ran = run(session)
    assert ran.code == 0
    assert ran.counts == {"passed": 1, "quarantined": 3}
    assert "QUARANTINED TESTS THAT FAILED: 3 (masked, not green)" in ran.text
    assert "  test_a.py::test_marked\n    AssertionError: why\n    Quarantined: @pytest.mark.quarantine\n" in ran.text
    assert "Quarantined: the disk is slow\n" in ran.text
    assert "Quarantined: slow under load (team-wire, until 2999-01-01)\n" in ran.text
    assert ran.history == {"test_marked": "f", "test_reason": "f", "test_listed": "f", "test_good": "p"}


def test_test_xml_tells_a_masked_failure_from_a_pass(session: Session) -> None:
    ran = run(session)
    (skipped,) = ran.cases["test_listed"].findall("skipped")
    assert skipped.get("type") == "pytest.quarantine"
    assert skipped.get("message") == "quarantined: slow under load (team-wire, until 2999-01-01)"
    assert "TimeoutError: 5 s" in (skipped.text or "")
    assert ran.properties("test_listed") == {"quarantined": "true"}
    assert list(ran.cases["test_good"]) == []


def test_verbose(session: Session) -> None:
    assert "test_a.py::test_marked QUARANTINED" in run(session, "-v").text


def test_another_failure_does_not_hide_behind_them(session: Session) -> None:
    ran = run(session, source=SOURCE + "    def test_bad(): assert 0\n")
    assert ran.code == 1
    assert ran.counts == {"passed": 1, "quarantined": 3, "failed": 1}


def test_set_up_and_tear_down_are_masked_too(session: Session) -> None:
    ran = session(
        """
    import pytest
    @pytest.fixture
    def up(): raise RuntimeError("up")
    @pytest.fixture
    def down():
        yield
        raise RuntimeError("down")
    @pytest.mark.quarantine
    def test_up(up): pass
    @pytest.mark.quarantine
    def test_down(down): pass
    """
    )
    assert ran.code == 0
    assert ran.counts == {"passed": 1, "quarantined": 2}
    assert ran.history == {"test_up": "f", "test_down": "f"}


def test_a_file_that_cannot_be_imported_is_never_masked(session: Session) -> None:
    assert session("import nothing_of_that_name\n").code == 2


def test_skip(session: Session) -> None:
    ran = run(session, "--skip-quarantine", "-rs")
    assert ran.code == 0
    assert ran.counts == {"passed": 1, "skipped": 3}
    assert "quarantined: slow under load (team-wire, until 2999-01-01)" in ran.text


def test_attempts_come_first(session: Session) -> None:
    ran = run(session, "--reruns=1")
    assert ran.counts == {"passed": 1, "quarantined": 3, "rerun": 3}
    assert [child.tag for child in ran.cases["test_listed"]] == ["properties", "skipped", "rerunFailure"]


def test_the_failure_that_is_named_and_no_other(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(session, more="failure: 'TimeoutError: 5 s'").counts["quarantined"] == 3
    monkeypatch.setenv("SAYS", "9 s")
    ran = run(session, more="failure: 'TimeoutError: 5 s'")
    assert ran.code == 1
    assert ran.counts == {"passed": 1, "quarantined": 2, "failed": 1}
    assert "quarantined, and not masked" in ran.text
    assert "the entry speaks of 'TimeoutError: 5 s'" in ran.text


def test_an_expired_entry_masks_nothing(session: Session) -> None:
    ran = run(session, until="2020-01-01")
    assert ran.code == 1
    assert ran.counts == {"passed": 1, "quarantined": 2, "failed": 1}
    assert "\nquarantine.yaml:2: test_a.py::test_listed was quarantined until 2020-01-01: team-wire" in ran.text


def test_an_expired_entry_fails_even_when_all_is_well(session: Session) -> None:
    ran = run(session, until="2020-01-01", source="def test_listed(): pass")
    assert (ran.code, ran.counts) == (1, {"passed": 1})
    assert "\nquarantine.yaml:2: test_a.py::test_listed was quarantined until 2020-01-01" in ran.text


def test_what_matches_nothing_fails_when_all_was_run(session: Session) -> None:
    ran = run(session, source="def test_good(): pass")
    assert ran.code == 1
    assert "\nquarantine.yaml:2: test_a.py::test_listed matches no test: it was renamed or is gone" in ran.text


@pytest.mark.parametrize("arguments", [("test_a.py",), ("-k", "good"), ("-m", "not slow"), ("--deselect", "x")])
def test_what_matches_nothing_is_no_finding_when_less_was_run(session: Session, arguments: tuple[str, ...]) -> None:
    ran = run(session, *arguments, source="def test_good(): pass")
    assert ran.code == 0


def test_what_matches_nothing_is_no_finding_when_a_plugin_left_tests_out(session: Session) -> None:
    Path("conftest.py").write_text(
        "def pytest_collection_modifyitems(config, items):\n    config.hook.pytest_deselected(items=[items.pop()])\n"
    )
    assert run(session, source="def test_good(): pass\ndef test_listed(): pass\n").code == 0


def test_names_of_other_systems_are_not_ours_to_judge(session: Session) -> None:
    Path("quarantine.yaml").write_text(
        ENTRY.format(until="2999-01-01", more="").replace("test_a.py::test_listed", "'//a:b_test a.b_test test_x'")
    )
    assert session("def test_good(): pass").code == 0


def test_well_again(session: Session) -> None:
    for _ in range(2):
        assert run(session, more="passes: 3", source="def test_listed(): pass").code == 0
    ran = run(session, more="passes: 3", source="def test_listed(): pass")
    assert ran.code == 1
    assert "\nquarantine.yaml:2: test_a.py::test_listed passed 3 times in a row: it is well again, take" in ran.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("quarantin: []\n", "ERROR: quarantine.yaml:1: 'quarantin' is no key of the file: did you mean 'quarantine'?"),
        (ENTRY.format(until="soon", more="resaon: x"), "ERROR: quarantine.yaml:5: until is 'soon', which is no day"),
    ],
)
def test_a_file_that_is_not_understood_is_misuse(session: Session, text: str, says: str) -> None:
    Path("quarantine.yaml").write_text(text)
    ran = session(SOURCE)
    assert ran.code == 4
    assert says in ran.text
    assert ran.text.count("quarantine.yaml:") == (2 if "resaon" in text else 1)
    assert "Traceback" not in ran.text


def test_the_file_may_be_elsewhere(session: Session) -> None:
    Path("lists").mkdir()
    Path("lists/ill.yaml").write_text(ENTRY.format(until="2999-01-01", more=""))
    assert session(SOURCE, "-o", "quarantine_file=lists/ill.yaml").counts["quarantined"] == 3


def test_without_pyyaml_a_line_says_so(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    ran = run(session)
    assert ran.code == 4
    assert "PyYAML, which reads it, is not: pip install 'pytest-samewire[quarantine]'" in ran.text


def test_without_pyyaml_nothing_is_missing_where_there_is_no_file(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    assert session("def test_x(): pass").code == 0


@pytest.mark.parametrize(
    ("node", "without"),
    [
        ("a.py::t[1]@db", "a.py::t[1]"),
        ("a.py::t@db", "a.py::t"),
        ("a.py::t[a@b]", "a.py::t[a@b]"),
        ("a@b.py::t", "a@b.py::t"),
    ],
)
def test_groups_of_xdist(node: str, without: str) -> None:
    assert plain(node) == without
