"""How a case is called in test.xml and in cases.jsonl."""

import json

import pytest

from tools.python.pytest.case import Case


@pytest.mark.parametrize(
    ("node", "classname", "name"),
    [
        ("pkg/a_test.py::test_x[1]", "pkg.a_test", "test_x[1]"),
        ("pkg/a_test.py::Codec::Inner::test_x", "pkg.a_test.Codec.Inner", "test_x"),
        ("pkg/a_test.py", "pkg.a_test", "pkg/a_test.py"),
        ("//pkg:a_test", "//pkg:a_test".replace("/", "."), "//pkg:a_test"),
        ("a_test.py::test_x[a::b]", "a_test", "test_x[a::b]"),
    ],
)
def test_names(node: str, classname: str, name: str) -> None:
    case = Case(node, "passed")
    assert (case.classname, case.name) == (classname, name)


def test_a_line_is_one_line_without_the_long_texts() -> None:
    line = Case("a_test.py::t", "failed", 0.1234567, message="a\nb", detail="d", output="o").to_line(
        label="//:t", seed=3
    )
    assert "\n" not in line
    record = json.loads(line)
    assert (record["label"], record["seed"], record["duration"], record["message"]) == ("//:t", 3, 0.123457, "a\nb")
    assert not {"detail", "output"} & set(record)
