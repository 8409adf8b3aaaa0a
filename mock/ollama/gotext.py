"""What Go's encoding/json says of a text that is no JSON, and of wrong values (bridge_tinyllm_ollama.md C3)."""

from __future__ import annotations

import re
from typing import Any

_SPACE = " \t\r\n"
_END = "unexpected EOF"
_NUMBER = re.compile(r"-?(?:(?P<whole>0|[1-9]\d*)(?P<dot>\.(?P<fraction>\d+)?)?(?P<e>[eE][+-]?(?P<exponent>\d+)?)?)?")


class _Bad(Exception):
    """The text ends, or goes on with what may not stand there."""


def syntax_error(text: str) -> str | None:
    """Go's words; None for a text that begins with a JSON value (what follows is not looked at)."""
    try:
        at = _space(text, 0)
        if at == len(text):
            return "EOF"
        _value(text, at)
    except _Bad as bad:
        return str(bad)
    except RecursionError:
        return "exceeded max depth"
    return None


def kind(value: Any) -> str:
    """A JSON value as Go names it: "string", "number", "bool", "array", "object"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "number"
    if isinstance(value, float):
        return f"number {value:g}"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def _bad(text: str, at: int, where: str) -> _Bad:
    if at >= len(text):
        return _Bad(_END)
    char = text[at]
    shown = "'\\''" if char == "'" else "'\"'" if char == '"' else "'" + repr(char)[1:-1] + "'"
    return _Bad(f"invalid character {shown} {where}")


def _space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _value(text: str, at: int) -> int:
    """The place after the value that begins at `at`."""
    char = text[at : at + 1]
    if char == "{":
        return _object(text, at + 1)
    if char == "[":
        return _array(text, at + 1)
    if char == '"':
        return _string(text, at + 1)
    for word in ("true", "false", "null"):
        if char == word[0]:
            return _literal(text, at, word)
    if char and char in "-0123456789":
        return _number(text, at)
    raise _bad(text, at, "looking for beginning of value")


def _object(text: str, at: int) -> int:
    at = _space(text, at)
    if text[at : at + 1] == "}":
        return at + 1
    while True:
        if text[at : at + 1] != '"':
            raise _bad(text, at, "looking for beginning of object key string")
        at = _space(text, _string(text, at + 1))
        if text[at : at + 1] != ":":
            raise _bad(text, at, "after object key")
        at = _space(text, _value(text, _space(text, at + 1)))
        if text[at : at + 1] == "}":
            return at + 1
        if text[at : at + 1] != ",":
            raise _bad(text, at, "after object key:value pair")
        at = _space(text, at + 1)


def _array(text: str, at: int) -> int:
    at = _space(text, at)
    if text[at : at + 1] == "]":
        return at + 1
    while True:
        at = _space(text, _value(text, at))
        if text[at : at + 1] == "]":
            return at + 1
        if text[at : at + 1] != ",":
            raise _bad(text, at, "after array element")
        at = _space(text, at + 1)


def _string(text: str, at: int) -> int:
    while at < len(text):
        char = text[at]
        if char == '"':
            return at + 1
        if char < " ":
            raise _bad(text, at, "in string literal")
        at += 1
        if char == "\\":
            if text[at : at + 1] == "u":
                for digit in range(at + 1, at + 5):
                    if text[digit : digit + 1] not in [*"0123456789abcdefABCDEF"]:
                        raise _bad(text, digit, "in \\u hexadecimal character escape")
                at += 4
            elif text[at : at + 1] not in [*'"\\/bfnrt']:
                raise _bad(text, at, "in string escape code")
            at += 1
    raise _Bad(_END)


def _literal(text: str, at: int, word: str) -> int:
    for offset, char in enumerate(word):
        if text[at + offset : at + offset + 1] != char:
            raise _bad(text, at + offset, f"in literal {word} (expecting '{char}')")
    return at + len(word)


def _number(text: str, at: int) -> int:
    found = _NUMBER.match(text, at)
    assert found is not None
    if found["whole"] is None:
        raise _bad(text, found.end(), "in numeric literal")
    if found["dot"] and not found["fraction"]:
        raise _bad(text, found.end("dot"), "after decimal point in numeric literal")
    if found["e"] and not found["exponent"]:
        raise _bad(text, found.end("e"), "in exponent of numeric literal")
    return found.end()
