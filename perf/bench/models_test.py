from __future__ import annotations

from perf.bench.models import DUMP, HAND, OURS, rows
from perf.bench.rounds import Timing


def timing(seconds: float) -> Timing:
    return Timing((seconds,) * 4)


def test_a_row_for_every_peer_with_its_goal() -> None:
    timings = {}
    for payload in ("training", "sampling"):
        for operation in ("decode", "encode"):
            timings[f"{OURS}/{payload}/{operation}"] = timing(1.0)
            timings[f"{HAND}/{payload}/{operation}"] = timing(2.0)
        timings[f"{OURS}/{payload}/{DUMP}"] = timing(4.0)
    found = [(row[0], row[1], row[2], row[-1]) for row in rows(timings)]
    assert found == [
        ("training", "decode", HAND, "≥ 1"),
        ("training", "encode", HAND, "≥ 1.8"),
        ("training", "encode", f"`{DUMP}` of our own models", "≥ 1.8"),
        ("sampling", "decode", HAND, "≥ 1"),
        ("sampling", "encode", HAND, "≥ 3: **missed**"),
        ("sampling", "encode", f"`{DUMP}` of our own models", "≥ 3"),
    ]
