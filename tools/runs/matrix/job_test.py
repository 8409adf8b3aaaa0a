"""The check against a bazelw that plays back events: the verdict and the exit code follow from results alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tools.runs.exit import Exit
from tools.runs.matrix.job import Report, judge

HEADER = '{"consumer":"go","title":"Go","kind":"consumer"}'


def run(folder: Path, code: int, *tests: tuple[str, str, list[str] | None]) -> Report:
    """A run in which Bazel exits with `code` after `tests`: label, status, lines of verdicts.jsonl or None."""
    events = []
    for number, (label, status, verdicts) in enumerate(tests):
        outputs = folder / f"out {number}"
        (outputs / "test.outputs").mkdir(parents=True)
        if verdicts is not None:
            (outputs / "test.outputs" / "verdicts.jsonl").write_text("\n".join(verdicts))
        result = {"status": status, "testActionOutput": [{"name": "test.log", "uri": (outputs / "test.log").as_uri()}]}
        events.append({"id": {"testResult": {"label": label, "shard": 1, "attempt": 1}}, "testResult": result})
    events.append({"id": {"buildFinished": {}}, "finished": {"exitCode": {"code": code}}})
    (folder / "events.json").write_text("\n".join(map(json.dumps, events)))
    script = folder / "bazelw"
    script.write_text(
        "#!/bin/sh\n"
        'for a in "$@"; do case "$a" in --build_event_json_file=*) f=${a#*=};; esac; done\n'
        'cat "$(dirname "$0")/events.json" >"$f"; echo "some words of Bazel" >&2\n'
        f"exit {code}\n"
    )
    os.chmod(script, 0o755)
    return judge(folder, ["//..."], [], lambda state: None)


def test_all_green(tmp_path: Path) -> None:
    report = run(tmp_path, 0, ("//a", "PASSED", [HEADER, '{"fixture":"t.A/d/1","verdict":"pass"}']))
    assert (report.exit, report.verdict) == (Exit.GOOD, "1 consumer, 1 message: 1 fixtures pass")


def test_a_failing_fixture_is_a_finding_even_when_its_test_is_green(tmp_path: Path) -> None:
    report = run(tmp_path, 0, ("//a", "PASSED", [HEADER, '{"fixture":"t.A/d/1","verdict":"fail"}']))
    assert (report.exit, report.verdict) == (Exit.FINDINGS, "1 of 1 fixtures fail")


def test_a_red_test_without_verdicts_is_a_finding(tmp_path: Path) -> None:
    report = run(tmp_path, 3, ("//a", "FAILED", None))
    assert (report.exit, report.verdict) == (Exit.FINDINGS, "1 of 1 test targets are red")


def test_a_green_test_without_verdicts_is_a_finding(tmp_path: Path) -> None:
    report = run(
        tmp_path, 0, ("//a", "PASSED", None), ("//b", "PASSED", [HEADER, '{"fixture":"t.A/d/1","verdict":"pass"}'])
    )
    assert report.exit is Exit.FINDINGS and report.unreadable == ("//a: passed, but wrote no verdicts.jsonl",)


@pytest.mark.parametrize("code", [1, 2, 8, 37])
def test_a_build_that_failed_is_not_a_verdict(tmp_path: Path, code: int) -> None:
    report = run(tmp_path, code, ("//a", "PASSED", [HEADER, '{"fixture":"t.A/d/1","verdict":"pass"}']))
    assert report.exit is Exit.COULD_NOT_RUN and "some words of Bazel" in report.log


def test_nothing_judged_is_not_green(tmp_path: Path) -> None:
    assert run(tmp_path, 0).exit is Exit.COULD_NOT_RUN


def test_a_skipped_consumer_is_named_in_the_verdict(tmp_path: Path) -> None:
    skipped = '{"consumer":"elixir","title":"Elixir","kind":"consumer","skipped":"no elixir: install it"}'
    report = run(
        tmp_path, 0, ("//a", "PASSED", [skipped]), ("//b", "PASSED", [HEADER, '{"fixture":"t.A/d/1","verdict":"pass"}'])
    )
    assert report.exit is Exit.GOOD and report.verdict.endswith("not run: elixir")


def test_shards_of_one_consumer_are_one_column_and_two_consumers_of_one_name_are_a_finding(tmp_path: Path) -> None:
    lines = [HEADER, '{"fixture":"t.A/d/1","verdict":"pass"}']
    report = run(tmp_path, 0, ("//a", "PASSED", lines), ("//b", "PASSED", lines))
    assert report.exit is Exit.FINDINGS and report.unreadable == ("//b: calls itself 'go' as //a does",)
