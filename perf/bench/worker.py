"""One process of a benchmark: it holds cases and times them when told to.

Protocol, a JSON line each way. First the worker says {"cases": {name: seconds for one call, roughly}}; then for each
{"case": name, "number": n} it answers {"seconds": per call, over one go of n calls}. End of input ends it. Garbage
collection is off while a case runs, as `timeit` does.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Mapping

Case = Callable[[], object]


def serve(cases: Mapping[str, Case]) -> None:
    """Serves until standard input ends."""
    _say({"cases": {name: _time(case, 1, warm=2) for name, case in cases.items()}})
    for line in sys.stdin:
        order = json.loads(line)
        _say({"seconds": _time(cases[order["case"]], order["number"])})


def _time(case: Case, number: int, warm: int = 0) -> float:
    for _ in range(warm):
        case()
    repeat = range(number)
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in repeat:
            case()
        return (time.perf_counter() - start) / number
    finally:
        gc.enable()


def _say(data: object) -> None:
    print(json.dumps(data), flush=True)
