"""Spans lie in lanes without overlap, and the chain goes back from the end."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tools.runs.record import CaseId, CaseResult, Outcome
from tools.runs.report.data import Span
from tools.runs.report.timeline import from_results, lanes, with_critical

TIMES = st.integers(0, 60).map(float)
WORKERS = st.sampled_from(["", "a", "b"])
SPANS = st.lists(st.builds(lambda begin, long, who: Span("//a:x", begin, begin + long, who), TIMES, TIMES, WORKERS))


def result(label: str, start: float, seconds: float, outcome: Outcome = "passed", attempt: int = 1) -> CaseResult:
    return CaseResult(CaseId(label, "", f"test_{start}"), outcome, seconds, start, attempt, worker="pid-7")


def test_spans_of_results() -> None:
    spans = from_results(
        [
            result("//a:x", 100.0, 2.0),
            result("//a:x", 102.0, 1.5, "failed"),
            result("//a:x", 104.0, 1.0, attempt=2),
            CaseResult(CaseId("//b:y"), "passed", 1.0, 90.0, cached=True),
            CaseResult(CaseId("//c:z"), "passed", 1.0),
            result("//d:w", 200.0, 1.0),
            CaseResult(CaseId("//d:w", "", "test_other"), "skipped", 0.5, 200.0),
        ]
    )
    assert [(each.label, each.start, each.end, each.attempt, each.outcome, each.worker) for each in spans] == [
        ("//a:x", 100.0, 103.5, 1, "failed", ""),
        ("//a:x", 104.0, 105.0, 2, "passed", ""),
        ("//d:w", 200.0, 201.5, 1, "passed", ""),
    ]


def test_lanes() -> None:
    told = lanes([Span("//a", 0, 3, "w1"), Span("//b", 1, 2, "w1"), Span("//c", 2, 4, "w1"), Span("//d", 0, 9, "w2")])
    assert [(lane.name, [span.label for span in lane.spans]) for lane in told] == [
        ("w1 · 1", ["//a"]),
        ("w1 · 2", ["//b", "//c"]),
        ("w2", ["//d"]),
    ]
    assert [lane.name for lane in lanes([Span("//a", 0, 3), Span("//b", 1, 2)])] == ["slot 1", "slot 2"]


def test_the_chain_that_the_end_waited_for() -> None:
    spans = [Span("a", 0, 2), Span("b", 0, 5), Span("c", 2.01, 6), Span("d", 5.1, 9), Span("e", 6.2, 8)]
    assert [span.label for span in with_critical(spans) if span.critical] == ["b", "d"]


def test_a_lane_that_was_just_free_goes_first() -> None:
    spans = [Span("a", 0, 4.0, "w1"), Span("b", 0, 4.2, "w2"), Span("c", 4.3, 9, "w1"), Span("d", 4.3, 8, "w2")]
    assert [span.label for span in with_critical(spans) if span.critical] == ["a", "c"]
    assert [span.label for span in with_critical([*spans[:2], Span("c", 6.3, 9, "w1")]) if span.critical] == ["a", "c"]
    late = [Span("a", 0, 4.0, "w1"), Span("b", 0, 6.2, "w2"), Span("c", 6.3, 9, "w1")]
    assert [span.label for span in with_critical(late) if span.critical] == ["b", "c"]


def test_what_is_known_goes_before_what_is_guessed() -> None:
    spans = [Span("a", 0, 2, critical=True), Span("b", 2, 5)]
    assert with_critical(spans) == spans


@given(SPANS)
def test_no_lane_overlaps(spans: list[Span]) -> None:
    told = lanes(spans)
    assert sorted(id(span) for lane in told for span in lane.spans) == sorted(map(id, spans))
    for lane in told:
        assert all(one.end <= other.start for one, other in pairwise(lane.spans))
        assert len({span.worker for span in lane.spans}) == 1


@given(SPANS)
def test_the_chain_ends_at_the_end_and_never_overlaps_much(spans: list[Span]) -> None:
    chain = sorted((span for span in with_critical(spans) if span.critical), key=lambda span: (span.start, span.end))
    assert bool(chain) is bool(spans)
    if chain:
        assert chain[-1].end == max(span.end for span in spans)
    assert all(one.end <= other.start + 0.05 for one, other in pairwise(chain))
