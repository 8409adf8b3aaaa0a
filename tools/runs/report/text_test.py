"""Names stay one line that shows what is in it; long texts keep beginning and end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.runs.report import text

ANY = st.text(st.one_of(st.characters(), st.sampled_from("\ud800\udfff\u202e\x1b[m\n")), max_size=600)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain[ä-1]", "plain[ä-1]"),
        ("two\nlines\ttab", "two\\nlines\\ttab"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("exe\u202egpj", "exe\\u202egpj"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("half \ud800", "half \\ud800"),
        ("</script>../😀", "</script>../😀"),
    ],
)
def test_names(raw: str, shown: str) -> None:
    assert text.name(raw) == shown


def test_long_names_keep_both_ends() -> None:
    shown = text.name("begin" + "x" * 65_536 + "end")
    assert shown.startswith("beginxxx")
    assert shown.endswith("xxxend")
    assert "65,544 characters" in shown
    assert len(shown) < 1.2 * text.NAME


def test_lines_lose_colours_and_keep_both_ends() -> None:
    assert text.lines("\n\x1b[1mone\x1b[0m\r\ntwo\u202e\n\n") == "one\ntwo"
    shown = text.lines("first\n" + "x" * 100_000 + "\nlast")
    assert shown.startswith("first\nxxx")
    assert shown.endswith("xxx\nlast")
    assert "characters …" in shown
    assert len(shown) < text.DETAIL + 50


@given(ANY)
def test_any_text(raw: str) -> None:
    assert not set(text.name(raw)) & set("\n\r\x1b\u202e\ud800")
    (text.name(raw) + text.lines(raw)).encode()
