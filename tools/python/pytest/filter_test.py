"""What a `--test_filter` matches."""

import pytest

from tools.python.pytest.filter import is_expression, matching, nearest

NODES = [
    "pkg/a_test.py::test_x[1]",
    "pkg/a_test.py::test_x[2]",
    "pkg/a_test.py::test_x_more",
    "pkg/a_test.py::Codec::test_round_trip",
    "pkg/a_test.py::Codec::Inner::test_deep",
    "pkg/b_test.py::test_x[1]",
    "pkg/b_test.py::test_y[a::b]",
]


@pytest.mark.parametrize(
    ("text", "picks"),
    [
        ("pkg/a_test.py::test_x[1]", [0]),
        ("a_test.py::test_x[1]", [0]),
        ("a_test.py::test_x", [0, 1]),
        ("a_test.py::Codec", [3, 4]),
        ("Codec::test_round_trip", [3]),
        ("a_test.py", [0, 1, 2, 3, 4]),
        ("pkg/b_test.py", [5, 6]),
        ("test_x", [0, 1, 5]),
        ("test_x[1]", [0, 5]),
        ("Codec.test_round_trip", [3]),
        ("Codec", [3, 4]),
        ("test_y", [6]),
        ("b_test.py::test_y[a::b]", [6]),
        ("Codec.Inner", [4]),
        ("Inner.test_deep", [4]),
        ("test_x*", [0, 1, 2, 5]),
        ("*::test_x[?]", [0, 1, 5]),
        ("b_test.py::*", [5, 6]),
        ("ROUND", [3]),
        ("nothing", []),
        ("a_test.py::test_", []),
        ("test_x[3]", []),
        ("a.test_x", []),
    ],
)
def test_picks(text: str, picks: list[int]) -> None:
    assert matching(text, NODES) == [NODES[index] for index in picks]


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("retry and not slow", True),
        ("not slow", True),
        ("a or (b)", True),
        ("android", False),
        ("a_test.py::test_x[this and that]", False),
        ("test_x[this or that]", False),
    ],
)
def test_tells_an_expression_from_a_name(text: str, expression: bool) -> None:
    assert is_expression(text) == expression


def test_suggests_what_is_spelt_alike() -> None:
    assert nearest("a_test.py::test_round_tripp", NODES)[0] == NODES[3]


def test_suggests_something_where_nothing_is_alike() -> None:
    assert nearest("qqq", NODES, count=2) == NODES[:2]
