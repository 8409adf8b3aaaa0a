from __future__ import annotations

from typing import Any

import pytest

from parity.reference.query import Arrays, NestedError, Objects, format_


@pytest.mark.parametrize(
    ("params", "arrays", "objects", "text"),
    [
        ({"a": True, "b": None, "c": "", "d": 1.5}, "repeat", "dots", "a=true&d=1.5"),
        ({"a": [1, None, 2]}, "comma", "dots", "a=1%2C2"),
        ({"a": [1, 2]}, "repeat", "dots", "a=1&a=2"),
        ({"a": [1, 2]}, "brackets", "dots", "a%5B%5D=1&a%5B%5D=2"),
        ({"a": {"b": {"c": 1}}}, "repeat", "dots", "a.b.c=1"),
        ({"a": {"b": [1]}}, "brackets", "brackets", "a%5Bb%5D%5B%5D=1"),
        ({"a": "x y&z"}, "repeat", "dots", "a=x+y%26z"),
    ],
)
def test_format(params: dict[str, Any], arrays: Arrays, objects: Objects, text: str) -> None:
    assert format_(params, arrays, objects) == text


@pytest.mark.parametrize(
    ("params", "arrays"), [({"a": [1]}, "indices"), ({"a": [[1]]}, "comma"), ({"a": [{}]}, "comma")]
)
def test_cannot_be_written(params: dict[str, Any], arrays: Arrays) -> None:
    with pytest.raises(NestedError):
        format_(params, arrays)
