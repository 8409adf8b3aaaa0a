"""Go durations, and how long `keep_alive` asks for (bridge_tinyllm_ollama.md C1)."""

from __future__ import annotations

import math
import re

FOREVER = math.inf
USUAL = 300.0

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PIECE = re.compile(r"(\d+\.?\d*|\.\d+)([^\d.]*)")


def parse(text: str) -> float:
    """Seconds. Raises ValueError in the words of Go's time.ParseDuration."""
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return 0.0
    if not rest:
        raise ValueError(f"time: invalid duration {quoted}")
    total, at = 0.0, 0
    while at < len(rest):
        found = _PIECE.match(rest, at)
        if found is None:
            raise ValueError(f"time: invalid duration {quoted}")
        number, unit = found.groups()
        if not unit:
            raise ValueError(f"time: missing unit in duration {quoted}")
        if unit not in _UNITS:
            raise ValueError(f'time: unknown unit "{unit}" in duration {quoted}')
        total += float(number) * _UNITS[unit]
        at = found.end()
    return -total if text[0] == "-" else total


def keep_alive(value: float | str | None) -> float:
    """Seconds to stay loaded; FOREVER for what is negative. Raises ValueError."""
    if value is None:
        return USUAL
    seconds = parse(value) if isinstance(value, str) else float(value)
    return FOREVER if seconds < 0 else seconds
