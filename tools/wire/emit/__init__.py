"""Emitters: pure functions from the IR to texts by path. `EMITTERS` has them by the names that users say."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TypeAlias

from tools.wire import ir_json
from tools.wire.ir import Schema

Emitter: TypeAlias = Callable[[Schema], dict[str, str]]


def _module(*names: str) -> Emitter:
    """Functions of modules beside this one ("routes.modules"; by default `emit`), imported when they are needed, their
    texts together."""

    def emit(schema: Schema) -> dict[str, str]:
        texts: dict[str, str] = {}
        for name in names:
            module, _, function = name.partition(".")
            texts |= getattr(importlib.import_module(f"tools.wire.emit.{module}"), function or "emit")(schema)
        return texts

    return emit


def _ir(schema: Schema) -> dict[str, str]:
    return {"ir.json": ir_json.dump(schema)}


EMITTERS: dict[str, Emitter] = {
    "models": _module("pydantic", "routes.modules"),
    "schema": _module("jsonschema"),
    "routes": _module("routes"),
    "openapi": _module("openapi"),
    "fixtures": _module("fixtures"),
    "strategies": _module("strategies"),
    "bulk": _module("bulk"),
    "ir": _ir,
}
