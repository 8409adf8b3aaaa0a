"""A message as text: what `samewire wire describe` prints."""

from __future__ import annotations

import json as json_

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tools.cli import catalog
from tools.wire.ir import PROTOJSON, Cardinality, Field, Message, WireField


def run(message: str | None, json: bool) -> None:
    """Prints one message, or the list of all."""
    if message is None:
        names = catalog.names()
        print(json_.dumps(names, indent=2) if json else "\n".join(names))
    elif json:
        print(json_.dumps(catalog.message_json(message), indent=2, ensure_ascii=False))
    else:
        _show(Console(), catalog.message(message))


def _show(console: Console, message: Message) -> None:
    console.print(
        Text(message.full_name, style="bold"), Text(f"{message.source.file}:{message.source.line}", style="dim")
    )
    if message.doc:
        console.print(Text(message.doc))
    dialects = [name for name in message.wire if name != PROTOJSON]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("field", "type", *dialects, ""):
        table.add_column(title)
    for field in message.fields:
        states = [_state(field.wire.get(dialect)) for dialect in dialects]
        table.add_row(Text(field.name), Text(type_of(field), style="cyan"), *states, Text(field.doc, style="dim"))
    console.print(table)


def type_of(field: Field) -> str:
    """The field's type as the .proto has it, e.g. `map<string, tinker.v1.TensorData>`."""
    value = str(field.type or field.message or field.enum)
    match field.cardinality:
        case Cardinality.REPEATED:
            return f"repeated {value}"
        case Cardinality.MAP:
            return f"map<{field.key_type}, {value}>"
        case Cardinality.SINGULAR:
            return value


def _state(rule: WireField | None) -> Text:
    """How a dialect has the field: its key, what may stand there, what missing means, what is written when unset."""
    if rule is None:
        return Text("–", style="dim")
    if rule.literal is not None:
        return Text(f'"{rule.literal}"' + ("" if rule.write_literal else ", not written"))
    words = ["required" if rule.required else str(rule.presence).replace("_", " ")]
    if rule.nullable:
        words.append("or null")
    if rule.has_default:
        words.append(f"= {json_.dumps(rule.default, ensure_ascii=False)}")
    return Text(" ".join(words))
