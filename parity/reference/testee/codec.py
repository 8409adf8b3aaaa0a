"""`codec`: a text read as a message and written again."""

from __future__ import annotations

import base64
import importlib
from typing import Any

from samewire_wire import registry
from tinker.v1 import service_wire

from parity.reference.dialect import Dialect

for _module in service_wire.FILE.part("routes").MODULES:
    importlib.import_module(_module)


def answer(given: Any, dialect: Dialect) -> Any:
    """Raises WireError."""
    spec = registry.find(given["message"])
    text = base64.b64decode(given["json_base64"]) if "json_base64" in given else given["json"].encode()
    return {"json": spec.write(spec.read(text, dialect.name), dialect.name).decode()}
