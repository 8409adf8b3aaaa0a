"""What of the farm needs no servers; those are the drill's, `./samewire farm drill`."""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.farm import drill, main, process, scheduler, worker
from tools.farm.farm import Farm, private_root, properties


class _Loader(yaml.SafeLoader):
    """Reads BuildGrid's own tags as what they stand on."""


def _plain(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    return loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else None


_Loader.add_multi_constructor("!", _plain)


def test_the_schedulers_configuration() -> None:
    text = scheduler.config(
        "127.0.0.1:1",
        "unix:/a b/s",
        "postgresql+psycopg2:///x?host=/y&user=z",
        "http://127.0.0.1:2",
        ["toolbox"],
        3,
        20,
    )
    read = yaml.load(text, _Loader)
    assert [channel["address"] for channel in read["server"]] == ["127.0.0.1:1", "unix:/a b/s"]
    [of] = read["schedulers"]
    assert of["property-set"]["match-property-keys"] == ["toolbox"]
    assert of["bot-session-keepalive-timeout"] == 20
    assert read["storages"][0]["url"] == read["caches"][0]["url"] == "http://127.0.0.1:2"


def test_bazels_words(tmp_path: Path) -> None:
    farm = Farm(tmp_path)
    (tmp_path / "facts.json").write_text(json.dumps({"cache": "grpc://c", "executor": "grpc://e"}))
    words = main.bazel(farm, ["--host_jvm_args=-Xmx1g", "test", "--runs_per_test=2", "//a"])
    assert words[:3] == ["--host_jvm_args=-Xmx1g", "test", "--config=farm"]
    assert words[-2:] == ["--runs_per_test=2", "//a"]
    assert {"--remote_cache=grpc://c", "--remote_executor=grpc://e", "--jobs=1"} <= set(words)
    with pytest.raises(RuntimeError, match="what shall Bazel do"):
        main.bazel(farm, ["--version"])


def test_without_a_farm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ["--folder", str(tmp_path / "farm")]
    assert main.main([*folder, "status"]) == 1
    assert main.main([*folder, "run", "--", "test", "//a"]) == 3
    assert main.main([*folder, "drill"]) == 3
    assert main.main([*folder, "down"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == ["no farm runs", "ended: nobody"]
    assert said.err.count("no farm runs: ./samewire farm up") == 2


def test_misuse(tmp_path: Path) -> None:
    for words in (["up", "--workers", "0"], ["up", "--workers", "65"], ["sideways"], []):
        with pytest.raises(SystemExit) as ended:
            main.main(["--folder", str(tmp_path), *words])
        assert ended.value.code == 2


def test_down_ends_and_removes_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, data = tmp_path / "farm", tmp_path / "data"
    (folder / "worker-1" / "sealed").mkdir(parents=True)
    (folder / "worker-1" / "sealed").chmod(0o500)
    data.mkdir()
    (folder / "facts.json").write_text(json.dumps({"data": str(data)}))
    started = process.start("worker-1", [sys.executable, "-c", "import time; time.sleep(60)"], folder / "log")
    process.save(folder / "processes.json", [started])
    assert main.main(["--folder", str(folder), "down"]) == 0
    assert capsys.readouterr().out == "ended: worker-1\n"
    assert not started.alive
    assert not folder.exists()
    assert not data.exists()


def test_properties_name_the_root() -> None:
    found = properties()
    assert found["OSFamily"] == "linux"
    assert set(found) <= {"OSFamily", "toolbox"}


def test_no_private_root_outside_of_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SAMEWIRE_INSIDE", raising=False)
    assert private_root() is None
    monkeypatch.setenv("SAMEWIRE_INSIDE", str(tmp_path / "bazel"))
    assert private_root() is None
    (tmp_path / "toolbox" / "root" / "etc" / "samewire-toolbox").mkdir(parents=True)
    assert private_root() == tmp_path / "toolbox" / "root"


def test_an_orphan_of_an_action_does_not_end_the_worker() -> None:
    # In its namespace the worker is the first process; here it asks to be the parent of orphans (prctl(2), 36).
    assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0
    orphan = "import os\nif os.fork() == 0:\n    if os.fork() == 0: os._exit(3)\n    os._exit(0)\nos.wait()\n"
    first = subprocess.Popen([sys.executable, "-c", orphan + "import time; time.sleep(60)"])
    second = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1); raise SystemExit(7)"])
    try:
        assert worker.watch({first.pid: "first", second.pid: "second"}) == "second ended with 7"
    finally:
        first.kill()
        first.wait()
        second.returncode = 7
        ctypes.CDLL(None).prctl(36, 0, 0, 0, 0)


def result(status: str, strategy: str, host: str) -> str:
    info = {"strategy": strategy, "hostname": host}
    return json.dumps({"id": {"testResult": {}}, "testResult": {"status": status, "executionInfo": info}})


@pytest.mark.parametrize(("last", "good"), [("PASSED", True), ("FAILED", False)])
def test_a_run_is_read(tmp_path: Path, last: str, good: bool) -> None:
    lines = [result("PASSED", "remote", f"w{n % 3}") for n in range(drill.SHARDS - 1)] + [result(last, "remote", "w1")]
    events = tmp_path / "events"
    events.write_text("\n".join(lines))
    run = drill.read(events, 3, 1.5, 0)
    assert (run.good, run.remote, run.hosts) == (good, drill.SHARDS, 3)


def test_a_shard_that_did_not_run_on_a_worker_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "events").write_text("\n".join(result("PASSED", "linux-sandbox", "here") for _ in range(drill.SHARDS)))
    assert not drill.read(tmp_path / "events", 2, 1.0, 0).good


def test_the_drill_wants_two_workers(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="two workers"):
        drill.drill(Farm(tmp_path), lambda words, own: words + own, tmp_path, tmp_path, print)
