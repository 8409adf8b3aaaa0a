"""Counting, and what the page makes of hostile text."""

from __future__ import annotations

import json

import pytest

from tools.runs.matrix.matrix import build
from tools.runs.matrix.page import as_json, page
from tools.runs.matrix.verdicts import Consumer, Kind, Outcome, Verdict

EVIL = "</td><script>alert(1)</script>{{ROWS}}"


def consumer(name: str, kind: Kind, *outcomes: tuple[str, Outcome, str]) -> Consumer:
    return Consumer(name, name.title(), kind, tuple(Verdict(*outcome) for outcome in outcomes))


@pytest.fixture
def consumers() -> list[Consumer]:
    return [
        consumer("go", Kind.CONSUMER, ("t.A/d/1", Outcome.PASS, ""), ("t.A/d/2", Outcome.FAIL, EVIL)),
        consumer("judge", Kind.JUDGE, ("t.A/d/1", Outcome.EXPECTED_FAIL, "lax"), ("t.B/e/1", Outcome.SKIP, "no int64")),
        consumer("python", Kind.MODEL, ("t.A/d/1", Outcome.PASS, "")),
    ]


def test_counts_by_message_dialect_and_consumer(consumers: list[Consumer]) -> None:
    matrix = build(consumers)
    assert [c.name for c in matrix.consumers] == ["python", "judge", "go"]
    assert (matrix.messages, matrix.dialects("t.A")) == (["t.A", "t.B"], ["d"])
    cell = matrix.cells["t.A", "d", "go"]
    assert (cell.passed, cell.failed, cell.total) == (1, 1, 2)
    total = matrix.total()
    assert (total.passed, total.failed, total.expected, total.skipped) == (2, 1, 1, 1)
    assert [verdict.outcome for _, verdict in matrix.notable][0] is Outcome.FAIL


def test_two_consumers_of_one_name_are_refused(consumers: list[Consumer]) -> None:
    with pytest.raises(ValueError, match="two consumers call themselves go"):
        build([consumers[0], consumers[0]])


def test_the_page_escapes_what_tests_say(consumers: list[Consumer]) -> None:
    text = page(build(consumers), "1 fails <b>", [("seconds", "1.0")])
    assert "<script>alert" not in text and "&lt;script&gt;" in text and "1 fails &lt;b&gt;" in text
    assert text.count("✗ 1/2") == 1 and "http" not in text


def test_json_holds_every_cell_and_all_that_did_not_pass(consumers: list[Consumer]) -> None:
    data = json.loads(as_json(build(consumers), "v", [("a", "b")]))
    assert len(data["cells"]) == 4 and len(data["notable"]) == 3 and data["facts"] == {"a": "b"}
