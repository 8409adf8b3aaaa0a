"""Fixtures and parity come out as one kind of matrix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools.runs.matrix.matrix import build
from tools.runs.matrix.verdicts import Consumer, Kind, Outcome, Verdict
from tools.runs.report.matrices import ResultsError, of_fixtures, of_parity, read_parity

PARITY: dict[str, Any] = {
    "format": 1,
    "seconds": 2.0,
    "testees": [
        {"name": "reference", "hello": {"name": "reference", "title": "Reference"}, "restarts": 0},
        {"name": "go", "restarts": 1},
        {"name": "elixir", "skipped": "elixir is not on PATH", "restarts": 0},
    ],
    "cases": [{"name": "http/retry/delay", "call": "c"}],
    "results": [
        {"testee": "reference", "case": "http/retry/delay", "dialect": "tinkex", "verdict": "pass", "seconds": 0.1},
        {"testee": "go", "case": "http/retry/delay", "dialect": "tinkex", "verdict": "known", "detail": "waits longer"},
        {
            "testee": "go",
            "case": "http/retry/date",
            "dialect": "tinkex",
            "verdict": "fail",
            "differences": [
                {"path": "$.delay", "expected": 2.0, "got": None, "what": "differs"},
                {"path": "$.more", "got": "x" * 500, "what": "unexpected"},
            ],
            "exchanges": ["POST /x"],
        },
        {"testee": "go", "case": "codec/a.B/x:y/z", "dialect": "tinkex", "verdict": "broken", "stderr": "panic"},
    ],
    "findings": ["known/go.yaml:3: matches nothing"],
}


def test_parity() -> None:
    matrix = of_parity(PARITY)
    assert matrix.verdict == "2 clients, 4 answers: 1 agree, 2 differ, 1 differ for a listed reason"
    assert not matrix.good
    assert matrix.columns == [("reference", "Reference"), ("go", "go"), ("elixir", "elixir")]
    assert matrix.rows == [
        ("codec", "codec/a.B", [None, (0, 1, 0, 0), None]),
        ("http", "http/retry", [(1, 0, 0, 0), (0, 1, 1, 0), None]),
    ]
    assert [(who, what, verdict) for who, what, verdict, _ in matrix.failures] == [
        ("go", "codec/a.B/x:y/z · tinkex", "broken"),
        ("go", "http/retry/date · tinkex", "fail"),
        ("go", "http/retry/delay · tinkex", "known"),
    ]
    words = matrix.failures[1][3].splitlines()
    assert words[0] == "$.delay: differs: expected 2.0, got null"
    assert words[1].startswith('$.more: unexpected: got "xxx')
    assert words[1].endswith("… (502 characters)")
    assert words[2] == "POST /x"
    assert matrix.failures[0][3] == "stderr: panic"
    assert matrix.findings == ["known/go.yaml:3: matches nothing"]
    assert matrix.skipped == {"elixir": "elixir is not on PATH"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "format 2, and this reads 1"),
        ({"testees": 7}, "int"),
        ({"testees": [{}]}, "no 'name'"),
        ({"results": [{"case": "a/b", "testee": "go", "verdict": "odd"}]}, "no 'odd'"),
        ({"results": None}, "NoneType"),
    ],
)
def test_what_parity_did_not_write(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps({**PARITY, **change}))
    with pytest.raises(ResultsError, match=f"results.json: not what `samewire parity --json` writes: .*{said}"):
        read_parity(file)
    file.write_text("[]")
    with pytest.raises(ResultsError, match="not what"):
        read_parity(file)


def test_fixtures() -> None:
    told = [
        Verdict("shop.v1.Order/default/a", Outcome.PASS, ""),
        Verdict("shop.v1.Order/default/b", Outcome.FAIL, "null"),
        Verdict("shop.v1.Order/other/c", Outcome.EXPECTED_FAIL, "sends null"),
    ]
    matrix = of_fixtures(
        build([Consumer("models", "Ours", Kind.MODEL, tuple(told)), Consumer("go", "Go", Kind.CONSUMER, (), "no go")])
    )
    assert matrix.rows == [
        ("shop.v1", "Order · default", [(1, 1, 0, 0), None]),
        ("shop.v1", "Order · other", [(0, 0, 1, 0), None]),
    ]
    assert matrix.failures == [
        ("models", "shop.v1.Order/default/b", "fail", "null"),
        ("models", "shop.v1.Order/other/c", "known", "sends null"),
    ]
    assert matrix.skipped == {"go": "no go"}
    assert not matrix.good
    assert matrix.verdict == "1 of 3 fixtures pass"
