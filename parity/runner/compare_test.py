from __future__ import annotations

from typing import Any

import pytest

from parity.runner.compare import MOST, MarkError, differences, subset


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1, 1.0),
        (2**60 + 1, 2**60 + 1),
        (0.1 + 0.2, 0.3),
        ({"a": 1, "b": None}, {"b": None, "a": 1}),
        ({"$any": True}, None),
        ({"$re": "^x"}, "xy"),
        ({"$type": "number"}, 1.5),
        ({"$type": "boolean"}, False),
        ({"$has": {"a": 1}}, {"a": 1, "b": 2}),
        ({"a": {"$absent": True}}, {}),
        ({"$near": 1.5, "within": 0.1}, 1.59),
        ({"$len": 2}, [1, 2]),
    ],
)
def test_equal(expected: Any, got: Any) -> None:
    assert differences(expected, got) == []


@pytest.mark.parametrize(
    ("expected", "got", "path", "what"),
    [
        (1, 2, "$", "differs"),
        (2**60 + 1, 2**60, "$", "differs"),
        (1, True, "$", "differs"),
        (0, None, "$", "differs"),
        ("1", 1, "$", "differs"),
        (0.1, 0.1000001, "$", "differs"),
        ({"a": None}, {}, "$.a", "missing"),
        ({}, {"a b": 1}, '$["a b"]', "unexpected"),
        ({"a": [1, 2]}, {"a": [1]}, "$.a[1]", "missing"),
        ([], [1], "$[0]", "unexpected"),
        ({"a": {"$absent": True}}, {"a": None}, "$.a", "unexpected"),
        ({"$has": {"a": 1}}, {"a": 2}, "$.a", "differs"),
        ({"$has": {"a": 1}}, 1, "$", "differs"),
        ({"$type": "number"}, True, "$", "differs"),
        ({"$type": "integer"}, 1.5, "$", "differs"),
        ({"$re": "^x"}, "ax", "$", "differs"),
        ({"$near": 1.5, "within": 0.1}, 1.7, "$", "differs"),
        ({"$len": 2}, [1], "$", "differs"),
    ],
)
def test_different(expected: Any, got: Any, path: str, what: str) -> None:
    (found,) = differences(expected, got)
    assert (found.path, found.what) == (path, what)


@pytest.mark.parametrize(
    "mark", [{"$typ": "string"}, {"$type": "text"}, {"$any": True, "a": 1}, {"$near": 1}, {"$len": "2"}]
)
def test_a_mark_that_is_none(mark: Any) -> None:
    with pytest.raises(MarkError, match=r"docs/cases\.md"):
        differences(mark, 1)


def test_a_tolerance() -> None:
    assert differences(1.0001, 1.0002, 1e-3) == []
    assert differences(1.0001, 1.0002, 1e-6) != []


def test_a_subset_at_every_depth() -> None:
    assert subset({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}], "d": 3}) == []
    (found,) = subset({"a": [{"b": 1}]}, {"a": [{"c": 2}], "d": 3})
    assert (found.path, found.what) == ("$.a[0].b", "missing")


def test_many_differences_are_cut() -> None:
    assert len(differences(list(range(100)), [])) == MOST
