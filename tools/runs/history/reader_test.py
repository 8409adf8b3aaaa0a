"""What `last` and `history` show, on both databases, and that nothing a test wrote gets out of its line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tools.runs import history
from tools.runs.history import is_url, reader
from tools.runs.history.change import prune
from tools.runs.history.store import History
from tools.runs.record import CaseId, CaseResult, Run

GREEN = CaseResult(CaseId("//a:green"), "passed", seconds=1.0)
RED = CaseResult(
    CaseId.of("//a:red", "a.red", "test_x[1]"), "failed", seconds=2.0, message="no\n\x1b[31mway", node="n::x"
)
FLAKY = replace(GREEN, case=CaseId("//a:flaky"))
WILD = CaseResult(CaseId("//a:wild", "<b>\n", "\x1b[2J\u202e" + "n" * 65_536 + "end"), "error", quarantined=True)


@pytest.fixture
def past(place: str) -> Iterator[History]:
    with history.open(place) as opened:
        yield opened


@pytest.fixture
def show(past: History, place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def shown(*words: str) -> tuple[int, str, str]:
        monkeypatch.setenv("SAMEWIRE_HISTORY", place)
        if is_url(place) and "--help" not in words:
            assert reader.main(words, "/nowhere") == reader.USE_BAZEL
            code = reader.run(words, lambda: past.database.rows, past.where)
        else:
            code = reader.main(words, "/nowhere")
        captured = capsys.readouterr()
        assert captured.out.replace("\n", "").isprintable()
        return code, captured.out, captured.err

    return shown


def fill(past: History) -> None:
    now = time.time()
    for number in range(12):
        every = [replace(GREEN, seconds=1.0 if number < 9 else 3.0), FLAKY]
        past.record(Run(f"run-{number}", now - 9000 + number), every)
    flake = [replace(FLAKY, outcome="failed", key="k", key_kind="action"), replace(FLAKY, key="k", key_kind="action")]
    newest = Run("newest", now - 3700, now - 3650, "bazel", "test //...", "c0ffee" * 7, "main", False, "", "", 3)
    past.record(newest, [replace(GREEN, cached=True), RED, *flake, replace(GREEN, outcome="skipped"), WILD])


def test_last_says_the_verdict_and_reds_first(past: History, show: Any) -> None:
    fill(past)
    code, out, _ = show("last")
    lines = out.splitlines()
    assert code == 1
    assert lines[0].startswith("FAILED  test //...")
    assert all(part in lines[0] for part in ("1 hour ago", "took 50 s", "at c0ffeec0ffee", "on main"))
    assert lines[1] == "  1 failed, 1 flaky, 1 quarantined, 2 passed (1 from the cache), 1 skipped"
    assert lines[2] == "  FAILED       //a:red a.red test_x[1]"
    assert lines[4].strip() == r"no\n\x1b[31mway"
    assert lines[5].startswith("  FLAKY        //a:flaky")
    assert lines[6].endswith("PPPPPPPPPPPPFP  a flake, proven")
    assert lines[7].startswith(r"  QUARANTINED  //a:wild <b>\n \x1b[2J\u202ennn")
    assert lines[7].endswith("nend") and len(lines[7]) < 200


def test_last_of_a_good_run(past: History, show: Any) -> None:
    past.record(Run("good", time.time(), exit_code=0), [GREEN])
    code, out, _ = show("last")
    assert (code, out.split()[0]) == (0, "PASSED")


def test_a_run_in_which_nothing_was_red_but_that_failed(past: History, show: Any) -> None:
    past.record(Run("broken", time.time(), exit_code=1), [])
    code, out, _ = show("last")
    assert code == 1
    assert "no case is red, yet it ended with 1" in out


def test_a_run_whose_results_were_pruned(past: History, show: Any) -> None:
    past.record(Run("old", 1e9), [RED, GREEN])
    prune(past.database, 86400.0, time.time())
    code, out, _ = show("last")
    assert code == 1
    assert "of its 2 results, 1 of them red, the history was pruned" in out


def test_last_as_json(past: History, show: Any) -> None:
    fill(past)
    code, out, _ = show("last", "--json")
    document = json.loads(out)
    assert code == 1
    assert document["verdict"] == "failed"
    assert document["run"]["id"] == "newest"
    assert [case["state"] for case in document["reds"]] == ["failed", "flaky", "quarantined"]
    assert document["reds"][2]["case"] == str(WILD.case)


def test_history_shows_what_matters_first(past: History, show: Any) -> None:
    fill(past)
    code, out, _ = show("history", "--limit", "3")
    _, flaky, *reds, more = out.splitlines()
    assert code == 0
    assert flaky.split()[:4] == ["PPPPPPPPPPPPFP", "7.1", "%", "14"]
    assert flaky.endswith("//a:flaky  (a flake, proven)")
    assert {line.split()[0] for line in reds} == {"F"}
    assert more == "… and 1 more; --limit 0 shows all, a part of a name fewer"


def test_history_of_one_case_trial_by_trial(past: History, show: Any) -> None:
    fill(past)
    for pattern in ("a:re", "//A:*x[1]", "n::"):
        code, out, _ = show("history", pattern)
        lines = out.splitlines()
        assert code == 0
        assert lines[1].endswith("//a:red a.red test_x[1]")
        assert lines[2].split()[0] == "failed"
        assert lines[2].endswith(r"c0ffeec0ffee   no\n\x1b[31mway")
        assert len(lines) == 4


def test_history_tells_what_got_slower(past: History, show: Any) -> None:
    fill(past)
    assert "slower" in show("history", "green")[1]
    assert "slower" not in show("history", "flaky")[1]


def test_patterns_are_no_sql(past: History, show: Any) -> None:
    fill(past)
    for pattern in ("%", "_", "'; DROP TABLE run; --", "\\", "nothing"):
        expected = pattern in "test_x"
        assert show("history", pattern)[0] == (0 if expected else 1), pattern
    assert "no case has 'nothing' in its name" in show("history", "nothing")[2]


def test_history_as_json_and_runs(past: History, show: Any) -> None:
    fill(past)
    document = json.loads(show("history", "--json", "red")[1])
    assert document["cases"][0]["recent"] == "F"
    assert document["trials"][0]["message"] == RED.message
    assert [run["id"] for run in json.loads(show("history", "--runs", "--limit=2", "--json")[1])["runs"]] == [
        "newest",
        "run-11",
    ]
    assert show("history", "--runs", "--limit=2")[1].splitlines()[1].startswith("run-11")


@pytest.mark.parametrize(
    "words", [["last", "x"], ["last", "--limit"], ["history", "a", "b"], ["history", "--limit", "٣"], ["history", "-x"]]
)
def test_misuse_is_one_line(words: list[str], show: Any) -> None:
    code, _, error = show(*words)
    assert code == 2
    assert error.count("\n") == 1
    assert f"see samewire {words[0]} --help" in error


def test_help_has_an_example(show: Any) -> None:
    for command in ("last", "history"):
        assert f"Example: samewire {command}" in show(command, "--help")[1]


def test_nothing_there_yet(show: Any, past: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if is_url(past.where):
        with pytest.raises(history.HistoryError, match="no run in it yet"):
            show("last")
        return
    assert show("last")[0] == 3
    monkeypatch.setenv("SAMEWIRE_HISTORY", "")
    assert reader.main(["last"], str(tmp_path)) == 3


@pytest.mark.skipif("POSTGRES" in os.environ, reason="of a file")
class TestFile:
    """Opened without the store."""

    def test_other_versions_and_broken_files(self, show: Any, past: History, place: str) -> None:
        fill(past)
        past.database.execute("INSERT INTO migration VALUES (99, 'x')")
        assert "newer samewire (format 99" in show("last")[2]
        past.close()
        assert not Path(f"{place}-wal").exists()
        Path(place).write_bytes(b"no database" * 999)
        code, _, error = show("last")
        assert code == 3
        assert error.count("\n") == 1
        assert "damaged" in error

    def test_a_folder_that_is_read_only(self, place: str, past: History) -> None:
        fill(past)
        past.close()
        script = "from tools.runs.history import reader; reader.os.access = lambda *_: False; " + START
        assert b"FAILED" in run(script, place).stdout

    def test_it_imports_nothing_slow(self, place: str, past: History) -> None:
        fill(past)
        script = START + "; print(*sys.modules)"
        loaded = set(run(script, place).stdout.decode().splitlines()[-1].split())
        assert "tools.runs.history.reader" in loaded
        assert not loaded & {"dataclasses", "typing", "pathlib", "re", "argparse", "json", "inspect", "enum"}

    def test_a_pipe_that_closes_early(self, place: str, past: History) -> None:
        fill(past)
        start = Path(reader.__file__).with_name("start.py")
        root = str(Path(reader.__file__).parents[3])
        command = f"{sys.executable} -I -S {start} {root} history --limit 0 | true"
        done = subprocess.run(command, shell=True, env={"SAMEWIRE_HISTORY": place}, capture_output=True, check=False)
        assert done.stderr == b""


START = "import sys; from tools.runs.history import reader; reader.main(['last'], '/')"


def run(script: str, place: str) -> subprocess.CompletedProcess[bytes]:
    roots = f"import sys; sys.path[:0] = {[path for path in sys.path if path]!r}; "
    command = [sys.executable, "-I", "-S", "-c", roots + script]
    return subprocess.run(command, env={"SAMEWIRE_HISTORY": place}, capture_output=True, check=True)
