"""How much is tried: a fixed number of inputs in a test, or as many as a time allows in a long run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from random import Random

SECONDS = "SAMEWIRE_FUZZ_SECONDS"
SEED = "TEST_RANDOM_SEED"
# The clock is looked at so often.
_LOOK = 64


class Effort:
    """`rounds(5000)` gives a generator of random numbers for each of 5000 rounds; with SAMEWIRE_FUZZ_SECONDS, for
    rounds until that time is over. Round 17 is the same in both, and depends on nothing but the seed and the name.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.seed = int(os.environ.get(SEED, "0"))
        self.seconds = float(os.environ.get(SECONDS, "0"))
        self.round = 0
        self._begun = time.monotonic()

    def rounds(self, usual: int) -> Iterator[Random]:
        self._begun = time.monotonic()
        random = Random()
        while self._more(usual):
            random.seed(f"{self.name}/{self.seed}/{self.round}")
            yield random
            self.round += 1

    def _more(self, usual: int) -> bool:
        if not self.seconds:
            return self.round < usual
        return self.round % _LOOK != 0 or time.monotonic() - self._begun < self.seconds

    def told(self) -> str:
        took = time.monotonic() - self._begun
        return f"{self.name}: {self.round} inputs in {took:.0f} s, {self.round / took:.0f}/s, seed {self.seed}"


def examples(usual: int) -> int:
    """Of hypothesis: about as many as the time allows at 100 a second, where one is set."""
    return int(max(usual, 100 * float(os.environ.get(SECONDS, "0"))))
