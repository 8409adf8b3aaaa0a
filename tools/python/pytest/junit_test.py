"""test.xml."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tools.python.pytest import junit
from tools.python.pytest.case import Case

_WAS_3 = Case("pkg/a_test.py::test_f", "failed", message="was 3", detail="where it was 3")
CASES = [
    Case("pkg/a_test.py::Codec::test_x[1]", "passed", 0.25, "pkg/a_test.py", 7, worker="pid-1"),
    Case("pkg/a_test.py::test_bad", "failed", message="1 != 2", detail="the traceback", output="printed"),
    Case("pkg/a_test.py::test_up", "error", message="setup: no port"),
    Case("pkg/a_test.py::test_skip", "skipped", message="no elixir"),
    Case("pkg/a_test.py::test_x", "xfailed", message="expected failure: later"),
    Case("pkg/a_test.py::test_f", "passed", attempt=2, earlier=(_WAS_3,)),
    Case("pkg/a_test.py::test_g", "failed", attempt=2, message="was 4", earlier=(_WAS_3,)),
]


@pytest.fixture
def suite(tmp_path: Path) -> ET.Element:
    junit.write(tmp_path / "test.xml", "//pkg:x", CASES, {"seed": "5"})
    assert [path.name for path in tmp_path.iterdir()] == ["test.xml"]
    (suite,) = ET.parse(tmp_path / "test.xml").getroot()
    return suite


def properties(element: ET.Element) -> dict[str, str]:
    return {str(each.get("name")): str(each.get("value")) for each in element.findall("properties/property")}


def test_counts(suite: ET.Element) -> None:
    counts = {name: suite.get(name) for name in ("name", "tests", "failures", "errors", "skipped", "time")}
    assert counts == {
        "name": "//pkg:x", "tests": "7", "failures": "2", "errors": "1", "skipped": "2", "time": "0.250"
    }  # fmt: skip
    assert properties(suite) == {"label": "//pkg:x", "seed": "5"}


def test_a_case_has_its_place(suite: ET.Element) -> None:
    case = suite.findall("testcase")[0]
    assert case.attrib == {
        "classname": "pkg.a_test.Codec",
        "name": "test_x[1]",
        "time": "0.250",
        "file": "pkg/a_test.py",
        "line": "7",
    }
    assert properties(case) == {"node": CASES[0].node, "attempt": "1", "worker": "pid-1"}


@pytest.mark.parametrize(
    ("index", "tag", "message"),
    [
        (1, "failure", "1 != 2"),
        (2, "error", "setup: no port"),
        (3, "skipped", "no elixir"),
        (4, "skipped", "expected failure: later"),
        (5, "flakyFailure", "was 3"),
        (6, "failure", "was 4"),
        (6, "rerunFailure", "was 3"),
    ],
)
def test_an_outcome_has_its_tag(suite: ET.Element, index: int, tag: str, message: str) -> None:
    found = suite.findall("testcase")[index].find(tag)
    assert found is not None and found.get("message") == message


def test_traceback_and_output(suite: ET.Element) -> None:
    case = suite.findall("testcase")[1]
    assert (case.findtext("failure"), case.findtext("system-out")) == ("the traceback", "printed")


def test_characters_that_xml_cannot_carry(tmp_path: Path) -> None:
    nasty = '\x1b[31m \x00 \ud800 \U0001f600 ]]> <&"'
    junit.write(tmp_path / "test.xml", "//pkg:x", [Case(f"a_test.py::t[{nasty}]", "failed", message=nasty)], {})
    failure = ET.parse(tmp_path / "test.xml").find(".//failure")
    assert failure is not None
    assert failure.get("message") == '\\x1b[31m \\x00 \\ud800 \U0001f600 ]]> <&"'


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "test.xml"
    junit.write(path, "//pkg:x", CASES, {})
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space"):
        junit.write(path, "//pkg:x", [], {})
    assert path.read_bytes() == before
