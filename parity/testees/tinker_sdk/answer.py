"""What a call may end with besides a result; and the SDK's parts by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

Call = Callable[[Any], Any]
"""From the input of a request to its result, both JSON values. May raise Rejected and Unsupported."""


class Rejected(Exception):
    """The SDK refuses the input. `kind`: one of docs/cases.md."""

    def __init__(self, kind: str, reason: object) -> None:
        super().__init__(str(reason))
        self.kind = kind


class Unsupported(Exception):
    """The SDK has no such thing; the text says what."""


def sdk(module: str) -> Any:
    """A module of PyPI tinker: `sdk("lib.telemetry")`; `sdk("")` is the package.

    By name, since our own models are a package `tinker` too, and type checkers see that one.
    """
    return importlib.import_module(f"tinker.{module}" if module else "tinker")
