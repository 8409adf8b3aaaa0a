"""`tinker`, by the reference client; TINKER_DIALECT chooses the generation, tinker-0.4.1 by default."""

import asyncio
import os
import sys

from parity.reference import dialect
from parity.reference.cli.commands import Terminal, connecting, run


def ask(question: str) -> bool:
    """Anything but yes is no."""
    sys.stdout.write(f"{question} [y/N]: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def main() -> int:
    """Exit status 130 for Ctrl-C."""
    spoken = dialect.find(os.environ.get("TINKER_DIALECT", dialect.OLD.name))
    terminal = Terminal(sys.stdout, sys.stderr, ask)
    try:
        return asyncio.run(run(sys.argv[1:], terminal, connecting(spoken, os.environ), spoken))
    except KeyboardInterrupt:
        return 130


sys.exit(main())
