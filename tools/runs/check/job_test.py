"""The check against a bazelw that plays back events: verdict, exit code and what is kept follow from results alone."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tools.runs import history
from tools.runs.bazel import Bazel, names_service
from tools.runs.check.conftest import Case, Workspace
from tools.runs.check.document import document
from tools.runs.check.job import Request, again, check, configuration
from tools.runs.exit import Exit
from tools.runs.record import CaseId, CaseResult

RED = Case("test_b[1]", red="AssertionError: 1 != 2")
GREEN = Case("test_a")


def test_all_green(workspace: Workspace) -> None:
    workspace.test("//a:a_test", cases=[GREEN, Case("test_c", skipped="no elixir")])
    checked = workspace.check()
    assert (checked.verdict.exit, checked.verdict.code) == (Exit.GOOD, 0)
    assert checked.verdict.text == "1 case of 1 target passes, 1 skipped"


def test_a_red_case_says_what_where_and_how_again(workspace: Workspace) -> None:
    workspace.code = 3
    workspace.test("//a:a_test", "FAILED", [GREEN, RED])
    checked = workspace.check(flags=["--config=full"])
    (red,) = checked.reds
    assert (checked.verdict.exit, checked.verdict.code) == (Exit.FINDINGS, 3)
    assert checked.verdict.text == "1 of 2 cases fails, in 1 of 1 target"
    assert red.result.case == CaseId("//a:a_test", "a.a_test", "test_b", "1")
    assert (red.result.message, red.result.detail) == ("AssertionError: 1 != 2", "traceback")
    assert red.command == ("./samewire check //a:a_test --config=full '--test_filter=a/a_test.py::test_b[1]'")
    assert Path(red.log).read_text() == "the log of it\n"


@pytest.mark.parametrize(
    ("code", "exit_code", "says"),
    [
        (1, Exit.COULD_NOT_RUN, "the build failed"),
        (2, Exit.MISUSE, "did not take its command line"),
        (4, Exit.COULD_NOT_RUN, "no test among the targets"),
        (8, Exit.COULD_NOT_RUN, "interrupted"),
        (33, Exit.COULD_NOT_RUN, "out of memory"),
        (37, Exit.COULD_NOT_RUN, "crashed"),
        (99, Exit.COULD_NOT_RUN, "exit code 99"),
    ],
)
def test_what_is_no_verdict_on_tests_is_never_good(workspace: Workspace, code: int, exit_code: Exit, says: str) -> None:
    workspace.code = code
    workspace.test("//a:a_test", cases=[GREEN])
    checked = workspace.check()
    assert checked.verdict.exit is exit_code and says in checked.verdict.text
    assert checked.verdict.code == code and "some words of Bazel" in checked.log


def test_no_test_at_all_is_not_green(workspace: Workspace) -> None:
    assert workspace.check().verdict.exit is Exit.COULD_NOT_RUN


def test_a_target_that_did_not_build_is_named(workspace: Workspace) -> None:
    workspace.code = 1
    aborted = {"reason": "ANALYSIS_FAILURE", "description": "no such target //x:y"}
    workspace.event({"targetCompleted": {"label": "//b:b_test"}}, aborted=aborted)
    workspace.test("//a:a_test", "FAILED", [RED])
    verdict = workspace.check().verdict
    assert verdict.exit is Exit.COULD_NOT_RUN
    assert verdict.text == "did not build: //b:b_test; 1 of 1 case fails, in 1 of 1 target"


def test_tests_failed_and_something_did_not_build(workspace: Workspace, entry: Callable[..., str]) -> None:
    workspace.code = 3
    workspace.quarantine(entry("//a:a_test a.a_test test_b[[]1]"))
    workspace.test("//a:a_test", "FAILED", [RED])
    workspace.event({"testSummary": {"label": "//b:b_test"}}, testSummary={"overallStatus": "FAILED_TO_BUILD"})
    assert workspace.check().verdict.exit is Exit.COULD_NOT_RUN


def test_a_bazel_that_was_killed(workspace: Workspace) -> None:
    workspace.finished = False
    workspace.script = "kill -KILL $$"
    workspace.test("//a:a_test", cases=[GREEN])
    verdict = workspace.check().verdict
    assert (verdict.exit, verdict.code) == (Exit.COULD_NOT_RUN, -9)
    assert "killed by SIGKILL" in verdict.text


@pytest.mark.parametrize(
    ("number", "store"),
    [(signal.SIGINT, None), (signal.SIGTERM, None), (signal.SIGHUP, None), (signal.SIGINT, "events")],
)
def test_who_interrupts_stops_bazel_and_still_hears_what_was_red(
    workspace: Workspace, number: signal.Signals, store: str | None
) -> None:
    workspace.test("//a:a_test", "FAILED", [RED])
    workspace.code = 8
    workspace.script = "trap 'exit 8' INT; for i in $(seq 200); do sleep 0.1; done"
    before = signal.getsignal(number)
    begun = workspace.folder / "arguments"

    def interrupt() -> None:
        while not begun.exists():
            time.sleep(0.05)
        time.sleep(0.3)
        os.kill(os.getpid(), number)

    threading.Thread(target=interrupt).start()
    started = time.monotonic()
    checked = workspace.check(store=workspace.folder / store if store else None)
    assert time.monotonic() - started < 15
    assert signal.getsignal(number) is before
    assert (checked.verdict.exit, checked.verdict.code) == (Exit.COULD_NOT_RUN, 8)
    assert checked.verdict.text.startswith("interrupted: 1 of 1") and len(checked.reds) == 1


def test_who_interrupts_before_bazel_starts_starts_none(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def early(self: Bazel) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return nullcontext()

    monkeypatch.setattr(Bazel, "_service", early)
    verdict = workspace.check().verdict
    assert (verdict.exit, verdict.text, verdict.code) == (
        Exit.COULD_NOT_RUN,
        "interrupted: 0 of 0 test targets were done",
        None,
    )
    assert not (workspace.folder / "arguments").exists()


def test_no_bazelw_is_said(workspace: Workspace) -> None:
    with pytest.raises(FileNotFoundError):
        check(Request(workspace.folder), lambda state: None)


# Quarantine.


def test_masked_failures_do_not_fail_and_do_not_look_green(workspace: Workspace, entry: Callable[..., str]) -> None:
    workspace.code = 3
    workspace.quarantine(entry("//a:a_test a.a_test test_b*"))
    workspace.test("//a:a_test", "FAILED", [GREEN, RED])
    checked = workspace.check()
    assert (checked.verdict.exit, checked.verdict.code) == (Exit.GOOD, 3)
    assert checked.verdict.text == "1 case of 1 target passes; 1 quarantined failed"
    (red,) = checked.reds
    assert red.masked and (red.owner, red.issue) == ("ann", "#1")


def test_one_unmasked_failure_is_enough(workspace: Workspace, entry: Callable[..., str]) -> None:
    workspace.code = 3
    workspace.quarantine(entry("//a:a_test a.a_test test_b*"))
    workspace.test("//a:a_test", "FAILED", [RED, Case("test_x", red="boom")])
    checked = workspace.check()
    assert checked.verdict.exit is Exit.FINDINGS
    assert checked.verdict.text == "1 of 2 cases fails, in 1 of 1 target; 1 quarantined failed"
    assert [red.masked for red in checked.reds] == [False, True]


def test_a_target_that_died_is_not_masked_by_its_cases(workspace: Workspace, entry: Callable[..., str]) -> None:
    workspace.code = 3
    workspace.quarantine(entry("//a:a_test a.a_test test_b*"))
    workspace.test("//a:a_test", "FAILED", [RED])
    workspace.test("//b:b_test", "TIMEOUT", None)
    checked = workspace.check()
    assert checked.verdict.exit is Exit.FINDINGS
    assert [str(red.result.case) for red in checked.reds if not red.masked] == ["//b:b_test"]


def test_another_failure_of_a_quarantined_case_is_not_masked(workspace: Workspace, entry: Callable[..., str]) -> None:
    workspace.code = 3
    workspace.quarantine(entry("//a:a_test a.a_test test_b*", failure="TimeoutError"))
    workspace.test("//a:a_test", "FAILED", [RED])
    checked = workspace.check()
    assert checked.verdict.exit is Exit.FINDINGS and [each.kind for each in checked.findings] == ["other-failure"]


def test_an_expired_entry_fails_a_green_run(workspace: Workspace, entry: Callable[..., str]) -> None:
    workspace.quarantine(entry("//a:a_test a.a_test test_a", until="2026-11-20"))
    workspace.test("//a:a_test", cases=[GREEN])
    checked = workspace.check()
    assert (checked.verdict.exit, checked.verdict.code) == (Exit.FINDINGS, 0)
    assert checked.verdict.text == "1 finding beside the tests"


def test_an_entry_that_matches_nothing_fails_only_a_whole_run(workspace: Workspace, entry: Callable[..., str]) -> None:
    workspace.quarantine(entry("//gone:x_test"))
    workspace.test("//a:a_test", cases=[GREEN])
    assert workspace.check(targets=["//a/..."]).verdict.exit is Exit.GOOD
    assert workspace.check(flags=["--test_filter=test_a"]).verdict.exit is Exit.GOOD
    assert workspace.check().verdict.exit is Exit.FINDINGS


# What tests leave.


def test_attempts_of_target_and_case_are_counted_on(workspace: Workspace) -> None:
    workspace.test("//a:a_test", "FAILED", [RED], attempt=1)
    lines = [{"node": "a/a_test.py::test_b[1]", "outcome": "failed", "attempt": 1, "message": "first"}]
    workspace.test(
        "//a:a_test",
        "PASSED",
        [Case("test_b[1]", attempt=2, flaky="first")],
        attempt=2,
        files={"cases.jsonl": "\n".join(map(json.dumps, lines)) + '\n{"node": "cut'},
    )
    checked = workspace.check()
    assert [(each.attempt, each.outcome, each.message) for each in checked.results] == [
        (1, "failed", "AssertionError: 1 != 2"),
        (2, "failed", "first"),
        (3, "passed", ""),
    ]
    assert checked.verdict.text == "1 case of 1 target passes, 1 only when tried again"


@pytest.mark.parametrize(
    ("xml", "says"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><testsuite><testcase name="&b;"/></testsuite>', "document type"),
        ("garbage", "not XML"),
        ("<html/>", "no test report"),
        ("", "no element"),
    ],
)
def test_a_broken_report_is_one_line_and_the_status_counts(workspace: Workspace, xml: str, says: str) -> None:
    workspace.code = 3
    workspace.test("//a:a_test", "FAILED", xml)
    workspace.test("//b:b_test", "PASSED", xml)
    checked = workspace.check()
    first, second = checked.unreadable
    assert (
        says in first and "\n" not in first and first.startswith("//a:a_test: ") and second.startswith("//b:b_test: ")
    )
    assert [(str(each.case), each.outcome) for each in checked.results] == [
        ("//a:a_test", "failed"),
        ("//b:b_test", "passed"),
    ]


def test_a_broken_report_beside_the_runners_own_record(workspace: Workspace) -> None:
    workspace.code = 3
    line = {"node": "a/a_test.py::T::test_b[x::y]", "outcome": "failed", "message": "m", "line": 7, "duration": 2}
    workspace.test("//a:a_test", "FAILED", "<testsuite><testc", files={"cases.jsonl": json.dumps(line)})
    (result,) = workspace.check().results
    assert result.case == CaseId("//a:a_test", "a.a_test.T", "test_b", "x::y")
    assert (result.outcome, result.seconds, result.line) == ("failed", 2.0, 7)


def test_strange_names_are_only_text(workspace: Workspace) -> None:
    names = ["../../x", "<script>alert(1)</script>", "a\tb", "n" * 65_536]
    workspace.test("//a:a_test", "PASSED", [Case(name) for name in names])
    checked = workspace.check()
    assert checked.counts.passed == 4 and max(len(str(each.case)) for each in checked.results) < 1100
    json.dumps(document(checked))
    with history.open(workspace.folder / "history.sqlite") as past:
        assert len(list(past.results(checked.run.id))) == 4


def test_a_red_target_without_a_red_case_is_red(workspace: Workspace) -> None:
    workspace.code = 3
    workspace.test("//a:a_test", "FAILED", [GREEN])
    (red,) = workspace.check().reds
    assert (
        red.result.message == "the target ended as FAILED, and no case is red" and red.result.detail == "the log of it"
    )


def test_a_report_by_bazel_itself_is_the_target(workspace: Workspace) -> None:
    workspace.code = 3
    case = '<testcase name="a/x_test"><error message="exited with error code 1"/></testcase>'
    workspace.test("//a:x_test", "FAILED", f'<testsuites><testsuite name="a/x_test">{case}</testsuite></testsuites>')
    (red,) = workspace.check().reds
    assert (red.result.case, red.result.detail) == (CaseId("//a:x_test"), "the log of it")


# History.


def test_the_run_is_kept_with_commit_and_tree(workspace: Workspace) -> None:
    workspace.git("init", "-q", "-b", "main")
    (workspace.folder / ".gitignore").write_text("*\n!x\n")
    (workspace.folder / "x").write_text("1")
    workspace.git("add", "x")
    workspace.git("commit", "-q", "-m", "x")
    workspace.test("//a:a_test", cases=[GREEN])
    checked = workspace.check()
    assert (checked.run.commit, checked.run.branch, checked.run.dirty) == (
        workspace.git("rev-parse", "HEAD").strip(),
        "main",
        False,
    )
    (workspace.folder / "x").write_text("2")
    assert workspace.check().run.dirty
    with history.open(workspace.folder / "history.sqlite") as past:
        newest, oldest = past.runs(10)
        assert (newest.exit_code, newest.dirty, oldest.dirty) == (0, True, False)
        (result,) = past.results(oldest.id)
        assert (str(result.case), result.key_kind) == ("//a:a_test a.a_test test_a", "commit")


def test_a_broken_history_breaks_no_run(workspace: Workspace) -> None:
    (workspace.folder / "history.sqlite").write_text("this is no database" * 100)
    workspace.test("//a:a_test", cases=[GREEN])
    checked = workspace.check()
    assert checked.verdict.exit is Exit.GOOD
    (warning,) = checked.warnings
    assert warning.startswith("history: ") and "\n" not in warning


def test_nothing_is_kept_of_a_run_without_tests(workspace: Workspace) -> None:
    workspace.check()
    with history.open(workspace.folder / "history.sqlite") as past:
        assert past.runs(1) == []


# The matrix.

HEADER = '{"consumer":"go","title":"Go","kind":"consumer"}'


def test_verdicts_make_the_matrix(workspace: Workspace) -> None:
    lines = f'{HEADER}\n{{"fixture":"t.A/d/1","verdict":"pass"}}'
    workspace.test("//a:a_test", cases=[GREEN], tags=["verdicts"], files={"verdicts.jsonl": lines})
    workspace.test("//b:b_test", cases=[GREEN])
    checked = workspace.check()
    assert checked.matrix is not None and checked.matrix.total().passed == 1 and checked.verdict.good
    assert document(checked)["matrix"]["cells"]


def test_a_failing_fixture_is_a_finding_though_its_test_is_green(workspace: Workspace) -> None:
    lines = f'{HEADER}\n{{"fixture":"t.A/d/1","verdict":"fail"}}'
    workspace.test("//a:a_test", cases=[GREEN], tags=["verdicts"], files={"verdicts.jsonl": lines})
    assert workspace.check().verdict.text == "1 fixture of the matrix fails"


def test_a_test_that_owes_verdicts_and_wrote_none_is_a_finding(workspace: Workspace) -> None:
    workspace.test("//a:a_test", cases=[GREEN], tags=["verdicts"])
    checked = workspace.check()
    assert checked.verdict.exit is Exit.FINDINGS
    assert checked.unreadable == ["//a:a_test: passed, but wrote no verdicts.jsonl"]


# Small things.


@pytest.mark.parametrize("node", ["", "a\nb::c", "x" * 600 + "::y"])
def test_a_node_that_cannot_be_pasted_is_left_out(node: str) -> None:
    assert again(CaseResult(CaseId("//a:b"), "failed", node=node)) == "./samewire check //a:b"


def test_a_node_is_quoted_for_the_shell() -> None:
    command = again(CaseResult(CaseId("//a:b"), "failed", node="a.py::t[$(rm -rf /)']"))
    assert command == "./samewire check //a:b '--test_filter=a.py::t[$(rm -rf /)'\"'\"']'"


def test_the_configuration_is_what_decides_results(tmp_path: Path) -> None:
    one = configuration(tmp_path, ["--config=a", "-k"], {})
    assert one == configuration(tmp_path, ["-k", "--config=a"], {}) != configuration(tmp_path, ["-k"], {})
    (tmp_path / "user.bazelrc").write_text("build --x")
    assert configuration(tmp_path, ["--config=a", "-k"], {}) != one


# Events over gRPC.


def test_a_stream_that_never_came_is_made_up_for_by_the_file(workspace: Workspace) -> None:
    workspace.code = 3
    workspace.test("//a:a_test", "FAILED", [RED])
    checked = workspace.check(store=workspace.folder / "events")
    assert (len(checked.reds), checked.verdict.exit) == (1, Exit.FINDINGS)
    arguments = (workspace.folder / "arguments").read_text().splitlines()
    assert any(word.startswith("--bes_backend=grpc://127.0.0.1:") for word in arguments)


@pytest.mark.parametrize(("name", "ours"), [("user.bazelrc", 0), (".bazelrc", 0), ("other", 1)])
def test_another_build_event_service_stays_the_one(workspace: Workspace, name: str, ours: int) -> None:
    (workspace.folder / name).write_text("# a service\nbuild --bes_backend=grpcs://service\n")
    workspace.test("//a:a_test", cases=[GREEN])
    assert workspace.check(store=workspace.folder / "events").verdict.good
    assert (workspace.folder / "arguments").read_text().count("--bes_backend") == ours
    assert names_service(workspace.folder, ["--bes_backend=x"])


def test_before_its_first_event_bazels_own_words_are_shown(workspace: Workspace) -> None:
    workspace.write()
    line = "Another command (pid=1) is running. Waiting for it to complete on the server"
    (workspace.folder / "bazelw").write_text(f'#!/bin/sh\necho "{line}"; echo; sleep 1; exit 9\n')
    heard = []
    checked = check(Request(workspace.folder), lambda state: heard.append(state.doing))
    assert line in heard and "another Bazel command" in checked.verdict.text


def test_a_bazel_that_works_on_after_its_last_event_is_not_cut_short(workspace: Workspace) -> None:
    class Early(Bazel):
        def _follow(self, *_: object) -> Iterator[None]:
            yield None

    workspace.code, workspace.script = 3, "trap 'exit 99' TERM; sleep 0.5"
    workspace.write()
    bazel = Early(workspace.folder, [])
    list(bazel.events())
    assert bazel.exit_code == 3


def test_what_bazel_prints_is_heard_at_once(workspace: Workspace) -> None:
    workspace.finished = False
    workspace.script = 'echo "[1 / 9] 3 / 50 tests; Testing //a:slow; 42s linux-sandbox" >&2; sleep 1'
    workspace.write()
    heard = []
    check(Request(workspace.folder), lambda state: heard.append((state.total, state.slow)))
    assert (50, ("//a:slow", 42.0)) in heard


def test_a_log_is_named_as_the_workspace_has_it(workspace: Workspace) -> None:
    workspace.code = 3
    workspace.test("//a:a_test", "FAILED", [RED])
    (red,) = workspace.check().reds
    assert Path(red.log).is_absolute()
    (workspace.folder / "bazel-testlogs").symlink_to(workspace.folder / "testlogs")
    (red,) = workspace.check().reds
    assert red.log == "bazel-testlogs/0/test.log"


def test_an_outage_is_said_and_counts_for_nothing(workspace: Workspace) -> None:
    workspace.code = 3
    for number in range(6):
        workspace.test(f"//a:{number}", "FAILED", [Case(f"test_{each}", red="no route to host") for each in range(5)])
    checked = workspace.check()
    assert "red at once" in checked.outage and checked.verdict.exit is Exit.FINDINGS
    with history.open(workspace.folder / "history.sqlite") as past:
        assert past.runs(1)[0].outage == checked.outage
        assert not list(past.standings(reds_only=True))


def test_a_red_that_the_change_cannot_reach(workspace: Workspace) -> None:
    workspace.git("init", "-q", "-b", "main")
    for name in ("a/BUILD", "a/a.py", "b/BUILD", "b/b.py"):
        (workspace.folder / name).parent.mkdir(exist_ok=True)
        (workspace.folder / name).touch()
    (workspace.folder / ".gitignore").write_text("*\n!*/\n!/a/**\n!/b/**\n")
    workspace.git("add", "a", "b")
    workspace.git("commit", "-q", "-m", "x")
    (workspace.folder / "b" / "b.py").write_text("changed")
    workspace.code = 3
    workspace.query = "echo //a:a_test; echo //a:a.py; exit 0"
    workspace.test("//a:a_test", "FAILED", [RED])
    (red,) = workspace.check().reds
    assert (red.reach, red.reach_why) == ("unreachable", "b/b.py is no part of it")
    (workspace.folder / "a" / "a.py").write_text("changed")
    (red,) = workspace.check().reds
    assert (red.reach, red.reach_why) == ("reachable", "a/a.py")
