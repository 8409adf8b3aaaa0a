"""The reference client with one fault, as a testee: its only word is the fault's name."""

from __future__ import annotations

import asyncio
import sys

from parity.mutants.faults import FAULTS


def main(words: list[str]) -> int:
    faults = {fault.name: fault for fault in FAULTS}
    if len(words) != 1 or words[0] not in faults:
        print(f"mutant: the name of one fault is wanted: {', '.join(faults)}", file=sys.stderr)
        return 2
    faults[words[0]].plant()
    from parity.reference.testee import serve  # only now: a fault is planted as its module is imported

    serve.NAME = words[0]
    asyncio.run(serve.serve())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
