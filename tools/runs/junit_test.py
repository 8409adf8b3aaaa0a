"""Reports as frameworks write them, and as nobody should."""

from __future__ import annotations

import io
import time
import tracemalloc
from pathlib import Path

import pytest

from tools.runs.junit import DETAIL, NAME, BrokenReport, JUnitCase, Trouble, bounded, parse, read


def cases(text: str | bytes) -> list[JUnitCase]:
    return list(parse(io.BytesIO(text.encode() if isinstance(text, str) else text), "test.xml"))


def one(inner: str, attributes: str = "") -> JUnitCase:
    (case,) = cases(f'<testsuite name="s"><testcase classname="c" name="n" {attributes}>{inner}</testcase></testsuite>')
    return case


@pytest.mark.parametrize(
    ("inner", "outcome", "message", "detail"),
    [
        ("", "passed", "", ""),
        ('<failure message="1 != 2">trace</failure>', "failed", "1 != 2", "trace"),
        ("<error>boom\nmore</error>", "error", "boom", "boom\nmore"),
        ('<skipped message="no elixir"/>', "skipped", "no elixir", ""),
        ('<failure message="a"/><error message="b"/>', "failed", "a", ""),
        ("<failure><![CDATA[<b>&amp;]]></failure>", "failed", "<b>&amp;", "<b>&amp;"),
        ("<system-out>text</system-out>", "passed", "", ""),
    ],
)
def test_outcomes(inner: str, outcome: str, message: str, detail: str) -> None:
    case = one(inner)
    assert (case.outcome, case.message, case.detail) == (outcome, message, detail)


def test_attempts_that_do_not_count_are_told_apart() -> None:
    case = one('<flakyFailure message="first">t</flakyFailure>')
    assert case.outcome == "passed" and case.earlier == (Trouble("failed", "first", "t"),)
    case = one('<failure message="last"/><rerunError message="second"/>')
    assert case.outcome == "failed" and [each.outcome for each in case.earlier] == ["error"]


def test_facts_of_suite_and_case() -> None:
    (case,) = cases(
        '<testsuites><testsuite name="s" timestamp="2026-11-21T10:00:00"><properties><property name="seed" value="7"/>'
        '<property name="x" value="suite"/></properties><testcase name="n" time="1,234.5" file="a.py" line="12">'
        '<properties><property name="x" value="case"/></properties></testcase></testsuite></testsuites>'
    )
    assert (case.seconds, case.file, case.line, case.started) == (1234.5, "a.py", 12, 1795255200.0)
    assert case.properties == {"seed": "7", "x": "case"}


def test_nested_suites_name_the_innermost() -> None:
    text = '<testsuites><testsuite name="a"><testsuite name="b"><testcase name="x"/></testsuite><testcase name="y"/>'
    assert [case.suite for case in cases(text + "</testsuite></testsuites>")] == ["b", "a"]


GROWTH = "".join(f'<!ENTITY x{number + 1} "{f"&x{number};" * 10}">' for number in range(9))
BOMB = f'<!DOCTYPE x [<!ENTITY x0 "aaaaaaaaaa">{GROWTH}]><testsuite><testcase name="&x9;"/></testsuite>'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no element found"),
        ("not xml", "not XML"),
        ("<html></html>", "<html> is no test report"),
        ("<testsuite><testcase", "test.xml:1"),
        ('<testsuite><testcase name="a"></testsuite>', "mismatched tag"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite/>', "document type"),
        (BOMB, "document type"),
        ('<testsuite name="&#0;"/>', "not XML"),
        (b"<testsuite name='\xff\xfe'/>", "not XML"),
        (b"<?xml version='1.0' encoding='no-such'?><testsuite/>", "not XML"),
        ("<testsuite>" + "<a>" * 100, "nested deeper"),
    ],
)
def test_what_is_no_report_is_one_line(text: str | bytes, says: str) -> None:
    with pytest.raises(BrokenReport) as refused:
        cases(text)
    assert says in str(refused.value) and "\n" not in str(refused.value) and str(refused.value).startswith("test.xml")


def test_cases_before_the_broken_place_are_given() -> None:
    found = parse(io.BytesIO(b'<testsuite><testcase name="a"/>' + b" " * 70_000 + b"<testcase"), "test.xml")
    assert next(found).name == "a"
    with pytest.raises(BrokenReport):
        next(found)


def test_long_names_are_cut_and_still_differ() -> None:
    long = "x" * 65_536
    (one_, other) = cases(f'<testsuite><testcase name="{long}1"/><testcase name="{long}2"/></testsuite>')
    assert len(one_.name) == len(other.name) <= NAME and one_.name != other.name
    assert one_.name == bounded(f"{long}1")


@pytest.mark.parametrize("name", ["../../etc/passwd", "&lt;script&gt;", "a&#10;b", "é[1-a]"])
def test_names_are_only_text(name: str) -> None:
    assert cases(f'<testsuite><testcase name="{name}"/></testsuite>')[0].name


@pytest.mark.parametrize(
    "attributes", ['time="x" line="y"', 'time="-1" line="-5"', 'time="nan"', 'time="1e300" line="99999999999"']
)
def test_figures_that_are_none_are_zero(attributes: str) -> None:
    case = one("", attributes)
    assert (case.seconds, case.line) == (0.0, 0)


def test_a_file_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "t.xml"
    path.write_text('<testsuite><testcase name="a"/></testsuite>')
    assert [case.name for case in read(path)] == ["a"]
    with pytest.raises(OSError):
        list(read(tmp_path / "none.xml"))


def test_big_output_is_not_kept() -> None:
    piece = "<failure>" + "x" * 40_000_000 + "</failure>"
    text = io.BytesIO(f'<testsuite><testcase name="a">{piece}</testcase></testsuite>'.encode())
    tracemalloc.start()
    (case,) = parse(text, "test.xml")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(case.detail) < DETAIL + 100 and peak < 4_000_000


def test_twenty_thousand_cases_are_read_in_a_second() -> None:
    node = '<properties><property name="node" value="x"/></properties>'
    line = f'<testcase classname="a.b" name="t[{{}}]" time="0.01">{node}</testcase>'
    text = "<testsuite>" + "".join(line.format(number) for number in range(20_000)) + "</testsuite>"
    started = time.monotonic()
    assert len(cases(text)) == 20_000
    assert time.monotonic() - started < 5
