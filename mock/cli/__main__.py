"""`samewire mock …`."""

from __future__ import annotations

import gc
import os
import sys

from mock.cli.arguments import parser


def main(arguments: list[str] | None = None) -> int:
    gc.disable()  # while it starts nothing is garbage; a server collects when it is ready
    # pydantic would look through all that is installed for plugins, which have no say here.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["-C"]:  # where `./samewire` was called
        os.chdir(arguments[1])
        arguments = arguments[2:]
    words = parser().parse_args(arguments)
    if words.command in ("verify", "stubs"):
        from mock.cli.remote import run as remote

        gc.enable()
        return remote(words)
    from mock.cli.serve import run as serve

    return serve(words)


if __name__ == "__main__":
    sys.exit(main())
