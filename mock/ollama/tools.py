"""Which tool a model calls, and with what: the one that the prompt asks for by its name or its words."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mock.ollama import example

# Words of tools' names that say nothing about what is wanted.
_EMPTY = frozenset(
    "a an the get set fetch find do run make call use my current new list of to in for by from with and or is".split()
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool of a request. `parameters`: JSON Schema of its arguments."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call that the model asks for."""

    id: str
    name: str
    arguments: dict[str, Any]


def choose(offers: Sequence[Offer], prompt: str, rng: random.Random) -> list[Wanted]:
    """All tools that the prompt names in full; else the one with most words in common with it; else none."""
    named = sorted(
        (found.start(), index)
        for index, offer in enumerate(offers)
        if offer.name and (found := re.search(rf"(?<![\w]){re.escape(offer.name)}(?![\w])", prompt))
    )
    if named:
        chosen = [offers[index] for _, index in named]
    else:
        said = {_stem(word) for word in _words(prompt)}
        score, best = max(((_score(offer, said), -index) for index, offer in enumerate(offers)), default=(0, 0))
        chosen = [offers[-best]] if score else []
    return [wanted(offer.name, _arguments(offer, prompt, rng), rng) for offer in chosen]


def wanted(name: str, arguments: dict[str, Any], rng: random.Random) -> Wanted:
    """With an id of its own: "call_" and eight signs."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    return Wanted("call_" + "".join(rng.choice(letters) for _ in range(8)), name, arguments)


def _score(offer: Offer, said: set[str]) -> int:
    """Words of the name, and required parameters, that stand in the prompt."""
    names = {_stem(word) for word in _words(offer.name)} - _EMPTY
    required = offer.parameters.get("required") or ()
    hits = len(names & said) * 2
    if required and all({_stem(word) for word in _words(str(each))} <= said for each in required):
        hits += len(required)
    return hits


def _words(text: str) -> Iterable[str]:
    """In lower case; names in snake_case and camelCase fall apart."""
    return (word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", text))


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _arguments(offer: Offer, prompt: str, rng: random.Random) -> dict[str, Any]:
    """Its required ones, and those that the prompt names, with words and numbers of the prompt where they fit."""
    properties = offer.parameters.get("properties") or {}
    required = offer.parameters.get("required") or ()
    said = {_stem(word) for word in _words(prompt)}
    kept = {
        name: inner
        for name, inner in properties.items()
        if name in required or {_stem(word) for word in _words(name)} <= said
    }
    schema = {**offer.parameters, "type": "object", "properties": kept}
    try:
        made = example.value(schema, rng, _hints(prompt), prompt)
    except example.Unsatisfiable:
        return {}
    return made if isinstance(made, dict) else {}


def _hints(prompt: str) -> list[str]:
    """Quoted texts, then names in capitals, then all else that stands in the prompt; numbers too."""
    quoted = re.findall(r"\"([^\"]+)\"|'([^']+)'", prompt)
    texts = [one or other for one, other in quoted]
    names = re.findall(r"(?<![.?!]\s)(?<!^)\b[A-Z]\w+(?:\s[A-Z]\w+)*", prompt)
    numbers = re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", prompt)
    return [*texts, *names, *numbers]
