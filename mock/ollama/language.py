"""Words that a model without weights says: always the same for the same model, prompt and seed."""

from __future__ import annotations

import hashlib
import random
import re
import zlib

_TOKEN = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")
_VOCABULARY = 151_936  # how many ids there are
_NOUNS = "answer question plan example step model change idea reader part result detail version guess".split()
_VERBS = "is takes shows needs follows brings keeps explains changes supports suggests covers leaves meets".split()
_LINKS = "and but because so while since as when".split()
_ADJECTIVES = "simple clear small useful common careful short likely plain certain steady direct".split()
_SMALL = frozenset(
    "about tell what when where which that this with from have does will would could should your".split()
)
_OPENINGS = ("In short,", "Well,", "To begin with,", "As far as I can tell,", "Here is the idea:", "Sure,")
_THOUGHTS = (
    "Okay, the user wants to know about this.",
    "Let me think it through step by step.",
    "First I look at what is asked.",
    "Then I compare it with what I know.",
    "That leaves one open point.",
    "It seems consistent so far.",
    "I should keep the answer short.",
    "Let me check that once more.",
)


def tokens(text: str) -> list[str]:
    """Words and signs with the space before them; joined they are the text."""
    return _TOKEN.findall(text)


def token_ids(pieces: list[str]) -> list[int]:
    return [zlib.crc32(piece.encode()) % _VOCABULARY for piece in pieces]


def source(*parts: object) -> random.Random:
    """Random numbers that are the same for the same parts."""
    text = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return random.Random(int.from_bytes(hashlib.sha256(text).digest()[:8], "big"))


def sentence(rng: random.Random) -> str:
    """One plain sentence."""

    def clause() -> str:
        adjective = f" {rng.choice(_ADJECTIVES)}" if rng.random() < 0.6 else ""
        return (
            f"the{adjective} {rng.choice(_NOUNS)} {rng.choice(_VERBS)} a {rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)}"
        )

    said = clause()
    if rng.random() < 0.5:
        said += f" {rng.choice(_LINKS)} {clause()}"
    return said[0].upper() + said[1:] + "."


def answer(rng: random.Random, prompt: str) -> str:
    """Two to four sentences; the first names something of the prompt."""
    words = [word for word in re.findall(r"\w{4,}", prompt) if word.lower() not in _SMALL and not word.isdigit()]
    about = f" about {rng.choice(words)}" if words else ""
    lines = [f"{rng.choice(_OPENINGS)} this is{about}."]
    lines += [sentence(rng) for _ in range(rng.randint(1, 3))]
    return " ".join(lines)


def thought(rng: random.Random, level: str) -> str:
    """What comes before the answer; more of it the higher the level."""
    count = {"low": 1, "medium": 2, "high": 4, "max": 6}.get(level, 3)
    first, *rest = _THOUGHTS
    return " ".join([first, *rng.sample(rest, count)]) + "\n"


def words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choice(_NOUNS) for _ in range(count))
