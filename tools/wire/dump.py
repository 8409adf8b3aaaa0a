"""Prints the IR of .proto files as JSON: `python -m tools.wire.dump -I proto proto/tinker/v1/training.proto`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tools.wire import ir_json
from tools.wire.compile import compile_protos
from tools.wire.findings import WireError
from tools.wire.load import load


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 good, 1 findings."""
    parser = argparse.ArgumentParser(prog="dump", description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE.proto")
    parser.add_argument(
        "-I", "--include", action="append", default=[], metavar="DIR", help="where imports are looked up"
    )
    options = parser.parse_args(arguments)
    try:
        schema = load(*compile_protos(options.files, options.include))
    except WireError as error:
        print(error, file=sys.stderr)
        return 1
    sys.stdout.write(ir_json.dump(schema))
    return 0


if __name__ == "__main__":
    sys.exit(main())
