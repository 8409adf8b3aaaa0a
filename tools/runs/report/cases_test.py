"""Attempts become rows; rows become columns that give the rows back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tools.runs.record import CaseId, CaseResult, Outcome
from tools.runs.report import text
from tools.runs.report.cases import columns, rows

CASE = CaseId("//a:x_test", "a.x_test", "test_y")


def attempts(*outcomes: Outcome, **more: Any) -> list[CaseResult]:
    return [CaseResult(CASE, outcome, 0.5, attempt=number, **more) for number, outcome in enumerate(outcomes, 1)]


@pytest.mark.parametrize(
    ("results", "state", "letter"),
    [
        (attempts("passed"), "passed", "p"),
        (attempts("passed", cached=True), "passed", "P"),
        (attempts("failed"), "failed", "f"),
        (attempts("failed", "failed", "passed"), "flaky", "k"),
        (attempts("passed", "timeout"), "timeout", "t"),
        (attempts("failed", "error", quarantined=True), "masked", "q"),
        ([*attempts("failed"), *attempts("passed", run_number=2)], "failed", "f"),
        (attempts("skipped"), "skipped", "s"),
        (attempts("xfailed"), "xfailed", "x"),
        ([*attempts("skipped"), *attempts("passed", run_number=2)], "passed", "p"),
    ],
)
def test_states(results: list[CaseResult], state: str, letter: str) -> None:
    (row,) = rows(results)
    assert (row.state, row.letter) == (state, letter)
    assert row.red is (state in ("failed", "error", "timeout", "masked"))


def test_columns() -> None:
    given_rows = rows(
        [
            CaseResult(CaseId("//a:x_test", "a", "test_one", "1"), "passed", 0.25),
            CaseResult(CaseId("//a:x_test", "a", "test_one", "2"), "failed", 1.5),
            CaseResult(CaseId("//b:y_test"), "passed", float("nan"), cached=True),
        ]
    )
    assert columns(given_rows) == {
        "labels": ["//a:x_test", "//b:y_test"],
        "classes": ["a", ""],
        "groups": [[0, 0, 2], [1, 1, 1]],
        "shared": [0, 9, 0],
        "rest": ["test_one[1]", "2]", ""],
        "state": "pfP",
        "ms": [250, 1500, 0],
        "tries": {},
    }


NAMES = st.text(st.sampled_from("ab[]😀é\n"), max_size=6)


@example([("//a:x", "a", "😀a"), ("//a:x", "a", "😀b"), ("//a:x", "a", "😀b😀")])
@given(st.lists(st.tuples(NAMES, NAMES, NAMES)))
def test_names_come_back_as_javascript_reads_them(names: list[tuple[str, str, str]]) -> None:
    given_rows = rows([CaseResult(CaseId(*each), "passed") for each in names])
    held = columns(given_rows)
    before = b""
    read = []
    for shared, rest in zip(held["shared"], held["rest"], strict=True):
        # slice() counts units of 16 bits.
        before = before[: 2 * shared] + rest.encode("utf-16-le")
        read.append(before.decode("utf-16-le"))
    assert read == [text.name(row.case.full_name) for row in given_rows]
    labels = [held["labels"][label] for label, _, length in held["groups"] for _ in range(length)]
    assert labels == [text.name(row.case.label) for row in given_rows]
    assert len(held["state"]) == len(held["ms"]) == len(given_rows)
