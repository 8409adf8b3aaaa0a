from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from perf.bench.benchmark import Benchmark, duration, goal
from perf.bench.rounds import Timing


def measure(programs: Sequence[str], rounds: int) -> dict[str, Timing]:
    assert programs == ["a program"]
    return {"one": Timing(tuple(0.25 * (number + 1) for number in range(rounds)))}


def rows(timings: Mapping[str, Timing]) -> Iterable[tuple[str, str]]:
    for name, timing in timings.items():
        yield name, duration(timing.best)


BENCHMARK = Benchmark("few", "Measures little.", ("program",), measure, ("case", "time"), rows)


def test_the_table_is_printed_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", str(tmp_path))
    (tmp_path / "doc.md").write_text("<!-- few: begin -->\n<!-- few: end -->\n")
    BENCHMARK.main(["a program", "--rounds", "5", "--write", "doc.md"])
    head, empty, *table = capsys.readouterr().out.splitlines()
    assert "5 rounds" in head
    assert [empty, *table] == ["", "| case | time |", "| --- | --- |", "| one | 0.25 s |"]
    assert "\n".join([head, empty, *table]) in (tmp_path / "doc.md").read_text()


def test_all_timings_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    BENCHMARK.main(["a program", "--rounds", "4", "--json"])
    assert json.loads(capsys.readouterr().out) == {"one": [0.25, 0.5, 0.75, 1.0]}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--rounds", "3"], "at least 4"),
        (["--write", "nowhere.md"], "nowhere.md"),
        (["--write", "bare.md"], "few: end"),
    ],
)
def test_misuse_is_told_before_anything_is_measured(
    words: list[str],
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", str(tmp_path))
    (tmp_path / "bare.md").write_text("no marks")
    with pytest.raises(SystemExit) as caught:
        BENCHMARK.main(["another program", *words])
    assert caught.value.code == 2
    assert reason in capsys.readouterr().err


def test_cells() -> None:
    assert [duration(seconds) for seconds in (2.5, 0.1, 0.0999, 0.001, 0.0005)] == [
        "2.50 s", "0.10 s", "99.90 ms", "1.00 ms", "500.00 µs",
    ]  # fmt: skip
    assert (goal(True, "≥ 2"), goal(False, "≥ 2")) == ("≥ 2", "≥ 2: **missed**")
