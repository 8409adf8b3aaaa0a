"""The definitions of this repository as the command knows them: their models, and their IR as the build dumped it."""

from __future__ import annotations

import difflib
import importlib
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from samewire_wire import MessageSpec, registry

from tools.wire import ir_json
from tools.wire.emit import jsonschema
from tools.wire.ir import Message, Schema

IR = Path(__file__).absolute().parents[2] / "proto" / "wire.ir" / "ir.json"


def find(message: str) -> MessageSpec:
    """The message with its models. Raises LookupError when there is none of that name."""
    modules = {file["name"]: file["module"] for file in _dump()["files"]}
    file = next((each["file"] for each in _dump()["messages"] if each["full_name"] == message), None)
    if file is None:
        raise LookupError(message)
    if file in modules and not message.startswith("google."):
        importlib.import_module(modules[file])
    return registry.find(message)


def names() -> list[str]:
    """The full names of all messages that are ours."""
    ours = {file["name"] for file in _dump()["files"] if file["generate"]}
    return sorted(each["full_name"] for each in _dump()["messages"] if each["file"] in ours and not each["map_entry"])


def near(message: str) -> list[str]:
    """Names like this one, the likeliest first."""
    last = message.rsplit(".", 1)[-1].lower()
    by_last = {name.rsplit(".", 1)[-1].lower(): name for name in reversed(names())}
    return [by_last[each] for each in difflib.get_close_matches(last, by_last, n=3)]


def message(name: str) -> Message:
    """The message in the IR. Raises LookupError when there is none of that name."""
    for each in _schema().messages:
        if each.full_name == name:
            return each
    raise LookupError(name)


def message_json(name: str) -> dict[str, Any]:
    """The same as JSON. Raises LookupError when there is none of that name."""
    for each in _dump()["messages"]:
        if each["full_name"] == name:
            found: dict[str, Any] = each
            return found
    raise LookupError(name)


def schema(name: str, dialect: str) -> dict[str, Any]:
    """The JSON Schema of a message in a dialect, self-contained."""
    return jsonschema.document(_schema(), name, dialect)


@cache
def _text() -> bytes:
    return IR.read_bytes()


@cache
def _dump() -> dict[str, Any]:
    dump: dict[str, Any] = orjson.loads(_text())
    return dump


@cache
def _schema() -> Schema:
    return ir_json.load(_text().decode())
