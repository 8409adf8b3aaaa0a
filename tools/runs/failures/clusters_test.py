"""Results that say the same come together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tools.runs.failures import cluster, signature
from tools.runs.record import CaseId, CaseResult, Outcome

OUTCOMES: list[Outcome] = ["passed", "failed", "error", "timeout", "skipped", "xfailed"]


def result(name: str, message: str = "", outcome: Outcome = "failed", attempt: int = 1) -> CaseResult:
    return CaseResult(CaseId("//a:x_test", "a", name), outcome, message=message, attempt=attempt)


def test_most_cases_first() -> None:
    clusters = cluster(
        [
            result("one", "KeyError: 'a'"),
            result("one", "KeyError: 'a'", attempt=2),
            result("one", "KeyError: 'a'", attempt=3),
            result("two", "\x1b[31mport 5 taken\x1b[0m"),
            result("three", "port 6 taken", "error"),
            result("four", "port 7 taken", "passed"),
        ]
    )
    assert [(each.message, each.cases, len(each.results)) for each in clusters] == [
        ("port <number> taken", 2, 2),
        ("KeyError: 'a'", 1, 3),
    ]
    assert clusters[0].example == "port 5 taken"
    assert clusters[0].labels == ("//a:x_test",)
    assert clusters[0].signature == signature("port 99 taken")


def test_what_the_record_says_goes_first() -> None:
    told = CaseResult(CaseId("//a:x_test"), "failed", message="cut", signature="00112233445566ff")
    assert [each.signature for each in cluster([told])] == ["00112233445566ff"]


def test_no_message() -> None:
    assert [each.message for each in cluster([result("one", outcome="timeout")])] == ["timeout"]


RESULTS = st.lists(
    st.builds(
        result, st.sampled_from("abc"), st.sampled_from(["", "port 1", "port 2", "no"]), st.sampled_from(OUTCOMES)
    )
)


@given(RESULTS)
def test_every_red_result_is_in_one_cluster(results: list[CaseResult]) -> None:
    clusters = cluster(results)
    held = [each for group in clusters for each in group.results]
    assert len(held) == sum(each.red for each in results)
    assert all(each.red for each in held)
    assert len({group.signature for group in clusters}) == len(clusters)
    assert [group.cases for group in clusters] == sorted((group.cases for group in clusters), reverse=True)
