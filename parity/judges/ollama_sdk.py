"""PyPI `ollama` as a judge: the response types of its client. It reads them and never writes them."""

from __future__ import annotations

import importlib.metadata
import inspect

import ollama
import ollama._types as ollama_types
from pydantic import BaseModel

from parity.judges.judge import Reader, Refused, instants
from parity.judges.models import reader
from tools.wire.fixtures.jsontext import Node, dump, equal, parse

PACKAGE = "ollama.v1."


class OllamaSdk:
    """Its classes have the names of our messages."""

    def __init__(self, dialects: frozenset[str]) -> None:
        version = importlib.metadata.version("ollama")
        self.name = f"ollama-{version}"
        self.title = f"PyPI ollama {version}"
        self.dialects = dialects
        self._types = dict(inspect.getmembers(ollama_types, _is_model))

    def reader(self, message: str) -> Reader | None:
        """Of the classes of answers. Refused when the client refuses, and when it holds other values than were sent."""
        if not message.startswith(PACKAGE) or not message.endswith("Response"):
            return None
        kind = self._types.get(message.removeprefix(PACKAGE))
        return None if kind is None else _reader(kind)

    def binary(self, message: str) -> Reader | None:
        """Ollama has no binary form."""
        del message
        return None


def _reader(kind: type[BaseModel]) -> Reader:
    read = reader(kind, lambda value: (value.model_dump(mode="json", by_alias=True, exclude_unset=True),))

    def check(data: bytes) -> tuple[bytes, ...]:
        held = parse(read(data)[0])
        if not _holds(held, parse(data)):
            raise Refused(f"holds {dump(held)}")
        return ()

    return check


def _holds(held: Node, sent: Node) -> bool:
    """What the client holds is what was sent, as far as it has attributes for it."""
    if isinstance(held, dict) and isinstance(sent, dict):
        return all(key in sent and _holds(item, sent[key]) for key, item in held.items())
    if isinstance(held, list) and isinstance(sent, list):
        return len(held) == len(sent) and all(map(_holds, held, sent))
    return equal(instants(held), instants(sent))


def _is_model(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, BaseModel) and value.__module__.startswith(ollama.__name__)
