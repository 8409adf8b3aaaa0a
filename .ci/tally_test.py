"""What a run comes to."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tally", Path(__file__).with_name("tally.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["tally"] = module
    spec.loader.exec_module(module)
    return module


FINISHED: dict[str, Any] = {"id": {"buildFinished": {}}, "finished": {}}


def summary(label: str, status: str) -> dict[str, Any]:
    return {"id": {"testSummary": {"label": label}}, "testSummary": {"overallStatus": status}}


def result(label: str, xml: Path | None, status: str = "PASSED", **place: int) -> dict[str, Any]:
    outputs = [{"name": "test.xml", "uri": xml.as_uri() if xml else "bytestream://cache/blobs/1"}]
    return {
        "id": {"testResult": {"label": label, **place}},
        "testResult": {"status": status, "testActionOutput": outputs},
    }


@pytest.fixture
def xml(tmp_path: Path) -> Path:
    path = tmp_path / "a b%é.xml"
    path.write_text(
        """<testsuites><testsuite>
        <testcase classname="pkg" name="test_a"/>
        <testcase classname="pkg" name="test_b"><failure message="1 != 2&#10;more"/></testcase>
        <testcase classname="pkg" name="test_c"><error>boom</error></testcase>
        <testcase classname="pkg" name="test_d"><skipped message="no elixir"/></testcase>
        </testsuite></testsuites>""",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def green(tmp_path: Path) -> Path:
    path = tmp_path / "green.xml"
    path.write_text('<testsuites><testsuite><testcase name="a"/></testsuite></testsuites>')
    return path


def said(*events: dict[str, Any]) -> list[str]:
    return str(load().tally(events)).splitlines()


def test_counts_cases_and_says_why(xml: Path) -> None:
    assert said(result("//p:t", xml, "FAILED"), summary("//p:t", "FAILED"), FINISHED) == [
        "SKIPPED //p:t pkg.test_d: no elixir",
        "FAILED  //p:t pkg.test_b: 1 != 2",
        "FAILED  //p:t pkg.test_c: boom",
        "1 test targets, 1 of them red",
        "1 passed, 2 failed, 1 skipped",
    ]


def test_only_the_last_attempt_counts(xml: Path, green: Path) -> None:
    attempts = result("//p:t", xml, "FAILED", attempt=1), result("//p:t", green, attempt=2)
    assert said(*attempts, summary("//p:t", "FLAKY"), FINISHED)[-1] == "1 passed, 0 failed, 0 skipped"


def test_every_shard_and_run_counts(green: Path) -> None:
    parts = [result("//p:t", green, shard=shard, run=run) for shard in (1, 2) for run in (1, 2)]
    assert said(*parts, summary("//p:t", "PASSED"), FINISHED)[-1] == "4 passed, 0 failed, 0 skipped"


def test_a_red_target_without_a_red_case_is_red(green: Path) -> None:
    lines = said(result("//p:t", green, "FAILED"), summary("//p:t", "TIMEOUT"), FINISHED)
    assert lines[0] == "FAILED  //p:t: the target ended as TIMEOUT, though no case is red"
    assert lines[-1] == "1 passed, 1 failed, 0 skipped"


def test_a_report_on_another_machine_counts_as_one(green: Path) -> None:
    events = result("//p:a", None), result("//p:b", None, "FAILED"), summary("//p:a", "PASSED")
    assert said(*events, summary("//p:b", "FAILED"), FINISHED)[-1] == "1 passed, 1 failed, 0 skipped"


@pytest.mark.parametrize("with_summary", [True, False])
def test_what_was_not_built_is_red_once(with_summary: bool) -> None:
    events = [
        {"id": {"targetCompleted": {"label": "//p:t"}}, "completed": {"failureDetail": {"message": "no such file"}}}
    ]
    events += [summary("//p:t", "FAILED_TO_BUILD")] if with_summary else []
    lines = said(*events, FINISHED)
    assert lines[0] == "FAILED  //p:t: did not build; no such file"
    assert lines[-1] == "0 passed, 1 failed, 0 skipped"


def test_a_broken_package_is_red() -> None:
    aborted = {"reason": "LOADING_FAILURE", "description": "no such target"}
    lines = said({"id": {"pattern": {"pattern": ["//..."]}}, "aborted": aborted}, FINISHED)
    assert lines == ["FAILED  //...: no such target", "0 test targets, 0 of them red", "0 passed, 1 failed, 0 skipped"]


def test_a_target_for_another_platform_is_skipped(green: Path) -> None:
    skipped = {
        "id": {"targetCompleted": {"label": "//p:mac"}},
        "aborted": {"reason": "SKIPPED", "description": "not linux"},
    }
    lines = said(result("//p:t", green), summary("//p:t", "PASSED"), skipped, FINISHED)
    assert (lines[0], lines[-1]) == ("SKIPPED //p:mac: not linux", "1 passed, 0 failed, 1 skipped")


@pytest.mark.parametrize(("events", "why"), [([], "ended before"), ([FINISHED], "ran no test")])
def test_a_run_of_nothing_is_red(events: list[dict[str, Any]], why: str) -> None:
    lines = said(*events)
    assert why in lines[0]
    assert lines[-1] == "0 passed, 1 failed, 0 skipped"


@pytest.mark.parametrize(("content", "code"), [("not json", 2), (None, 2), ('{"id": {"buildFinished": {}}}', 1)])
def test_exit_code(
    content: str | None, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "events.json"
    if content is not None:
        path.write_text(content)
    monkeypatch.setattr(sys, "argv", ["tally", str(path)])
    assert load().main() == code
    assert "Traceback" not in capsys.readouterr().err


def tallied(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: Path | str
) -> tuple[int, list[str]]:
    monkeypatch.setattr(sys, "argv", ["tally", *map(str, words)])
    return load().main(), capsys.readouterr().out.splitlines()


def test_further_reports_count(
    xml: Path, green: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    events = tmp_path / "events.json"
    events.write_text("\n".join(json.dumps(e) for e in (result("//p:t", green), summary("//p:t", "PASSED"), FINISHED)))
    assert tallied(monkeypatch, capsys, events, "--junit", green)[1][-1] == "2 passed, 0 failed, 0 skipped"
    code, lines = tallied(monkeypatch, capsys, events, "--junit", xml)
    assert (code, lines[-1]) == (1, "2 passed, 2 failed, 1 skipped")
    code, lines = tallied(monkeypatch, capsys, events, "--junit", tmp_path / "remote-cache.xml")
    assert (code, lines[-1]) == (1, "1 passed, 1 failed, 0 skipped")
    assert lines[0].startswith("FAILED  remote-cache: left no report")


def test_another_workspace_counts(
    green: Path, xml: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, other = tmp_path / "ours.json", tmp_path / "other.json"
    ours.write_text("\n".join(json.dumps(e) for e in (result("//p:t", green), summary("//p:t", "PASSED"), FINISHED)))
    red = (result("//:t", xml, "FAILED"), summary("//:t", "FAILED"), FINISHED)
    other.write_text("\n".join(json.dumps(e) for e in red))
    code, lines = tallied(monkeypatch, capsys, ours, "--workspace", f"orders={other}")
    assert (code, lines[-2:]) == (1, ["2 test targets, 1 of them red", "2 passed, 2 failed, 1 skipped"])
    assert "FAILED  @orders//:t pkg.test_b: 1 != 2" in lines
    other.write_text("")
    code, lines = tallied(monkeypatch, capsys, ours, "--workspace", f"orders={other}")
    assert (code, lines[0]) == (1, "FAILED  @orders bazel: ended before it had finished; its output says why")
    monkeypatch.setattr(sys, "argv", ["tally", str(ours), "--workspace", "orders=nowhere"])
    assert load().main() == 2
