"""The file itself: one, small, with a policy that holds, and nothing of a test in it but text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.runs.record import CaseId, CaseResult, Run
from tools.runs.report import sample
from tools.runs.report.data import Benchmark as Bench
from tools.runs.report.data import Cache, Change, Entry, Matrix, Measure, Miss, Problem, Report
from tools.runs.report.document import document
from tools.runs.report.page import data, page, write

XSS = "</script><script>window.hit=1</script><img src=x onerror=window.hit=1><!--"
EMPTY = Report(Run("r", 1.0), "no case was run", good=True, results=())


class Elements(HTMLParser):
    """Elements with their attributes, and the text in each kind."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag = self.found[-1][0] if self.found else ""
        self.texts.setdefault(tag, []).append(data)


def hostile(text: str) -> Report:
    """The text wherever text can be."""
    result = CaseResult(
        CaseId(text, text, text, text), "failed", message=text, detail=text, node=f"a::{text}", file=text, worker=text,
        seed=text, signature=text, started=2.0,
    )  # fmt: skip
    return Report(
        run=Run(text, 1.0, 3.0, command=text, commit=text, branch=text, host=text),
        verdict=text,
        good=False,
        results=[result, replace(result, attempt=2)],
        facts=[(text, text)],
        problems=[Problem(text, text)],
        findings=[text],
        outage=text,
        logs={text: text},
        quarantine=[Entry([text], text, text, text, text, note=text, where=text, failure=text)],
        cache=Cache(1, 1, 1, [Miss(text, reason=text), Miss(text, changes=[Change(text, text, text, text)])]),
        matrices=[
            Matrix(
                text, text, False, [(text, text)], [(text, text, [(1, 1, 1, 1)])], [(text,) * 4], [text], {text: text}
            )
        ],
        benchmarks=[Bench(text, [Measure(text, [1.0], unit=text)], [[text], [text]])],
    )


def test_one_file_with_one_script() -> None:
    text = page(sample.report(300))
    elements = Elements(text)
    scripts = [attributes for tag, attributes in elements.found if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "data"}, {}]
    assert not any(name.startswith("on") for _, attributes in elements.found for name in attributes)
    fetched = [value for _, each in elements.found for name, value in each.items() if name in ("src", "href")]
    assert [value for value in fetched if value and not value.startswith(("#", "data:"))] == []
    assert "http://" not in re.sub(r"http://www\.w3\.org/2000/svg", "", text)
    assert not re.search(
        r"@import|url\(|\bimport\(|fetch\(|XMLHttpRequest|innerHTML|outerHTML|insertAdjacent|eval\(", text
    )


def test_the_policy_names_script_and_style() -> None:
    text = page(EMPTY)
    policy = next(
        each["content"] or ""
        for tag, each in Elements(text).found
        if each.get("http-equiv") == "Content-Security-Policy"
    )
    for kind, content in (
        ("script", re.findall(r"<script>(.*?)</script>", text, re.DOTALL)[-1]),
        ("style", re.findall(r"<style>(.*?)</style>", text, re.DOTALL)[0]),
    ):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "text",
    [
        XSS,
        "{{SCRIPT}}{{DATA}}",
        "\u202egnp\u2066.exe",
        "a\nb\r\n\x1b[31mc\x00",
        "../../etc/passwd",
        "x" * 65_536,
        "\ud800",
        "\"'`$&",
    ],
)
def test_hostile_text_is_text(text: str) -> None:
    written = page(hostile(text))
    plain = page(hostile("plain"))
    assert [tag for tag, _ in Elements(written).found] == [tag for tag, _ in Elements(plain).found]
    embedded = re.findall(r'<script type="application/json" id="data">(.*?)</script>', written, re.DOTALL)
    assert json.loads(embedded[0])["cases"]["state"] == "f"
    assert len(written) < len(plain) + 250_000
    written.encode()


@settings(max_examples=40)
@given(st.text(st.one_of(st.characters(), st.sampled_from("\ud800\udfff\u202e\x1b<>&'\"\n")), max_size=80))
def test_any_text_is_text(text: str) -> None:
    written = page(hostile(text))
    written.encode()
    embedded = re.findall(r'<script type="application/json" id="data">(.*?)</script>', written, re.DOTALL)
    assert len(embedded) == 1
    json.loads(embedded[0])
    json.dumps(document(hostile(text)))


def test_figures_that_are_none() -> None:
    odd = float("nan")
    results = [CaseResult(CaseId("//a:x"), "passed", odd, odd), CaseResult(CaseId("//a:y"), "passed", -1, float("inf"))]
    measures = [Measure("some", [1.0, odd], [float("inf")]), Measure("none", [odd])]
    run = Run("r", odd, float("inf"))
    held = data(replace(EMPTY, results=results, run=run, critical_path=odd, benchmarks=[Bench("b", measures)]))
    assert [each["rounds"] for each in held["benchmarks"][0]["measures"]] == [[1.0]]
    assert held["cases"]["ms"] == [0, 0]
    assert held["timeline"] is None
    assert held["run"]["started"] is None


def test_twenty_thousand_cases_stay_small() -> None:
    report = sample.report(20_000)
    assert len(page(report).encode()) < 1_500_000
    held = data(report)
    assert len(held["cases"]["state"]) == len({result.case for result in report.results})


def test_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "new" / "report.html"
    write(EMPTY, file)
    assert file.read_text(encoding="utf-8") == page(EMPTY)
    assert [each.name for each in file.parent.iterdir()] == ["report.html"]
    (file.parent / ".report.html.new").mkdir()
    with pytest.raises(OSError, match="report"):
        write(sample.report(50), file)
    assert file.read_text(encoding="utf-8") == page(EMPTY)


def test_the_document_for_scripts() -> None:
    told = document(sample.report(1_500))
    assert told["version"] == 1
    assert told["counts"]["failed"] == sum(len(fault["cases"]) for fault in told["faults"]) - told["counts"].get(
        "masked", 0
    )
    assert all(case["again"].startswith("./samewire check //") for fault in told["faults"] for case in fault["cases"])
    json.dumps(told)
