"""The matrix in a browser, from a file. Skipped, with the reason, where this machine can't have a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samewire.parity.v1 import result_wire as wire
from samewire.parity.v1.result_wire import Asked, CaseResult, Difference, Results
from samewire.parity.v1.testee_wire import Hello

from parity.report.page import page as written
from tools.chromium.browser import FOLDER, Browser, NoBrowser, Page

XSS = "<img src=x onerror=window.hit=1></script><script>window.hit=1</script>"
CELLS = "[...document.querySelectorAll('#body tr')].map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"


def results() -> Results:
    def result(testee: str, case: str, dialect: str, verdict: Any, **more: Any) -> CaseResult:
        return CaseResult(testee=testee, case=case, dialect=dialect, verdict=verdict, seconds=0.1, **more)

    differs = Difference(path="$.clock", expected=11.0, got=12.0, what="differs")
    names = [
        "training/metrics/mean",
        "training/metrics/unique",
        "http/retry/delay",
        f"http/retry/{XSS.replace('/', '')}",
        "codec/a.B/x:y/z",
    ]
    return Results(
        format=1,
        seconds=2.0,
        testees=[
            wire.TesteeResult(name="reference", hello=Hello(name="reference", title=f"Reference {XSS}"), restarts=0),
            wire.TesteeResult(name="go", hello=Hello(name="go"), restarts=1),
            wire.TesteeResult(name="elixir", skipped="elixir is not on PATH", restarts=0),
        ],
        cases=[Asked(name=name, call="c", source=["seed 000 §3.1"], why="Because.") for name in names],
        results=[
            result("reference", names[0], "tinkex", "pass"),
            result("reference", names[0], "tinker-0.38", "pass"),
            result("reference", names[1], "tinkex", "pass"),
            result("go", names[0], "tinkex", "pass"),
            result("go", names[1], "tinkex", "fail", differences=[differs], exchanges=["POST /x"]),
            result("go", names[2], "tinkex", "known", detail="it waits longer"),
            result("go", names[3], "tinkex", "broken", detail=XSS, stderr=XSS),
            result("go", names[4], "tinkex", "unsupported", detail="has no codec"),
        ],
        findings=[f"known/go.yaml:3: {XSS}"],
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        started = Browser(FOLDER)
    except NoBrowser as why:
        pytest.skip(str(why))
    with started:
        yield started


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "matrix.html"
    file.write_text(written(results(), [["test", "decision"], ["test_qs.py", XSS]]), encoding="utf-8")
    return file


@pytest.fixture
def page(browser: Browser, file: Path) -> Page:
    page = browser.page()
    page.open(file.as_uri())
    return page


def test_the_matrix(page: Page) -> None:
    assert page.evaluate("verdict.innerText").startswith("2 testees, 8 answers: 4 agree, 1 differ, 1 broke")
    assert page.evaluate(CELLS) == [
        ["▾ codec", "–", "·1", "–"],
        ["codec/a.B", "–", "·1", "–"],
        ["▾ http", "–", "×1 ≠1", "–"],
        ["http/retry", "–", "×1 ≠1", "–"],
        ["▾ training", "3", "1 ×1", "–"],
        ["training/metrics", "3", "1 ×1", "–"],
    ]
    assert "elixir: SKIPPED: elixir is not on PATH" in page.evaluate("document.body.innerText")
    assert page.evaluate("window.hit === undefined")
    assert page.evaluate("document.querySelectorAll('img').length") == 0


def test_one_dialect(page: Page) -> None:
    page.evaluate("dialect.value = 'tinker-0.38'; dialect.dispatchEvent(new Event('input'))")
    assert page.evaluate(CELLS) == [["▾ training", "1", "–", "–"], ["training/metrics", "1", "–", "–"]]


def test_only_what_is_red_and_a_filter(page: Page) -> None:
    page.evaluate("show.value = 'red'; show.dispatchEvent(new Event('input'))")
    assert [row[0] for row in page.evaluate(CELLS)] == ["▾ http", "http/retry", "▾ training", "training/metrics"]
    page.type("#filter", "UNIQUE")
    assert page.evaluate(CELLS) == [["▾ training", "–", "×1", "–"], ["training/metrics", "–", "×1", "–"]]


def test_a_group_is_closed_and_opened(page: Page) -> None:
    page.click("#body tr:first-child td:first-child button")
    assert [row[0] for row in page.evaluate(CELLS)][:2] == ["▸ codec", "▾ http"]
    page.click("#body tr:first-child td:first-child button")
    assert [row[0] for row in page.evaluate(CELLS)][:2] == ["▾ codec", "codec/a.B"]


def test_down_to_the_case_its_difference_and_its_source(page: Page) -> None:
    page.evaluate("document.querySelector('#body tr:last-child td:nth-child(3) button').click()")
    told = page.evaluate("document.querySelector('#detail').innerText")
    assert told.index("training/metrics/unique · tinkex") < told.index("training/metrics/mean · tinkex"), (
        "red comes first"
    )
    assert "$.clock: expected 11.0, got 12.0" in told
    assert "seed 000 §3.1" in told
    assert "POST /x" in told


def test_on_a_phone(browser: Browser, file: Path) -> None:
    page = browser.page(width=360, height=740)
    page.open(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("getComputedStyle(document.querySelector('td')).fontSize") == "14px"
    if outputs := os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR"):
        page.screenshot(Path(outputs) / "phone.png")
