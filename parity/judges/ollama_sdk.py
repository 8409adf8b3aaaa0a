"""PyPI `ollama` as a judge: the response types of its client, and the requests it writes."""

from __future__ import annotations

import importlib.metadata
import inspect

import ollama
import ollama._types as ollama_types
from pydantic import BaseModel

from parity.judges.judge import Reader
from parity.judges.models import all_but_null, reader

PACKAGE = "ollama.v1."


class OllamaSdk:
    """`renamed`: our message's short name -> the client's class, where they differ."""

    def __init__(self, dialects: frozenset[str], renamed: dict[str, str | None]) -> None:
        version = importlib.metadata.version("ollama")
        self.name = f"ollama-{version}"
        self.title = f"PyPI ollama {version}"
        self.dialects = dialects
        self._renamed = renamed
        self._types = dict(inspect.getmembers(ollama_types, _is_model))

    def reader(self, message: str) -> Reader | None:
        """Of the pydantic types; it dumps without nulls, as the client does (bridge_tinyllm_ollama.md C4)."""
        if not message.startswith(PACKAGE):
            return None
        short = message.removeprefix(PACKAGE)
        kind = self._types.get(self._renamed.get(short, short) or "")
        return None if kind is None else reader(kind, all_but_null)

    def binary(self, message: str) -> Reader | None:
        """Ollama has no binary form."""
        del message
        return None


def _is_model(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, BaseModel) and value.__module__.startswith(ollama.__name__)
