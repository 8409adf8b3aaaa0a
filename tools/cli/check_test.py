"""What the terminal shows of a run, while it goes on and at its end."""

from __future__ import annotations

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tools.cli import check
from tools.cli.live import Lines, view
from tools.cli.runs import app
from tools.runs.check.state import State
from tools.runs.events import Progress, TestResult, TestSummary
from tools.runs.exit import Exit

XML = """<testsuites><testsuite><testcase classname="a.a_test" name="test_b[1]" file="a/a_test.py" line="3">
<properties><property name="node" value="a/a_test.py::test_b[1]"/></properties>
<failure message="AssertionError: 1 != 2 &#155;]0;title">trace</failure></testcase>
<testcase classname="a.a_test" name="test_a"/></testsuite></testsuites>"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose bazelw runs one test with a red case."""
    (tmp_path / "test.xml").write_text(XML, encoding="utf-8")
    files = [{"name": "test.xml", "uri": (tmp_path / "test.xml").as_uri()}]
    events = [
        {"id": {"testResult": {"label": "//a:a_test"}}, "testResult": {"status": "FAILED", "testActionOutput": files}},
        {"id": {"testSummary": {"label": "//a:a_test"}}, "testSummary": {"overallStatus": "FAILED"}},
        {"id": {"buildFinished": {}}, "finished": {"exitCode": {"code": 3}}},
    ]
    (tmp_path / "events.json").write_text("\n".join(map(json.dumps, events)))
    script = tmp_path / "bazelw"
    script.write_text(
        "#!/bin/bash\n[[ $1 == test ]] || exit 7\n"
        'for a in "$@"; do case "$a" in --build_event_json_file=*) f=${a#*=};; esac; done\n'
        f'cat {tmp_path}/events.json >"$f"; echo "some words of Bazel"; exit 3\n'
    )
    os.chmod(script, 0o755)
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(tmp_path))
    monkeypatch.delenv("SAMEWIRE_HISTORY", raising=False)
    return tmp_path


def called(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        app(list(words), prog_name="samewire")
    code = ended.value.code
    assert isinstance(code, int)
    return code


def test_a_red_run(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert called("check") == Exit.FINDINGS
    out = capfd.readouterr().out
    lines = out.splitlines()
    at = lines.index("✗ //a:a_test a.a_test test_b[1]")
    assert lines[at + 1] == "    AssertionError: 1 != 2 ·]0;title"  # no test moves the terminal's title
    assert lines[at + 2] == "    a/a_test.py:3; nobody knows whether it is a flake: never executed before"
    assert lines[at + 3] == "    again: ./samewire check //a:a_test '--test_filter=a/a_test.py::test_b[1]'"
    assert lines[-2].startswith("1 of 2 cases fails, in 1 of 1 target  (")
    assert lines[-1] == f"report: {folder}/out/report.html"
    assert "test_b" in (folder / "out" / "report.html").read_text()
    assert (folder / ".samewire" / "history.sqlite").exists()


def test_json_is_one_document(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert called("check", "//a/...", "--json", "--no-report", "--jobs=1") == Exit.FINDINGS
    document = json.loads(capfd.readouterr().out)
    assert (document["exit"], document["bazel_exit_code"], document["good"]) == (1, 3, False)
    assert document["run"]["command"] == "test --jobs=1 //a/..."
    (red,) = document["failed"]
    assert (red["case"], red["change"]) == ("//a:a_test a.a_test test_b[1]", "unknown")
    assert not (folder / "out" / "report.html").exists()


def test_html_goes_where_it_shall_go(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert called("-C", str(folder), "check", "--html", "here/r.html") == Exit.FINDINGS
    assert (folder / "here" / "r.html").exists() and str(folder / "here" / "r.html") in capfd.readouterr().out


def test_a_page_that_cannot_be_written_takes_no_verdict_with_it(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "out").write_text("a file where a folder should be")
    assert called("check") == Exit.FINDINGS
    lines = capfd.readouterr().out.splitlines()
    assert any(line.startswith(f"report: {folder}/out/report.html could not be written: ") for line in lines)
    assert lines[-1].startswith("1 of 2 cases fails, in 1 of 1 target  (")


def test_a_broken_quarantine_runs_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "quarantine.yaml").write_text("quarantin:\n")
    assert called("check") == Exit.MISUSE
    out = capfd.readouterr().out
    assert "quarantine.yaml:1" in out and "nothing was run" in out and "Traceback" not in out


def test_targets_and_options_are_told_apart() -> None:
    from tools.cli.runs import _sorted

    assert _sorted(["//a", "--jobs=1", "--", "-//b/...", "-k"]) == (["//a", "-//b/..."], ["--jobs=1", "-k"])
    assert _sorted([]) == (["//..."], [])


# While it goes on.


def running(*red: str) -> State:
    state = State(durations={"//a:x": 60.0})
    state.add(Progress("[1 / 9] 3 / 50 tests; Testing //a:slow; 42s linux-sandbox ... (2 actions running)"))
    for label in red:
        state.add(TestResult(label, status="TIMEOUT"))
        state.add(TestSummary(label, "TIMEOUT"))
    return state


def test_the_terminal_shows_what_is_red_first() -> None:
    console = Console(width=60, record=True, file=StringIO())
    console.print(view(running("//a:b", "//a:" + "c" * 100)))
    lines = console.export_text().splitlines()
    assert lines[0] == "✗ //a:b (timeout)" and lines[1].endswith("…") and len(lines) == 4
    assert "2 of 50 test targets, 2 red, 2 running" in lines[2] and lines[3].strip() == "longest: //a:slow, 42 s"


def test_many_reds_do_not_fill_the_screen() -> None:
    console = Console(width=60, record=True, file=StringIO())
    console.print(view(running(*(f"//a:{number}" for number in range(30)))))
    lines = console.export_text().splitlines()
    assert len(lines) == 10 and lines[7] == "✗ and 23 more"


def test_a_log_gets_each_red_once_and_a_line_now_and_then() -> None:
    console = Console(width=100, record=True, file=StringIO())
    lines, state = Lines(console), running("//a:b")
    for seconds in (1, 2, 16, 17, 31):
        state.began -= seconds
        lines.show(state)
    shown = [line.split("s  ", 1)[1] for line in console.export_text().splitlines()]
    assert shown[0] == "red: //a:b (timeout)" and 2 <= len(shown) <= 4 and shown.count(shown[0]) == 1


@pytest.mark.parametrize(("share", "words"), [(0.0, "below 1 %"), (0.42, "42 %"), (0.999, "above 99 %")])
def test_nobody_is_quite_sure(share: float, words: str) -> None:
    assert check._percent(share) == words


def test_before_the_first_test_bazels_own_words_are_shown() -> None:
    state = State()
    state.doing = "Another command (pid=1) is running. Waiting for it to complete on the server"
    console = Console(width=60, record=True, file=StringIO())
    console.print(view(state))
    assert console.export_text().strip().endswith("is running. Waiting for it…")
