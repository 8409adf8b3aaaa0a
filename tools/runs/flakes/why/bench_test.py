"""Arms through their real shell: a make-believe bazelw runs a small program under them, as Bazel would."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from tools.runs.flakes.why import Bench, CouldNotRun, investigate, investigation
from tools.runs.flakes.why.bench import Arm

BAZELW = """
    import json, os, pathlib, shlex, subprocess, sys
    options = dict(word[2:].partition("=")[::2] for word in sys.argv[1:] if word.startswith("--"))
    label, here = sys.argv[-1], pathlib.Path(__file__).parent
    if label == "//p:unbuilt":
        print("ERROR: no such target '//p:unbuilt'")
        sys.exit(1)
    events = open(options["build_event_json_file"], "a")
    for run in range(1, int(options["runs_per_test"]) + 1):
        out = here / f"run{run}"
        (out / "test.outputs").mkdir(parents=True, exist_ok=True)
        (out / "tmp").mkdir(exist_ok=True)
        for old in [*out.glob("test.outputs/*"), *out.glob("tmp/*")]:
            old.unlink()
        environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environ["PATH"] = f"{here / 'bin'}:{environ['PATH']}"
        environ |= {"TEST_RUN_NUMBER": str(run), "TEST_RANDOM_SEED": str(run)}
        environ |= {"TEST_UNDECLARED_OUTPUTS_DIR": str(out / "test.outputs"), "TEST_TMPDIR": str(out / "tmp")}
        environ["TESTBRIDGE_TEST_ONLY"] = options.get("test_filter", "")
        command = [*shlex.split(options["run_under"]), sys.executable, "-S", str(here / "program.py")]
        done = subprocess.run(command, env=environ, capture_output=True, text=True)
        (out / "test.log").write_text(done.stdout + done.stderr)
        result = {
            "status": "FAILED" if done.returncode else "PASSED",
            "testActionOutput": [{"name": "test.log", "uri": (out / "test.log").as_uri()}],
            "executionInfo": {"strategy": "linux-sandbox"},
        }
        event = {"id": {"testResult": {"label": label, "run": run, "shard": 1, "attempt": 1}}, "testResult": result}
        print(json.dumps(event), file=events, flush=True)
"""
# Two cases, of which the first may be red; `red` is an expression.
PROGRAM = """
    import json, os, random, socket, sys, time
    env = os.environ.get
    order = ["p/a_test.py::test_victim", "p/a_test.py::test_polluter", "p/a_test.py::test_other"]
    if env("TEST_ORDER_SEED"):
        random.Random(int(env("TEST_ORDER_SEED"))).shuffle(order)
    def busy():
        '''How many processes beside us never rest.'''
        time.sleep(0.2)
        count = 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                words = open(f"/proc/{{pid}}/cmdline").read().split(chr(0))
                group = os.getpgid(int(pid))
            except OSError:
                continue
            count += "while :; do :; done" in words and words[0] == "sh"
        return count
    def listens(port):
        try:
            with socket.create_server(("127.0.0.1", port)):
                time.sleep(0.4)
        except OSError:
            return False
        return True
    red = bool({red})
    with open(os.path.join(env("TEST_UNDECLARED_OUTPUTS_DIR"), "cases.jsonl"), "w") as file:
        for node in order:
            if env("TESTBRIDGE_TEST_ONLY") in ("", node):
                outcome = "failed" if red and node.endswith("victim") else "passed"
                print(json.dumps({{"node": node, "outcome": outcome}}), file=file)
    print("red" if red else "green")
    sys.exit(red)
"""


class Workspace:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def program(self, name: str, shell: str) -> None:
        """Puts a program before those of this machine."""
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{shell}\n")
        path.chmod(0o755)

    def bench(self, red: str, node: str = "") -> Bench:
        """Of a test that is red when the expression says so."""
        bazelw = self.folder / "bazelw"
        bazelw.write_text(f"#!{sys.executable}\n" + textwrap.dedent(BAZELW))
        bazelw.chmod(0o755)
        program = textwrap.dedent(PROGRAM).replace("{red}", red).replace("{{", "{").replace("}}", "}")
        (self.folder / "program.py").write_text(program)
        return Bench(self.folder, "//p:a_test", node)


@pytest.fixture(autouse=True)
def few_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(investigation, "AGAIN", 5)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.mark.parametrize(
    ("cause", "red"),
    [
        ("order", "order.index('p/a_test.py::test_polluter') < order.index('p/a_test.py::test_victim')"),
        ("seed", "int(env('TEST_RANDOM_SEED', '0')) % 3 == 2"),
        ("hash", "int(env('PYTHONHASHSEED', '0')) % 3 == 2"),
        ("zone", "env('TZ') == 'UTC-14'"),
        ("locale", "env('LC_ALL') == 'C'"),
        ("clock", "'02-29' in env('FAKETIME', '') and env('LD_PRELOAD')"),
        ("port", "not listens(18123)"),
        ("alone", "env('TESTBRIDGE_TEST_ONLY')"),
    ],
)
def test_each_cause_is_found(workspace: Workspace, tmp_path: Path, cause: str, red: str) -> None:
    library = tmp_path / "faketime.so"
    library.touch()  # The loader says that it is none, and goes on; a make-believe `date` believes in it.
    workspace.program("date", "echo ${FAKETIME%%-*} | tr -d @")
    bench = workspace.bench(red, "p/a_test.py::test_victim")
    report = investigate(bench, 6, [cause], str(library))
    assert [each.cause for each in report.causes] == [cause], report.findings
    assert report.base.reds == 0
    if cause == "order":
        assert "red when after a_test.py::test_polluter" in report.summary
    if cause == "port":
        assert "port 18123, always the same: red in 5 of 5 runs when another has it" in report.summary


def test_cpu_is_shared_with_busy_loops(workspace: Workspace) -> None:
    """By what the test sees, not by how long it takes: machines differ."""
    bench = workspace.bench("len(os.sched_getaffinity(0)) == 1 and busy() >= 8")
    report = investigate(bench, 5, ["cpu"])
    assert [each.cause for each in report.causes] == ["cpu"], report.findings


def test_busy_loops_end_with_the_test(workspace: Workspace) -> None:
    workspace.bench("False")
    investigate(workspace.bench("False"), 5, ["cpu"])
    after = workspace.bench("busy() > 0").run(Arm("after"), 1)
    assert after.reds == 0


def test_a_steady_test_has_no_cause(workspace: Workspace) -> None:
    report = investigate(workspace.bench("False"), 5, ["order", "zone", "port", "network"])
    assert report.causes == [] and "It was never red" in report.summary


def test_as_every_day(workspace: Workspace) -> None:
    """Bazel sets these because the test runs more than once; the test shall not see them."""
    seen = workspace.bench("env('TEST_RUN_NUMBER') or env('TEST_RANDOM_SEED')").run(Arm("as ever"), 3)
    assert (seen.reds, seen.runs, seen.strategy) == (0, 3, "linux-sandbox")


def test_the_case_that_is_asked_about_counts(workspace: Workspace) -> None:
    assert workspace.bench("True", "p/a_test.py::test_other").run(Arm("as ever"), 2).reds == 0
    assert workspace.bench("True", "p/a_test.py::test_victim").run(Arm("as ever"), 2).reds == 2
    seen = workspace.bench("True").run(Arm("as ever"), 2)
    assert seen.reds == 2 and seen.log == "red\n"
    assert seen.red_cases == {1: ["p/a_test.py::test_victim"], 2: ["p/a_test.py::test_victim"]}


def test_conditions_that_cannot_be_are_skipped(workspace: Workspace, tmp_path: Path) -> None:
    """A library that does not load, a core that cannot be had: nothing is said to be excluded."""
    library = tmp_path / "faketime.so"
    library.touch()
    workspace.program("taskset", "exit 1")
    report = investigate(workspace.bench("False"), 5, ["clock", "cpu"], str(library))
    assert [(each.cause, each.state) for each in report.findings] == [("cpu", "skipped"), ("clock", "skipped")]
    assert "cannot be changed in the sandbox" in report.findings[0].words


def test_what_cannot_run_says_why(workspace: Workspace) -> None:
    workspace.bench("True")
    with pytest.raises(CouldNotRun, match="no such target '//p:unbuilt'"):
        Bench(workspace.folder, "//p:unbuilt").run(Arm("as ever"), 2)


def test_words_with_quotes_reach_the_shell(workspace: Workspace) -> None:
    arm = Arm("quotes", shell="""X='a "b" $c'; export X""")
    assert workspace.bench("""env('X') == 'a "b" $c'""").run(arm, 1).reds == 1
