"""The golden corpus as an emitter; what it holds is decided in tools/wire/fixtures."""

from __future__ import annotations

from tools.wire.fixtures.corpus import Corpus
from tools.wire.ir import Schema


def emit(schema: Schema) -> dict[str, str]:
    """The archive's texts: `manifest.json` and `fixtures/MESSAGE/DIALECT.json`, without hand-named cases."""
    return Corpus(schema).files()
