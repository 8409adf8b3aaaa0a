"""A standing is kept up run by run; here it is compared with one that is counted anew from everything there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.runs import history
from tools.runs.history.store import History
from tools.runs.record import GREEN, RECENT, RED, CaseId, CaseResult, Outcome, Run, Standing

NOW = 1e6
OUTCOMES: list[Outcome] = ["passed", "failed", "error", "timeout", "skipped", "xfailed"]
_names = count()


@dataclass(frozen=True)
class Told:
    """A run as the test makes it up: in `order` it is recorded."""

    order: float
    outage: bool
    results: list[tuple[Outcome, str, bool]]  # outcome, key, cached


runs = st.lists(
    st.builds(
        Told,
        st.floats(0, 1),
        st.sampled_from([False] * 9 + [True]),
        st.lists(
            st.tuples(
                st.sampled_from(OUTCOMES[:2] * 4 + OUTCOMES), st.sampled_from("abc") | st.just(""), st.booleans()
            ),
            max_size=4,
        ),
    ),
    max_size=30,
)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    with history.open(tmp_path_factory.mktemp("history") / "history.sqlite", lambda: NOW) as opened:
        yield opened


def counted(told: list[Told]) -> Standing:
    trials = [
        (outcome in RED, key)
        for run in told
        for outcome, key, cached in run.results
        if not cached and not run.outage and (outcome in RED or outcome in GREEN)
    ]
    seen: dict[str, set[bool]] = defaultdict(set)
    for red, key in trials:
        seen[key].add(red)
    rows = [(red, len(list(row))) for red, row in groupby(red for red, _ in trials)]
    return Standing(
        CaseId(""),
        trials=len(trials),
        reds=sum(red for red, _ in trials),
        contradictions=sum(len(both) == 2 for key, both in seen.items() if key),
        streaks=sum(red for red, _ in rows),
        lone=sum(row == (True, 1) for row in rows[1:-1]),
        greens=rows[-1][1] if rows and not rows[-1][0] else 0,
    )


@given(runs, st.booleans())
def test_standings_are_what_counting_gives(past: History, told: list[Told], in_order: bool) -> None:
    told = [run for run in told if run.results]
    case = CaseId(f"//t:{next(_names)}")
    for place in sorted(range(len(told)), key=lambda place: place if in_order else told[place].order):
        run = told[place]
        results = [
            CaseResult(case, outcome, key=key and f"{case}{key}", key_kind="action" if key else "", cached=cached)
            for outcome, key, cached in run.results
        ]
        past.record(Run(f"{case}-{place}", 1.0 + place, outage="o" if run.outage else ""), results)
    found = list(past.standings([case.label]))
    if not told:
        assert found == []
        return
    [standing] = found
    expected = counted(told)
    assert standing.recent == tuple(past.trials(case, RECENT))
    assert standing.last == told[-1].results[-1][0]
    for name in ("trials", "reds", "contradictions"):
        assert getattr(standing, name) == getattr(expected, name), name
    # Of old reports that come late, what lies before the newest trials is known by its sums alone.
    if in_order or expected.trials <= RECENT:
        for name in ("streaks", "lone", "greens"):
            assert getattr(standing, name) == getattr(expected, name), name
