"""The dialects that cases may name: those of the definitions."""

from __future__ import annotations

from bridge.v1 import pool_wire
from tinker.v1 import training_wire

PACKAGE = "tinker.v1"
USUAL: tuple[str, ...] = tuple(training_wire.FILE.dialects)
"""Of case files that name none."""
DIALECTS: tuple[str, ...] = (*USUAL, *pool_wire.FILE.dialects)
