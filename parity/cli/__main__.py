"""`samewire parity …`."""

from __future__ import annotations

import os
import sys

from mock.client.process import PROGRAM
from parity.cli.arguments import parser
from parity.cli.place import Place


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    place = Place.here()
    if said := os.environ.get(PROGRAM):
        os.environ[PROGRAM] = str(place.root / said)
    if arguments[:1] == ["-C"]:  # where `./samewire` was called
        os.chdir(arguments[1])
        arguments = arguments[2:]
    words = parser().parse_args(arguments)
    if words.command == "manifest":
        from parity.cli.manifest import command as manifest

        return manifest(words, place)
    if words.command == "mutants":
        from parity.cli.mutants import command as mutants

        return mutants(words, place)
    if words.command == "contract":
        from parity.cli.contract import command as contract

        return contract(words, place)
    from parity.cli.run import command as run

    return run(words, place)


if __name__ == "__main__":
    sys.exit(main())
