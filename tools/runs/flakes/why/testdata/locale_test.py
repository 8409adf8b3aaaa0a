"""Takes for granted that text is UTF-8."""

import locale


def test_encoding() -> None:
    locale.setlocale(locale.LC_ALL, "")
    assert locale.nl_langinfo(locale.CODESET) == "UTF-8"
