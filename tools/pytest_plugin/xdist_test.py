"""With real workers of pytest-xdist: attempts, masks, history, isolation, and workers that die."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Ran, Session


DISTS = ["load", "loadscope", "loadfile", "loadgroup", "worksteal"]

SOURCE = """
    import itertools, os, pytest, time
    counts = {}
    def fails(n, key):
        assert next(counts.setdefault(key, itertools.count())) >= n
    @pytest.mark.flaky(reruns=3)
    def test_third(): fails(2, "third")
    @pytest.mark.flaky(reruns=1)
    def test_never(): fails(9, "never")
    @pytest.mark.quarantine
    def test_ill(): assert 0
    @pytest.mark.xdist_group("db")
    @pytest.mark.parametrize("n", range(8))
    def test_many(n): time.sleep(0.01)
    class TestIt:
        @pytest.fixture(scope="class")
        def wide(self): fails(1, "wide")
        @pytest.mark.flaky
        def test_wide(self, wide): pass
"""


def run(session: Session, source: str | None, *arguments: str, workers: int = 2) -> Ran:
    # In a process of its own: execnet keeps threads and pipes for as long as its process lives.
    return session(source, "-p", "xdist.plugin", f"-n{workers}", *arguments, process=True)


@pytest.mark.parametrize("dist", DISTS)
def test_same_results_whatever_the_distribution(session: Session, dist: str) -> None:
    ran = run(session, SOURCE, f"--dist={dist}")
    assert ran.code == 1
    assert ran.counts == {"passed": 10, "failed": 1, "rerun": 4, "quarantined": 1}
    assert ran.history == {
        "test_third": "ffp",
        "test_never": "ff",
        "test_ill": "f",
        "TestIt::test_wide": "fp",
        **{f"test_many[{n}]": "p" for n in range(8)},
    }
    workers = {name: ran.properties(name)["worker"] for name in ran.cases}
    assert set(workers.values()) <= {"gw0", "gw1"}
    third = next(case for name, case in ran.cases.items() if name.startswith("test_third"))
    assert [child.tag for child in third] == ["properties", "flakyFailure", "flakyFailure"]
    assert len(ran.cases) == 12


def test_who_ran_what_for_how_long(session: Session) -> None:
    ran = run(session, SOURCE, "--flaky-report")
    assert "WORKERS: 2\n" in ran.text
    facts = ran.properties("test_many[3]")
    assert facts["worker"] in ("gw0", "gw1")
    assert 0.01 <= float(facts["seconds"]) < 5
    assert f"{float(facts['seconds']):8.3f} s  {facts['worker']}  test_a.py::test_many[3]" in ran.text


def test_all_cores(session: Session) -> None:
    ran = session("def test_x(): pass\n", "-p", "xdist.plugin", "-nauto", "--reruns=1", process=True)
    assert ran.counts == {"passed": 1}


def test_workers_go_by_the_list_as_it_was_when_the_session_began(session: Session) -> None:
    text = (
        "quarantine:\n  - cases: [test_a.py::test_listed]\n    reason: slow\n    owner: me\n    until: {until}\n"
        "  - cases: [test_a.py::test_gone]\n    reason: slow\n    owner: me\n    until: 2999-01-01\n"
    )
    Path("quarantine.yaml").write_text(text.format(until="2999-01-01"))
    Path("conftest.py").write_text(
        "import pytest\n"
        "@pytest.hookimpl(optionalhook=True, tryfirst=True)\n"
        "def pytest_configure_node(node):\n"
        "    open('quarantine.yaml', 'w').write('quarantine: [')\n"
    )
    ran = run(session, "def test_listed(): assert 0\n")
    assert ran.counts == {"quarantined": 1}
    assert ran.code == 1
    assert "\nquarantine.yaml:6: test_a.py::test_gone matches no test" in ran.text


def test_skip(session: Session) -> None:
    assert run(session, SOURCE, "--skip-quarantine").counts == {"passed": 10, "failed": 1, "rerun": 4, "skipped": 1}


def test_isolation_of_workers(session: Session, tmp_path: Path) -> None:
    ran = run(
        session,
        f"""
    import json, os, socket, tempfile, pytest
    @pytest.mark.parametrize("n", range(12))
    def test_x(n, worker_number, isolate_redis_db, free_port, worker_id, tmp_path):
        assert os.environ["REDIS_DB"] == str(isolate_redis_db) == str(worker_number % 16)
        assert worker_id == f"gw{{worker_number}}" and tempfile.gettempdir() == str(tmp_path)
        with socket.create_server(("127.0.0.1", free_port)):
            os.makedirs({str(tmp_path)!r}, exist_ok=True)
            with open(os.path.join({str(tmp_path)!r}, f"{{n}}.json"), "w") as file:
                json.dump([worker_id, free_port, isolate_redis_db], file)
    """,
        "-o",
        "isolate=redis folder",
        "--dist=worksteal",
        workers=3,
    )
    assert ran.counts == {"passed": 12}
    seen = [json.loads(path.read_text()) for path in tmp_path.glob("*.json")]
    assert len(seen) == 12
    assert len({port for _, port, _ in seen}) == 12
    assert {(worker, database) for worker, _, database in seen} <= {("gw0", 0), ("gw1", 1), ("gw2", 2)}
    blocks = {worker: {port // 100 for name, port, _ in seen if name == worker} for worker, _, _ in seen}
    assert sum(len(block) for block in blocks.values()) == len(set[int]().union(*blocks.values()))


DIES = """
    import os, pytest
    @pytest.mark.flaky(reruns={reruns})
    def test_dies():
        with open("deaths", "a") as file: file.write("x")
        if len(open("deaths").read()) <= {deaths}: os._exit(3)
    def test_fine(): pass
"""


@pytest.mark.parametrize(
    ("reruns", "deaths", "counts", "results"),
    [
        (2, 1, {"passed": 2, "rerun": 1}, "fp"),
        (2, 2, {"passed": 2, "rerun": 2}, "ffp"),
        (1, 9, {"passed": 1, "failed": 1, "rerun": 1}, "ff"),
    ],
)
def test_a_test_that_kills_its_worker_is_tried_again(
    session: Session, reruns: int, deaths: int, counts: dict[str, int], results: str
) -> None:
    ran = run(session, DIES.format(reruns=reruns, deaths=deaths))
    assert ran.counts == counts
    assert ran.history == {"test_dies": results, "test_fine": "p"}


def test_where_a_test_cannot_be_handed_out_again_it_is_said(session: Session) -> None:
    ran = run(session, DIES.format(reruns=2, deaths=1), "--dist=loadfile")
    assert ran.code == 1
    assert "not tried again: --dist loadfile cannot hand out a test once more" in ran.text


def test_a_test_without_reruns_that_kills_its_worker_is_red(session: Session) -> None:
    ran = run(session, DIES.format(reruns=0, deaths=9))
    assert ran.counts == {"passed": 1, "failed": 1}
    assert ran.history == {"test_dies": "f", "test_fine": "p"}


@pytest.mark.usefixtures("session")  # for its environment
def test_two_sessions_at_once_share_a_history(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    pytester.makepyfile(test_a="import time\ndef test_a(): time.sleep(1)\n", test_b="def test_b(): pass\n")
    words = [sys.executable, "-mpytest", "-p", "pytest_samewire.plugin", "-p", "xdist.plugin", "-n1", "-q"]
    running = [
        subprocess.Popen([*words, f"test_{name}.py"], stdout=subprocess.DEVNULL, cwd=pytester.path)
        for name in ("a", "b", "a", "b")
    ]
    assert [process.wait(60) for process in running] == [0] * 4
    held = json.loads(Path(".pytest_flaky_history.json").read_text())["test_results"]
    assert held == {"test_a.py::test_a": ["passed"] * 2, "test_b.py::test_b": ["passed"] * 2}
