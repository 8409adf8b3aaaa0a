"""Go durations and keep_alive."""

import pytest

from mock.ollama import duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5m", 300),
        ("300ms", 0.3),
        ("1h30m", 5400),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("-1s", -1),
        ("+2s", 2),
        ("0", 0),
        ("-0", 0),
        ("10us", 1e-5),
        ("10µs", 1e-5),
        ("7ns", 7e-9),
    ],
)
def test_parse(text: str, seconds: float) -> None:
    assert duration.parse(text) == pytest.approx(seconds, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 'time: invalid duration ""'),
        ("5", 'time: missing unit in duration "5"'),
        ("5x", 'time: unknown unit "x" in duration "5x"'),
        ("m", 'time: invalid duration "m"'),
        ("-", 'time: invalid duration "-"'),
        ('a"b', 'time: invalid duration "a\\"b"'),
    ],
)
def test_what_is_none(text: str, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        duration.parse(text)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, 300), (0, 0), (0.0, 0), (1.5, 1.5), (-1, duration.FOREVER), ("-1ns", duration.FOREVER), ("2s", 2)],
)
def test_keep_alive(value: float | str | None, seconds: float) -> None:
    assert duration.keep_alive(value) == seconds
