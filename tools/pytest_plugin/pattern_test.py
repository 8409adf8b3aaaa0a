"""What a pattern matches, and which ones say too little."""

import pytest
from pytest_samewire.pattern import matches, too_broad


@pytest.mark.parametrize(
    ("pattern", "name", "match"),
    [
        ("a/b_test.py::test_x[1]", "a/b_test.py::test_x[1]", True),
        ("a/b_test.py::test_x[1]", "a/b_test.py::test_x1", False),
        ("a/*.py::test_x[*]", "a/b_test.py::test_x[1-2]", True),
        ("a/*.py::test_x", "a/b/c.py::test_x", False),
        ("a/**.py::test_x", "a/b/c.py::test_x", True),
        ("a.py::test_x[**]", "a.py::test_x[a/b\n]", True),
        ("a.py::test_x", "a.py::test_xy", False),
        ("a.py::test_x", "aXpy::test_x", False),
        ("//a:b_test a.b_test test_x[*]", "//a:b_test a.b_test test_x[a b]", True),
    ],
)
def test_matches(pattern: str, name: str, match: bool) -> None:
    assert matches(pattern, name) is match


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("*", "neither file nor target"),
        ("**", "neither file nor target"),
        ("test_x", "neither file nor target"),
        ("tests/**", "neither file nor target"),
        ("**::test_x", "no file or target"),
        ("*::*", "no file or target"),
        ("a_test.py::*", "all cases of a_test.py"),
        ("a_test.py::test_*", "all cases of a_test.py"),
        ("a_test.py::test_*[1]", "all cases of a_test.py"),
        ("a_test.py::", "all cases of a_test.py"),
        ("a_test.py::Class::*", "all cases of a_test.py::Class"),
        ("//a:b_test a.b_test *", "all cases of //a:b_test a.b_test"),
        ("//a/... a test_x", "whole packages"),
        ("//...", "whole packages"),
        ("//a:*", "whole packages"),
        ("//a", "no target"),
    ],
)
def test_too_broad(pattern: str, why: str) -> None:
    assert why in (too_broad(pattern) or "")


@pytest.mark.parametrize(
    "pattern",
    [
        "a_test.py::test_x",
        "a_test.py::test_x[*]",
        "tests/**/a_test.py::Class::test_wire_*",
        "a_test.py::TestCodec::test_1",
        "a_test.py::test",
        "a_test.py::test_",
        "//a:b_test a.b_test test_x[*]",
        "//a:b_test a.b_test.Class test_x",
        "//a:go_test",
    ],
)
def test_fine(pattern: str) -> None:
    assert too_broad(pattern) is None
