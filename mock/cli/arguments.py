"""The words of `samewire mock`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from mock.cli.exit import Exit

EXAMPLES = """examples:
  samewire mock tinker --port 8000
  samewire mock ollama --port 11434 --scenario greetings.yaml
  samewire mock serve shop.proto -I protos        anybody's definitions: answers are made from them
  samewire mock tinker --proxy https://api.example.com --record seen.yaml
  samewire mock replay seen.yaml                  what was recorded, without the upstream
  samewire mock stubs add greetings.yaml --url http://127.0.0.1:8000
  samewire mock verify '{"request":{"path":"/api/chat"},"count":{"min":1}}' --url http://127.0.0.1:8000
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line. An option that is given twice is wrong: one of both would be forgotten."""

    def __init__(self, **words: Any) -> None:
        super().__init__(**words)
        self.register("action", None, _Once)

    def error(self, message: str) -> NoReturn:
        self.exit(Exit.MISUSE, f"{self.prog}: {message} (see --help)\n")


class _Once(argparse.Action):
    given = False

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: Any = None) -> None:
        if self.given and option_string:
            raise argparse.ArgumentError(self, "is given twice")
        self.given = True
        setattr(namespace, self.dest, values)


def parser() -> argparse.ArgumentParser:
    top = _parser(
        _Parser,
        prog="samewire mock",
        description="Mock servers out of the definitions.",
        epilog=EXAMPLES,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serving = _serving()
    for name, text in (
        ("tinker", "Tinker, for every generation of its SDKs"),
        ("ollama", "Ollama, native and /v1"),
    ):
        _parser(commands.add_parser, name, help=text, description=text, parents=[serving], epilog=_example(name))
    serve = _parser(
        commands.add_parser, "serve", help="any definitions", description="Serves any .proto files with services.",
        parents=[serving], epilog=_example("serve shop.proto -I protos"),
    )  # fmt: skip
    serve.add_argument("files", nargs="+", type=Path, metavar="FILE.proto")
    serve.add_argument("-I", "--include", action="append", type=Path, default=[], help="folder that imports come from")
    replay = _parser(
        commands.add_parser, "replay", help="what was recorded", description="Serves a recording alone.",
        parents=[serving], epilog=_example("replay seen.yaml"),
    )  # fmt: skip
    replay.add_argument("recording", type=Path, metavar="FILE")
    _remote(commands)
    return top


def _example(text: str) -> str:
    return f"example: samewire mock {text} --port 8000"


def _parser(make: Callable[..., argparse.ArgumentParser], *names: str, **words: Any) -> argparse.ArgumentParser:
    words.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
    return make(*names, **words, allow_abbrev=False)


def _serving() -> argparse.ArgumentParser:
    """What all servers take."""
    serving = _Parser(add_help=False, allow_abbrev=False)
    where = serving.add_argument_group("where")
    where.add_argument("--host", default="127.0.0.1", help="address to bind; others than loopback need --token")
    where.add_argument("--port", type=_port, default=0, help="0, the default, takes a free one")
    where.add_argument("--unix", type=Path, metavar="PATH", help="a Unix socket, instead of a port")
    where.add_argument(
        "--session-port",
        action="append",
        default=[],
        metavar="NAME=PORT",
        help="a further port whose requests are NAME's",
    )
    where.add_argument("--tls", action="store_true", help="TLS with a certificate that is made now")
    where.add_argument("--tls-write", type=Path, metavar="PEM", help="with --tls: where to put that certificate")
    where.add_argument("--cert", type=Path, metavar="PEM", help="TLS with this certificate")
    where.add_argument("--key", type=Path, metavar="PEM", help="its key")
    where.add_argument("--token", help="what the admin service wants as bearer token; also SAMEWIRE_MOCK_TOKEN")
    what = serving.add_argument_group("what")
    what.add_argument("--scenario", type=Path, metavar="FILE", help="stubs, faults, settings and clock (JSON or YAML)")
    what.add_argument("--faults", type=Path, metavar="FILE", help="a fault schedule (JSON or YAML)")
    what.add_argument("--proxy", metavar="URL", help="a real server that answers what no stub answers")
    what.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="write at the end what was asked and answered, as a scenario; other sessions beside it",
    )
    what.add_argument("--seed", type=int, default=0, help="of everything that is random")
    what.add_argument("--journal-bytes", type=_size, default=8 << 20, metavar="N", help="what the journal holds: 8M")
    told = serving.add_argument_group("what is told")
    told.add_argument(
        "--ready-file", type=Path, metavar="PATH", help="is written, with the URL, when the server is ready"
    )
    told.add_argument("--json", action="store_true", help="the line that says so as JSON")
    return serving


def _remote(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Commands that talk to a running server."""
    remote = _Parser(add_help=False, allow_abbrev=False)
    remote.add_argument("--url", required=True, help="of the running mock")
    remote.add_argument("--session", default="default")
    remote.add_argument("--token", help="also SAMEWIRE_MOCK_TOKEN")
    remote.add_argument("--json", action="store_true", help="what the server says, as JSON")
    verify = _parser(
        commands.add_parser, "verify", help="was it asked?", parents=[remote],
        description="Checks what a mock was asked; exits with 1 and the nearest requests when it was not.",
        epilog="""example: samewire mock verify '{"request":{"path":"/api/chat"},"never":true}' --url
        http://127.0.0.1:8000""",
    )  # fmt: skip
    verify.add_argument(
        "verification", metavar="JSON|FILE", help="a Verification, as samewire/mock/v1/journal.proto says"
    )
    stubs = _parser(
        commands.add_parser, "stubs", help="stubs of a running mock", description="Lists and changes stubs."
    )
    actions = stubs.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser(
        "add", parents=[remote], help="those of a scenario file", epilog="example: … stubs add a.yaml"
    )
    add.add_argument("file", type=Path)
    actions.add_parser("list", parents=[remote], help="all of them")
    remove = actions.add_parser("remove", parents=[remote], help="one, by its id")
    remove.add_argument("id")
    actions.add_parser("clear", parents=[remote], help="all of them go")
    check = actions.add_parser("check", help="is a scenario file right? No server is needed")
    check.add_argument("file", type=Path)
    check.add_argument("--api", choices=("tinker", "ollama"), help="whose methods and messages it may name")


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; say 0 to 65535")
    return int(text)


def _size(text: str) -> int:
    units = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
    digits, unit = (text[:-1], units.get(text[-1:].lower())) if text[-1:].isalpha() else (text, 1)
    if not digits.isdigit() or unit is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; say 1000000, 500K, 64M or 2G")
    return int(digits) * unit
