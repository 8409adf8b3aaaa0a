from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samewire_wire import _text, _text_checks, _write

INT64 = (-(2**63), 2**63 - 1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("-0", 0),
        ("9007199254740993", 2**53 + 1),
        (1e3, 1000),
        ("1e2", 100),
        ("2.0", 2),
        ("-9223372036854775808", -(2**63)),
    ],
)
def test_integers_in_other_forms(value: object, expected: int) -> None:
    assert _text.integer(*INT64)(value) == expected


@pytest.mark.parametrize(
    "value", [True, 1.5, "1.5", "", " 1", "+1", "01", "1_0", "0x1", "9223372036854775808", "1e400", None], ids=repr
)
def test_what_is_no_integer(value: object) -> None:
    with pytest.raises((ValueError, OverflowError)):
        _text.integer(*INT64)(value)


def test_numbers_by_name() -> None:
    read = _text.number(False, True)
    assert math.isnan(read("NaN"))
    assert read("-Infinity") == -math.inf
    for wrong in ("nan", "inf", "", "1 ", math.nan, True):
        with pytest.raises(ValueError, match="expected"):
            read(wrong)
    with pytest.raises(ValueError, match="range"):
        _text.number(True, True)("3.5e38")


@given(st.binary())
def test_base64_both_ways(data: bytes) -> None:
    standard, url = _write.base64(data), _write.base64url(data)
    assert _text.base64(standard) == _text.base64url(url) == data
    for text in (standard, url, standard.rstrip("="), url.rstrip("=")):
        assert _text.base64_any(text) == data


@pytest.mark.parametrize("read", [_text.base64, _text.base64url, _text.base64_any])
@pytest.mark.parametrize("wrong", ["a", "ab=c", "a b=", "é===", "=="])
def test_what_is_no_base64(read: Callable[[str], bytes], wrong: str) -> None:
    if wrong == "==" and read is _text.base64_any:
        assert read(wrong) == b""  # padding without data, which lenient readers take
        return
    with pytest.raises(ValueError, match="base64"):
        read(wrong)


def test_alphabets_are_told_apart() -> None:
    with pytest.raises(ValueError, match="standard"):
        _text.base64("-_8=")
    with pytest.raises(ValueError, match="URL-safe"):
        _text.base64url("+/8=")


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_shortest_is_the_same_single(value: float) -> None:
    short = _write.shortest(value)
    assert _write._single.pack(short) == _write._single.pack(value)
    assert len(repr(short)) <= len(repr(value))


def test_shortest_of_known_values() -> None:
    assert _write.shortest(0.10000000149011612) == 0.1
    assert _write.shortest(3.4028234663852886e38) == 3.4028235e38
    assert math.copysign(1, _write.shortest(-0.0)) == -1


@given(st.lists(st.floats()))
def test_finites_refuses_exactly_what_is_not_finite(values: list[float]) -> None:
    if all(map(math.isfinite, values)):
        assert _write.finites(values) is values
    else:
        with pytest.raises(ValueError, match="NaN"):
            _write.finites(values)


def test_finites_takes_a_sum_that_overflows() -> None:
    assert _write.finites([1.7e308, 1.7e308]) == [1.7e308, 1.7e308]


def test_colons_after_quotes_is_never_below_the_number_of_keys() -> None:
    assert _text_checks.colons_after_quotes(b'{"a" : {"b":":"}, "c\\":":1}') >= 3
    assert _text_checks.colons_after_quotes(b'{"a":"http://x","b":["10:30"]}') == 2


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'{"a":1,"b":{"a":2}}', None),
        (b'{"a":1,"a":2}', ("$", "a")),
        (b'{"x":[{"k":1,"k":1}]}', ("$.x[0]", "k")),
        (b'{"a":{"k":1,"k":1},"a":0}', ("$", "a")),
        (b'{"\\u0061":1,"a":2}', ("$", "a")),
    ],
)
def test_duplicates_are_found(data: bytes, found: tuple[str, str] | None) -> None:
    assert _text_checks.duplicate(data) == found


def test_depth() -> None:
    assert not _text_checks.too_deep(b"[" * 100 + b"]" * 100)
    assert _text_checks.too_deep(b"[" * 101 + b"]" * 101)
    assert not _text_checks.too_deep(b'["' + b"[" * 300 + b'\\"{"]')
    assert not _text_checks.too_deep(b"[" + b"[]," * 300 + b"[]]")
