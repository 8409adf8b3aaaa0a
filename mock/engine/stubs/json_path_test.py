from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpath_rfc9535 import find

from mock.engine.stubs.error import StubError
from mock.engine.stubs.json_path import JsonPath, join, plain_steps
from mock.engine.stubs.view import NOTHING

DOCUMENT: dict[str, Any] = {"a": {"b": [{"c": 1}, {"c": None, "d e": [True]}]}, "x-y": "z", "0": "zero"}


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$", ()),
        ("$.a.b[0].c", ("a", "b", 0, "c")),
        ("$['x-y']", ("x-y",)),
        ('$.a["b"][-1]["d e"]', ("a", "b", -1, "d e")),
        ("$.a[*]", None),
        ("$..a", None),
        ("$[01]", None),
        ("$[-0]", None),
        ("a", None),
        ("$.a ", None),
    ],
)
def test_plain_paths(path: str, steps: Any) -> None:
    assert plain_steps(path) == steps


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("$", [DOCUMENT]),
        ("$.a.b[1].c", [None]),
        ("$.a.b[-2].c", [1]),
        ("$.a.b[2].c", []),
        ("$['x-y'][0]", []),
        ("$[0]", []),
        ("$.a.b[*].c", [1, None]),
        ("$..c", [1, None]),
        ("$.a.b[?@.c==1].c", [1]),
        ('$[?match(@, "z.*")]', ["z", "zero"]),
        ('$[?search(@, "er.$")]', []),
        ('$[?match(@, "[")]', []),
    ],
)
def test_what_is_selected(path: str, wanted: list[Any]) -> None:
    compiled = JsonPath(path, "$.path")
    assert compiled.select(DOCUMENT) == wanted
    assert compiled.first(DOCUMENT) == (wanted[0] if wanted else NOTHING)
    assert compiled.select(NOTHING) == []


STEPS = st.lists(st.sampled_from(["a", "b", 0, 1, -1, "x y"]), max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "x y"]), inner, max_size=3),
    max_leaves=10,
)


@given(STEPS, VALUES)
def test_plain_lookups_are_what_the_library_finds(steps: list[str | int], value: Any) -> None:
    path = "$"
    for step in steps:
        path = join(path, step)
    compiled = JsonPath(path, "$")
    assert compiled.steps == tuple(steps)
    assert compiled.select(value) == [node.value for node in find(path, value)]


@pytest.mark.parametrize("path", ["", "a.b", "$.", "$.a[", "$[?@.a", "$.a[?nope(@)]", "$[" * 2000])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(StubError) as caught:
        JsonPath(path, "$.body[0].path")
    assert caught.value.path == "$.body[0].path"
    assert "\n" not in str(caught.value)


def test_values_that_nest_too_deep_select_nothing() -> None:
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    assert JsonPath("$..a", "$").select(deep) == []


def test_a_hostile_pattern_in_a_filter() -> None:
    assert JsonPath("$[?match(@, '(a*)*b')]", "$").select(["a" * 50_000]) == []
