"""Go's words for bad JSON."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock.ollama import gotext


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "EOF"),
        ("  ", "EOF"),
        ("{", "unexpected EOF"),
        ('{"a":', "unexpected EOF"),
        ('"abc', "unexpected EOF"),
        ("tru", "unexpected EOF"),
        ("x", "invalid character 'x' looking for beginning of value"),
        ("{x}", "invalid character 'x' looking for beginning of object key string"),
        ("{'a':1}", "invalid character '\\'' looking for beginning of object key string"),
        ('{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":1 "b"}', "invalid character '\"' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ('"a\nb"', "invalid character '\\n' in string literal"),
        ('"\\x"', "invalid character 'x' in string escape code"),
        ('"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"),
        ("-x", "invalid character 'x' in numeric literal"),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ("1e]", "invalid character ']' in exponent of numeric literal"),
        ("nul!", "invalid character '!' in literal null (expecting 'l')"),
        ("[" * 100_000, "exceeded max depth"),
    ],
)
def test_syntax_error(text: str, words: str) -> None:
    assert gotext.syntax_error(text) == words


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_JSON)
def test_json_is_none(value: Any) -> None:
    assert gotext.syntax_error(orjson.dumps(value).decode()) is None


@given(st.text(st.sampled_from([*'{}[]":,\\ux01-+.eE truefalsn\n']), max_size=12))
def test_what_it_takes_begins_with_json(text: str) -> None:
    if gotext.syntax_error(text) is None:
        assert any(_is_json(text[:end]) for end in range(len(text) + 1))
    else:
        assert not _is_json(text)


def _is_json(text: str) -> bool:
    import json

    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return bool(text.strip())
