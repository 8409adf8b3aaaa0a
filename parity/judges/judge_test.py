"""The judge's own rules, with a toy SDK: what it says can go either way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from parity.judges.judge import Disagreement, ListError, Reader, Refused, disagreements, instants, judge, verdict


class Toy:
    """Takes any JSON object, drops "x", refuses "no"."""

    name, title, dialects = "toy", "Toy", frozenset({"d"})

    def reader(self, message: str) -> Reader | None:
        return self._read if message == "t.A" else None

    def binary(self, message: str) -> Reader | None:
        return (lambda data: (data.upper(),)) if message == "t.A" else None

    def _read(self, data: bytes) -> tuple[bytes, ...]:
        value = json.loads(data)
        if "no" in value:
            raise Refused("no means no")
        value.pop("x", None)
        return (json.dumps(value).encode(),)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    def fixture(name: str, expect: str, text: str, **more: str) -> dict[str, str]:
        return {"id": f"t.A/d/{name}", "expect": expect, "json": text, **more}

    fixtures = [
        fixture("same", "accept", '{"a":1.0}'),
        fixture("dropped", "accept", '{"x":1}'),
        fixture("becomes", "normalise", '{"x":1}', becomes="{}"),
        fixture("refused", "reject", '{"no":1}'),
        fixture("taken", "reject", '{"a":true}'),
        fixture("wrongly", "accept", '{"no":1}'),
        fixture("binary", "accept", "{}", binary="YQ=="),
        fixture("true-is-not-1", "normalise", '{"a":true}', becomes='{"a":1}'),
    ]
    (tmp_path / "f.json").write_text(json.dumps({"fixtures": fixtures}))
    (tmp_path / "other.json").write_text(json.dumps({"fixtures": [fixture("never", "accept", "{}")]}))
    files = [
        {"message": "t.A", "dialect": "d", "path": "f.json"},
        {"message": "t.A", "dialect": "e", "path": "other.json"},
        {"message": "t.B", "dialect": "d", "path": "other.json"},
    ]
    (tmp_path / "manifest.json").write_text(json.dumps({"files": files}))
    return tmp_path


def test_judges_each_fixture_of_the_dialect_that_it_has_a_type_for(archive: Path) -> None:
    said = {line["fixture"].removeprefix("t.A/d/"): line for line in judge(archive, Toy(), [])}
    assert {name: line["verdict"] for name, line in said.items()} == {
        "same": "pass",
        "dropped": "fail",
        "becomes": "pass",
        "refused": "pass",
        "taken": "fail",
        "wrongly": "fail",
        "binary": "fail",
        "true-is-not-1": "fail",
    }
    assert said["wrongly"]["detail"] == "the SDK refuses it: no means no"
    assert said["dropped"]["detail"] == "the SDK writes {}"
    assert said["binary"]["detail"] == "the SDK writes binary 41, not 61"


def test_a_listed_failure_is_expected_and_counted() -> None:
    known = [Disagreement(1, "t.A/*/lax", "lax", 7)]
    assert verdict("t.A/d/lax", "took it", known) == {
        "fixture": "t.A/d/lax",
        "verdict": "expected_fail",
        "detail": "lax (took it)",
    }
    assert known[0].seen == 1
    assert verdict("t.A/d/lax", "", known)["verdict"] == "pass" and known[0].seen == 1
    assert verdict("t.A/d/other", "took it", known)["verdict"] == "fail"


def test_dates_are_compared_as_instants() -> None:
    assert instants(["2026-11-21T10:00:00+01:00", {"a": "2026-11-21 09:00:00.120000"}]) == [
        "2026-11-21T09:00:00.000000000Z",
        {"a": "2026-11-21T09:00:00.120000000Z"},
    ]
    assert instants("2026-13-21T10:00:00Z") == "2026-13-21T10:00:00Z"


def test_the_list_wants_counts_and_reasons_and_no_doubles(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("# comment\n\n3 a/*  # why\n")
    [entry] = disagreements(path)
    assert (entry.count, entry.pattern, entry.reason, entry.line) == (3, "a/*", "why", 3)
    for line in ("a/* # why", "1 a/*", "1 a/* #"):
        path.write_text(line)
        with pytest.raises(ListError, match="list:1: write `count pattern"):
            disagreements(path)
    path.write_text("1 a # x\n1 a # y\n")
    with pytest.raises(ListError, match="list:2: a: stands in line 1"):
        disagreements(path)
