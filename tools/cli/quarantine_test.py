"""`samewire quarantine` on a file and a history of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tools.cli import quarantine
from tools.cli.program import program
from tools.runs import history
from tools.runs.record import CaseId, CaseResult, Run

Call = Callable[..., Any]

ENTRY = """\
  # {name}
  - cases: [a_test.py::test_{name}]
    reason: slow
    owner: me
    until: {until}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(tmp_path))
    monkeypatch.delenv("SAMEWIRE_HISTORY", raising=False)
    return tmp_path


@pytest.fixture
def call(root: Path) -> Call:
    app = program()
    app.add_typer(quarantine.app, name="quarantine")
    return lambda *words: CliRunner().invoke(app, ["-C", str(root), "quarantine", *words])


def day(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def write(root: Path, **entries: int) -> str:
    """Entries by name, each with how many days are left."""
    text = "# Head.\nquarantine:\n" + "".join(
        ENTRY.format(name=name, until=day(left)) for name, left in entries.items()
    )
    (root / "quarantine.yaml").write_text(text)
    return text


def test_lists(root: Path, call: Call) -> None:
    write(root, late=20, soon=2)
    result = call("list")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "quarantine.yaml:9: a_test.py::test_soon",
        "    slow (me)",
        f"    until {day(2)}: 2 days left",
        "quarantine.yaml:4: a_test.py::test_late",
        "    slow (me)",
        f"    until {day(20)}: 20 days left",
        "2 quarantined",
    ]


def test_lists_for_scripts(root: Path, call: Call) -> None:
    write(root, late=20)
    (entry,) = json.loads(call("list", "--json").stdout)
    assert entry["cases"] == ["a_test.py::test_late"]
    assert (entry["days_left"], entry["at"], entry["passes"]) == (20, "quarantine.yaml:4", 20)


def test_an_entry_past_its_day_is_a_finding(root: Path, call: Call) -> None:
    write(root, late=-1)
    result = call("list")
    assert result.exit_code == 1
    assert "over for 1 days" in result.stdout
    assert f"quarantine.yaml:4: a_test.py::test_late was quarantined until {day(-1)}: me makes it well" in result.stderr


def test_nothing_listed(call: Call) -> None:
    result = call("list")
    assert (result.exit_code, result.stdout) == (0, "nothing is quarantined\n")


@pytest.mark.parametrize(
    "words", [("list",), ("expire",), ("suggest",), ("add", "a.py::test_x", "--reason=r", "--owner=o")]
)
def test_a_file_that_is_wrong(root: Path, call: Call, words: tuple[str, ...]) -> None:
    (root / "quarantine.yaml").write_text("quarantin: []\n")
    result = call(*words)
    assert result.exit_code == 2
    assert result.stderr == "quarantine.yaml:1: 'quarantin' is no key of the file: did you mean 'quarantine'?\n"
    assert (root / "quarantine.yaml").read_text() == "quarantin: []\n"


def test_adds(root: Path, call: Call) -> None:
    before = write(root, late=20)
    result = call(
        "add", "b_test.py::test_b[*]", "--reason", "why: so", "--owner", "me", "--until", "14d", "--issue", "#1"
    )
    assert result.exit_code == 0
    assert result.stdout == f"quarantine.yaml: b_test.py::test_b[*] quarantined until {day(14)}\n"
    after = (root / "quarantine.yaml").read_text()
    assert after == before + (
        "  - cases: ['b_test.py::test_b[*]']\n    reason: 'why: so'\n    owner: me\n    issue: '#1'\n"
        f"    until: {day(14)}\n"
    )
    assert call("list").exit_code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("*",), "'*' is too broad: it says neither file nor target"),
        (("a_test.py::test_late",), "a_test.py::test_late is listed twice (first in line 4): take one out"),
        (("b.py::test_x", "--until=2020-01-01"), "--until 2020-01-01: is over already"),
        (("b.py::test_x", "--until=soon"), "--until soon: write a day, 2027-01-31, or how many from today, 14d"),
        (("b.py::test_x", "--owner= "), "owner is empty"),
    ],
)
def test_what_may_not_be_added(root: Path, call: Call, words: tuple[str, ...], says: str) -> None:
    before = write(root, late=20)
    result = call("add", "--reason=r", "--owner=o", *words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert (root / "quarantine.yaml").read_text() == before


def test_expires_what_is_past_its_day(root: Path, call: Call) -> None:
    write(root, late=20, gone=-1)
    result = call("expire")
    assert result.exit_code == 0
    assert result.stdout == "taken out: a_test.py::test_gone (slow)\n"
    assert (root / "quarantine.yaml").read_text() == write(root, late=20)
    assert call("expire").stdout == "no entry is past its day\n"


def test_expires_what_is_named(root: Path, call: Call) -> None:
    write(root, late=20, gone=-1)
    assert call("expire", "a_test.py::test_late").exit_code == 0
    assert (root / "quarantine.yaml").read_text() == write(root, gone=-1)
    result = call("expire", "a_test.py::test_other")
    assert result.exit_code == 2
    assert "no entry of quarantine.yaml has the pattern 'a_test.py::test_other'" in result.stderr


def remember(root: Path, words: str) -> None:
    """A case with its runs: `g.rg.g` is three, the second with two attempts; and 50 cases that are steady."""
    with history.open(history.location(root)) as past:
        for number, letters in enumerate(words.split(".")):
            run = Run(f"run{number}", 1e9 + 3600.0 * number, commit=f"{number:040x}", dirty=False)
            flake = CaseId("//p:a_test", "p.a_test", "test_flake")
            results = [
                CaseResult(
                    flake, "passed" if letter == "g" else "failed", attempt=attempt, node="p/a_test.py::test_flake"
                )
                for attempt, letter in enumerate(letters, 1)
            ]
            steady = [CaseResult(CaseId("//p:a_test", "p.a_test", f"test_{each}"), "passed") for each in range(50)]
            past.record(run, [*results, *steady])


def test_suggests_and_writes_only_when_told(root: Path, call: Call) -> None:
    remember(root, ".".join(["g", "rg", "g", "g", "rg"] * 6))
    result = call("suggest")
    assert result.exit_code == 1
    assert result.stdout.startswith("//p:a_test p.a_test test_flake\n")
    assert f"1 would be added by --write, until {day(30)}" in result.stdout
    assert not (root / "quarantine.yaml").exists()

    result = call("suggest", "--write")
    assert result.exit_code == 2
    assert "nobody owns //p:a_test p.a_test test_flake: say --owner, or who does in CODEOWNERS" in result.stderr
    assert not (root / "quarantine.yaml").exists()

    (root / "CODEOWNERS").write_text("/p/ @team/p\n")
    result = call("suggest", "--write", "--owner", "somebody")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, f"1 added, until {day(30)}")
    (entry,) = json.loads(call("list", "--json").stdout)
    assert (entry["cases"], entry["owner"]) == (["//p:a_test p.a_test test_flake"], "@team/p")
    assert call("suggest").stdout == "no flake is to be quarantined\n"


def test_suggests_nothing_where_all_is_steady(root: Path, call: Call) -> None:
    remember(root, ".".join(["g"] * 20))
    assert (call("suggest").exit_code, call("suggest").stdout) == (0, "no flake is to be quarantined\n")


def test_suggest_needs_a_history(call: Call) -> None:
    result = call("suggest")
    assert isinstance(result.exception, RuntimeError)
    assert "no history yet" in str(result.exception)


def test_adding_what_no_run_has_seen_is_doubted(root: Path, call: Call) -> None:
    remember(root, "g.g")
    result = call("add", "p/a_test.py::test_falke", "--reason=r", "--owner=o")
    assert result.exit_code == 0
    assert "p/a_test.py::test_falke matches no case in the history: is it spelt right?" in result.stderr
    assert "matches no case" not in call("add", "p/a_test.py::test_flake", "--reason=r", "--owner=o").stderr
