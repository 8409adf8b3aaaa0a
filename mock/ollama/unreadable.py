"""Answers to bodies that the definitions do not take, as the real server's decoder words them."""

from __future__ import annotations

import re
from typing import Any

import orjson
from samewire_wire import WireError

from mock.engine.backend import Refusal
from mock.ollama import gotext, refusal

_THINK = '"high", "medium", "low", "max", true, or false'
# Go's type of a field, by what our reader expected; the rest of an "expected" sentence names a message or a list.
_GO_TYPES = (
    ("expected a string", "string"),
    ("expected true or false", "bool"),
    ("expected an integer", "int"),
    ("expected a number", "float64"),
    ("expected standard base64", "[]uint8"),
)
_NO_INT64 = ("expected an integer", "expected at most", "expected at least")
# Fields that the real server reads with code of its own, by the last name in the path.
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")


def refused(body: bytes, error: WireError | str) -> Refusal:
    """In the native form."""
    if not body.strip():
        return refusal.native(400, "missing request body")
    bad = gotext.syntax_error(body.decode("utf-8", "replace"))
    if bad is not None:
        return refusal.native(400, bad)
    if isinstance(error, str):
        return refusal.native(400, error)
    try:
        value = _at(orjson.loads(body), error.path)
    except (ValueError, LookupError, TypeError):
        return refusal.native(400, error.reason)
    return _wrong_value(value, error)


def mended(body: bytes, error: WireError) -> bytes | None:
    """A number with a fraction, or out of range, in an option that is an integer: the real server reads options into a
    map and converts its numbers one by one, as Go does. One at a time, as errors are told."""
    names = _STEP.findall(error.path)
    if len(names) != 2 or names[0][0] != "options" or not error.reason.startswith(_NO_INT64):
        return None
    try:
        value = orjson.loads(body)
        said = _at(value, error.path)
    except (ValueError, LookupError, TypeError):
        return None
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    # What an int64 does not hold is the least of them on the machines that there are.
    value["options"][names[1][0]] = int(said) if abs(said) < 2**63 else -(2**63)
    return orjson.dumps(value)


def _at(value: Any, path: str) -> Any:
    for name, index in _STEP.findall(path):
        value = value[int(index)] if index else value[name]
    return value


def _wrong_value(value: Any, error: WireError) -> Refusal:
    names = [name for name, _ in _STEP.findall(error.path) if name]
    last = names[-1] if names else ""
    message = error.message.rpartition(".")[2]
    if message == "EmbedRequest" and names[:1] == ["input"]:
        return refusal.native(400, "invalid input type")
    if last == "think":
        if isinstance(value, str):
            return refusal.native(400, f"invalid think value: {refusal.quoted(value)} (must be {_THINK})")
        return refusal.native(400, f"think must be a boolean or string ({_THINK})")
    if last == "keep_alive":
        return refusal.native(400, f"Unsupported type: '{_reflected(value)}'")
    if last == "format":
        raw = refusal.quoted(orjson.dumps(value).decode())
        return refusal.native(500, f'invalid format: {raw}; expected "json" or a valid JSON Schema object')
    if len(names) == 2 and names[0] == "options":
        return refusal.native(500, f"option {refusal.quoted(last)} must be of type {_option_type(error.reason)}")
    if "expected standard base64" in error.reason and isinstance(value, str):
        return refusal.native(400, f"illegal base64 data at input byte {_bad_byte(value)}")
    where = error.owner.rpartition(".")[2] or message
    field = f"Go struct field {where}.{'.'.join(names)}" if names else "Go value"
    told = f"json: cannot unmarshal {gotext.kind(value)} into {field} of type {_go_type(error)}"
    return refusal.native(400, told)


def _go_type(error: WireError) -> str:
    for begins, name in _GO_TYPES:
        if error.reason.startswith(begins):
            return name
    message = error.message.rpartition(".")[2]
    if error.path == "$":
        package = "openai" if ".openai." in error.message else "api"
        return f"{package}.{message}"
    if error.reason.startswith("expected a list"):
        return f"[]api.{error.field[:1].upper()}{error.field[1:].removesuffix('s')}"
    return "map[string]interface {}"


def _option_type(reason: str) -> str:
    for begins, name in (
        ("expected a list", "array"),
        ("expected true", "boolean"),
        ("expected an integer", "integer"),
    ):
        if reason.startswith(begins):
            return name
    return "float32"


def _reflected(value: Any) -> str:
    """A value's type as Go's reflect names it."""
    return {"bool": "bool", "array": "[]interface {}", "object": "map[string]interface {}"}.get(gotext.kind(value), "")


def _bad_byte(text: str) -> int:
    for index, char in enumerate(text):
        if not re.match(r"[A-Za-z0-9+/=\r\n]", char):
            return index
    return len(text) - len(text) % 4
