"""Bytes as people read them: JSON where they are JSON, else text, else base64."""

from __future__ import annotations

import codecs
from typing import Any

import orjson
from samewire.mock.v1.journal_wire import Body

# What readers and writers of JSON take without trouble; deeper ones are shown as text.
_DEPTH = 100


def body(data: bytes, size: int | None = None, *, cut: bool = False) -> Body:
    """`data`: what is shown, without content encoding; `size`: the bytes on the wire, where they are others."""
    shown = Body(size=len(data) if size is None else size)
    if cut:
        shown.cut = True
    if not data:
        return shown
    if not cut:
        value = json_value(data)
        if value is not NO_JSON:
            shown.json_ = value
            return shown
    text = as_text(data, cut)
    if text is None:
        shown.base64 = data
    else:
        shown.text = text
    return shown


NO_JSON: Any = object()


def json_value(data: bytes) -> Any:
    """The JSON value, NO_JSON where the bytes are none (or one that is nested too deep to be shown as JSON)."""
    try:
        value = orjson.loads(data)
    except ValueError:
        return NO_JSON
    return value if shallow(value) else NO_JSON


def as_text(data: bytes, cut: bool = False) -> str | None:
    """None where the bytes are no UTF-8; a character that was cut off at the end is left out."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data, final=not cut)
    except UnicodeDecodeError:
        return None


def shallow(value: Any, depth: int = _DEPTH) -> bool:
    if isinstance(value, dict):
        return depth > 0 and all(shallow(each, depth - 1) for each in value.values())
    if isinstance(value, list):
        return depth > 0 and all(shallow(each, depth - 1) for each in value)
    return True
