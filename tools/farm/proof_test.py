from __future__ import annotations

import dataclasses
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tools.farm import proof
from tools.farm.proof import HIT, Spawn

ENTRY = {
    "commandArgs": ["bin/tool", "--out", "bin/x"],
    "environmentVariables": [{"name": "PATH", "value": "/bin:/usr/bin"}],
    "platform": {"properties": [{"name": "toolbox", "value": "abc"}]},
    "inputs": [
        {"path": "a.py", "digest": {"hash": "11", "sizeBytes": "3"}},
        {"path": "link", "symlinkTargetPath": "a.py"},
    ],
    "listedOutputs": ["bin/x"],
    "mnemonic": "Action",
    "runner": "linux-sandbox",
    "targetLabel": "//a:x",
}
TEST = {"mnemonic": "TestRunner", "runner": HIT, "targetLabel": "//a:x_test", "listedOutputs": ["bin/test.log"]}


def log(folder: Path, *entries: object) -> Path:
    path = folder / "log.json"
    path.write_text("".join(json.dumps(entry, indent=2) + "\n" for entry in entries), encoding="utf-8")
    return path


def spawn(tmp_path: Path, **changed: object) -> Spawn:
    [one] = proof.spawns(log(tmp_path, ENTRY | changed))
    return one


def test_a_log_is_read(tmp_path: Path) -> None:
    first, second = proof.spawns(log(tmp_path, ENTRY, TEST))
    assert (first.label, first.runner, first.outputs) == ("//a:x", "linux-sandbox", ("bin/x",))
    assert first.inputs == {"a.py": "11", "link": "a.py"}
    assert first.properties == {"toolbox": "abc"}
    assert second.name == "TestRunner //a:x_test"


@pytest.mark.parametrize("text", ["{", "[]x", '{"a": 1} oops'])
def test_a_damaged_log_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "log").write_text(text)
    with pytest.raises((ValueError, AttributeError)):
        list(proof.spawns(tmp_path / "log"))


def test_all_hits_are_good(tmp_path: Path) -> None:
    first = list(proof.spawns(log(tmp_path, ENTRY, TEST)))
    verdict = proof.judge(first, [dataclasses.replace(each, runner=HIT) for each in first])
    assert verdict.good
    assert str(verdict).startswith("remote cache: 2 of 2 actions (100.0 %), 1 test actions")


def test_one_miss_is_not(tmp_path: Path) -> None:
    first = list(proof.spawns(log(tmp_path, ENTRY, TEST)))
    verdict = proof.judge(first, first)
    assert not verdict.good
    assert verdict.share == 0.5
    assert verdict.missed["Action //a:x bin/x"][0] == "ran by linux-sandbox"


@pytest.mark.parametrize("hits", [[], [ENTRY | {"runner": HIT}], [TEST | {"runner": "processwrapper-sandbox"}]])
def test_nothing_proves_nothing(tmp_path: Path, hits: list[object]) -> None:
    assert not proof.judge([], list(proof.spawns(log(tmp_path, *hits)))).good


def test_why(tmp_path: Path) -> None:
    first = spawn(tmp_path)
    assert proof.differences(None, first) == ["the first run had no such action"]
    assert proof.differences(first, first)[0].startswith("its key is the same")
    other = spawn(
        tmp_path,
        commandArgs=["bin/tool", "--out", "/elsewhere/x"],
        environmentVariables=[],
        platform={},
        inputs=[{"path": "a.py", "digest": {"hash": "22"}}],
    )
    assert proof.differences(first, other) == [
        "arguments: 'bin/x' -> '/elsewhere/x'",
        "environment PATH: /bin:/usr/bin -> (none)",
        "platform toolbox: abc -> (none)",
        "input a.py: 11 -> 22",
        "input link: a.py -> (none)",
    ]


def test_many_inputs_are_counted(tmp_path: Path) -> None:
    other = spawn(tmp_path, inputs=[{"path": str(n), "digest": {"hash": "1"}} for n in range(20)])
    assert proof.differences(spawn(tmp_path), other)[-1] == "... 22 input lines differ"


def test_what_fails_is_said_to_be_stored_nowhere(tmp_path: Path) -> None:
    failed = spawn(tmp_path, exitCode=1)
    [why] = proof.judge([failed], [failed]).missed.values()
    assert "exit code 1" in why[1]


def test_junit_is_escaped(tmp_path: Path) -> None:
    bad = proof.judge([], [spawn(tmp_path, targetLabel='//a:<"&>')])
    [case] = ET.fromstring(proof.junit(bad)).iter("testcase")
    failure = case.find("failure")
    assert failure is not None
    assert '<"&>' in failure.attrib["message"]
    good = proof.judge([], [dataclasses.replace(each, runner=HIT) for each in proof.spawns(log(tmp_path, TEST))])
    assert ET.fromstring(proof.junit(good)).find(".//failure") is None


def test_outside_of_a_checkout_it_cannot_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(tmp_path))
    assert proof.main(["--cache", "grpc://127.0.0.1:1", "//..."]) == 3
    assert "no checkout" in capsys.readouterr().err


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: str) -> None:
    """A Bazel that writes the same log twice, but for the runner."""
    for runner in (HIT, "linux-sandbox"):
        (tmp_path / runner.replace(" ", "-")).write_text(json.dumps(ENTRY) + json.dumps(TEST | {"runner": runner}))
    (tmp_path / "bazelw").write_text(
        "#!/bin/sh\n"
        "for word; do case $word in\n"
        "  shutdown) exit 0;;\n"
        "  --output_base=*) base=${word#*=}; mkdir -p $base/sealed; chmod a-w $base/sealed;;\n"
        "  --execution_log_json_file=*) log=${word#*=};;\n"
        "esac; done\n"
        f"sed 's/linux-sandbox/{second}/' {tmp_path}/remote-cache-hit >$log\n"
    )
    (tmp_path / "bazelw").chmod(0o755)
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("second", "code"), [(HIT, 0), ("linux-sandbox", 1)])
def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], second: str, code: int
) -> None:
    fake(tmp_path, monkeypatch, second)
    scratch, junit = tmp_path / "scratch", tmp_path / "out.xml"
    scratch.mkdir()
    words = ["--cache", "grpc://127.0.0.1:1", "--scratch", str(scratch), "--junit", str(junit), "//..."]
    assert proof.main(words) == code
    assert ("NOT FROM THE CACHE Action //a:x" in capsys.readouterr().out) == bool(code)
    assert ("<failure" in junit.read_text()) == bool(code)
    assert list(scratch.iterdir()) == []


def test_a_bazel_that_leaves_no_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake(tmp_path, monkeypatch, HIT)
    (tmp_path / "bazelw").write_text("#!/bin/sh\nexit 37\n")
    assert proof.main(["--cache", "grpc://127.0.0.1:1", "--scratch", str(tmp_path), "//..."]) == 3
    assert "left no execution log (Bazel's exit code 37)" in capsys.readouterr().err
