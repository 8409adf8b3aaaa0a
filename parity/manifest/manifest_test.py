from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from samewire.parity.v1 import result_wire
from samewire.parity.v1.result_wire import CaseResult, Results
from samewire.parity.v1.testee_wire import Hello

from mock.engine.stubs.files import ScenarioError
from parity.manifest.manifest import Manifest, done, rows, scan

CASES = {"http/query/one", "http/query/two", "cli/size/b"}
QS = {"test": "test_qs.py", "source": "seed 000", "decision": "mirror", "cases": ["http/query/*"]}
TYPING = {"test": "test_typing.py", "source": "seed 000", "decision": "skip", "reason": "of Python alone"}
GOAL = {"goal": "Queries", "source": "seed 000 §8.2", "cases": ["http/query/*"]}
SIZES = {"goal": "Sizes", "source": "seed 000 §8.2", "cases": ["cli/**"]}
WANTED = ["test_qs.py", "test_typing.py"]


def manifest(folder: Path, *entries: dict[str, Any], goals: list[dict[str, Any]] | None = None) -> Manifest:
    file = folder / "tinker.yaml"
    file.write_text(json.dumps({"api": "tinker", "entries": list(entries), "goals": goals or []}, indent=1))
    return Manifest.read(file)


def found(read: Manifest, wanted: list[str] | None = None) -> list[str]:
    return [line.rpartition("tinker.yaml")[2] for line in read.findings(CASES, WANTED if wanted is None else wanted)]


def test_nothing_is_wrong(tmp_path: Path) -> None:
    assert found(manifest(tmp_path, QS, TYPING, goals=[GOAL])) == []


def test_a_test_without_an_entry(tmp_path: Path) -> None:
    assert found(manifest(tmp_path, QS)) == [": test_typing.py has no entry"]


@pytest.mark.parametrize("decision", ["mirror", "adapt"])
def test_an_entry_without_a_case(decision: str, tmp_path: Path) -> None:
    (line,) = found(manifest(tmp_path, {**QS, "decision": decision, "reason": "so it is", "cases": []}, TYPING))
    assert line.endswith(f": test_qs.py: {decision} without a case")


@pytest.mark.parametrize("pattern", ["http/query/three", "http/qs/*", "http/query"])
def test_a_case_that_is_not_there(pattern: str, tmp_path: Path) -> None:
    (line,) = found(manifest(tmp_path, {**QS, "cases": ["http/query/one", pattern]}, TYPING))
    assert line.endswith(f": test_qs.py: no case is called {pattern}")


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_skip_without_a_reason(reason: str | None, tmp_path: Path) -> None:
    entry = {key: value for key, value in TYPING.items() if key != "reason"} | (
        {} if reason is None else {"reason": reason}
    )
    (line,) = found(manifest(tmp_path, QS, entry))
    assert line.endswith(": test_typing.py: skip without a reason")


def test_adapted_without_a_reason(tmp_path: Path) -> None:
    (line,) = found(manifest(tmp_path, {**QS, "decision": "adapt"}, TYPING))
    assert line.endswith(": test_qs.py: adapt without a reason")


def test_skipped_and_has_cases(tmp_path: Path) -> None:
    (line,) = found(manifest(tmp_path, QS, {**TYPING, "cases": ["cli/size/b"]}))
    assert line.endswith(": test_typing.py: skipped, and has cases")


def test_twice(tmp_path: Path) -> None:
    (line,) = found(manifest(tmp_path, QS, TYPING, TYPING))
    assert line.endswith(": test_typing.py: stands twice")


def test_a_goal_without_its_case(tmp_path: Path) -> None:
    (line,) = found(manifest(tmp_path, QS, TYPING, goals=[{**GOAL, "cases": ["http/no/*"]}]))
    assert line.endswith(": Queries: no case is called http/no/*")


def test_where_it_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "tinker.yaml"
    file.write_text(
        "api: t\nentries:\n"
        "  - {test: a, source: s, decision: skip, reason: r}\n"
        "  - {test: b, source: s, decision: skip}\n"
    )
    assert Manifest.read(file).findings(CASES, []) == [f"{file}:4: b: skip without a reason"]


@pytest.mark.parametrize("text", ["api: t\nentries: [{test: a}]\n", "api: t\nodd: 1\n", "- 1\n", "{"])
def test_no_manifest(text: str, tmp_path: Path) -> None:
    file = tmp_path / "tinker.yaml"
    file.write_text(text)
    with pytest.raises(ScenarioError, match=r"tinker\.yaml"):
        Manifest.read(file)


def results(**verdicts: dict[str, str]) -> Results:
    return Results(
        format=1,
        seconds=0.0,
        testees=[
            result_wire.TesteeResult(
                name=name, restarts=0, hello=Hello(name=name, language="x"), skipped=None if of else "no Go here"
            )
            for name, of in verdicts.items()
        ],
        results=[
            CaseResult.model_validate(
                {"testee": name, "case": case, "dialect": "tinkex", "verdict": verdict, "seconds": 0.0}
            )
            for name, of in verdicts.items()
            for case, verdict in of.items()
        ],
    )


@pytest.mark.parametrize(
    ("one", "two", "word"),
    [
        ("pass", "pass", "done"),
        ("pass", "known", "done"),
        ("pass", "unsupported", "1 of 2 done"),
        ("unsupported", "unsupported", "no such thing"),
        ("pass", "fail", "1 of 2 differ"),
        ("known", "stale", "1 of 2 differ"),
        ("broken", "fail", "2 of 2 differ"),
    ],
)
def test_done_is_computed(one: str, two: str, word: str, tmp_path: Path) -> None:
    read = manifest(tmp_path, QS, TYPING, goals=[GOAL])
    found = results(a={"http/query/one": one, "http/query/two": two, "cli/size/b": "fail"})
    assert done(read.held, found) == {"a": [] if word == "done" else [f"Queries: {word}"]}
    assert [line[4:] for line in rows(read.held, found)] == [
        ["a"],
        [word],
        [""],
        [word],
        ["done" if word == "done" else "not done"],
    ]


def test_what_was_not_asked_is_not_done(tmp_path: Path) -> None:
    read = manifest(tmp_path, QS, goals=[GOAL, SIZES])
    assert done(read.held, results(a={"http/query/one": "pass"})) == {"a": ["Sizes: not asked"]}


def test_who_could_not_run_has_no_column(tmp_path: Path) -> None:
    read = manifest(tmp_path, QS, goals=[GOAL])
    found = results(a={"http/query/one": "pass"}, go={})
    assert done(read.held, found) == {"a": []}
    assert rows(read.held, found)[0] == ["test or goal", "decision", "cases", "why", "a"]


def test_scan(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "test_a.py").write_text(
        "import nothing_that_is_there\nasync def test_one(): ...\ndef helper(): ...\n"
        "class TestB:\n    def test_two(self): ...\n    class TestC:\n        def test_three(self): ...\n"
    )
    (tmp_path / "lib" / "telemetry_test.py").write_text("def test_four(): ...\n")
    (tmp_path / "notes.py").write_text("def test_no(): ...\n")
    assert list(scan(tmp_path)) == [
        ("lib/telemetry_test.py", ["test_four"]),
        ("test_a.py", ["test_one", "TestB.test_two", "TestB.TestC.test_three"]),
    ]
    (tmp_path / "test_bad.py").write_text("def test_(:")
    with pytest.raises(SyntaxError, match=r"test_bad\.py"):
        list(scan(tmp_path))
