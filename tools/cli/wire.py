"""`samewire wire`: read, write, check and describe single messages of the definitions in this repository."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any, NoReturn

import typer
from samewire_wire import MessageSpec, WireError

from tools.cli import catalog
from tools.runs.exit import Exit

app = typer.Typer(help="Read, write, check and describe single messages.", no_args_is_help=True, rich_markup_mode=None)


class Form(StrEnum):
    JSON = "json"
    PROTOJSON = "protojson"
    BINARY = "binary"


Message = Annotated[str, typer.Option(help="Full name, e.g. tinker.v1.SampleRequest; `wire describe` lists them.")]
Dialect = Annotated[
    str | None, typer.Option(help="E.g. tinker-0.4.1. By default any for reading, the first for writing.")
]


@app.command(
    epilog="Example: samewire wire roundtrip --message tinker.v1.SampleRequest --dialect tinker-0.4.1 < request.json"
)
def roundtrip(
    message: Message,
    dialect: Dialect = None,
    source: Annotated[Form, typer.Option("--from", help="Form of standard input.")] = Form.JSON,
    to: Annotated[Form, typer.Option(help="Form of standard output.")] = Form.JSON,
) -> None:
    """Reads a message from standard input and writes it again, in another form if asked.

    Exits with 1 and one line that names the JSON path when the input is not what the definition says.
    """
    spec = _spec(message, dialect)
    try:
        value = _read(spec, source, dialect)
        data = _write(spec, value, to, dialect)
    except WireError as error:
        _fail(error)
    sys.stdout.buffer.write(data if to is Form.BINARY else data + b"\n")


@app.command(epilog="Example: samewire wire validate --message tinker.v1.SampleRequest < request.json")
def validate(message: Message, dialect: Dialect = None, json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Says whether standard input is the message, and in which dialects.

    Exits with 0 when it is (without --dialect: in at least one), with 1 and a line for each dialect otherwise.
    """
    from json import dumps

    spec = _spec(message, dialect)
    data = sys.stdin.buffer.read()
    said: dict[str, WireError | None] = {}
    for name in [dialect] if dialect else spec.dialects:
        try:
            spec.read(data, name)
            said[name] = None
        except WireError as error:
            said[name] = error
    good = None in said.values()
    if json:
        print(dumps({name: no and {"path": no.path, "reason": no.reason} for name, no in said.items()}))
    for name, no in {} if json else said.items():
        print(f"{name}: {no or 'ok'}", file=sys.stdout if good else sys.stderr)
    raise typer.Exit(Exit.GOOD if good else Exit.FINDINGS)


@app.command(epilog="Example: samewire wire schema --message tinker.v1.SampleRequest --dialect tinker-0.38")
def schema(message: Message, dialect: Dialect = None) -> None:
    """Prints the JSON Schema (draft 2020-12) of a message in one dialect, self-contained."""
    from json import dumps

    spec = _spec(message, dialect)
    print(dumps(catalog.schema(message, dialect or spec.dialects[0]), indent=2, ensure_ascii=False))


@app.command(epilog="Example: samewire wire describe --message tinker.v1.LoadWeightsRequest")
def describe(
    message: Annotated[str | None, typer.Option(help="Full name; without it all messages are listed.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Prints a message as its definition has it: fields, types, and how each dialect reads and writes them."""
    from tools.cli import describe as command

    if message is not None:
        _spec(message, None)
    command.run(message, json)


def _spec(message: str, dialect: str | None) -> MessageSpec:
    try:
        spec = catalog.find(message)
    except LookupError:
        near = "".join(f"\n  {name}" for name in catalog.near(message))
        typer.echo(
            f"samewire wire: no message {message!r}; {'near it:' + near if near else 'see wire describe'}", err=True
        )
        raise typer.Exit(Exit.MISUSE) from None
    if dialect is not None and dialect not in (*spec.dialects, "protojson"):
        typer.echo(f"samewire wire: {message} has no dialect {dialect!r}; it has {', '.join(spec.dialects)}", err=True)
        raise typer.Exit(Exit.MISUSE)
    return spec


def _read(spec: MessageSpec, form: Form, dialect: str | None) -> Any:
    data = sys.stdin.buffer.read()
    match form:
        case Form.JSON:
            return spec.read(data, dialect)
        case Form.PROTOJSON:
            return spec.read_protojson(data)
        case Form.BINARY:
            return spec.read_binary(data)


def _write(spec: MessageSpec, value: Any, form: Form, dialect: str | None) -> bytes:
    match form:
        case Form.JSON:
            return spec.write(value, dialect)
        case Form.PROTOJSON:
            return spec.write_protojson(value)
        case Form.BINARY:
            return spec.write_binary(value)


def _fail(error: WireError) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(Exit.FINDINGS)
