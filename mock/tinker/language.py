"""The synthetic language model: a distribution over tokens that training can change, exact and cheap.

A token is sixteen yes-or-no decisions from its highest bit down; each decision has one parameter, found by hashing the
last two tokens and the bits so far. So every logprob is exact, the probabilities of all tokens sum to one, a token is
drawn in sixteen steps, and gradients are one multiplication per decision. Ids of 65,536 and more take one decision
before: they can be scored and trained, and are never drawn.
"""

from __future__ import annotations

import heapq
import math
import random
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache

SIZE = 2048  # parameters, but for the one of the decision "a large id"
LARGE = SIZE
COUNT = SIZE + 1
_MASK = SIZE - 1
_SHIFTS = tuple(range(15, -1, -1))
_FIRST_LEAF = 1 << 16
_STRONGEST = 3.0  # logits of a base model
_REACH = 8.0  # how far training moves a logit at most
_EXPANSIONS = 50_000  # nodes that a search for the likeliest tokens opens at most


class Tables:
    """What one set of parameters says of each decision: `yes` and `no` are logprobs, `chance` is exp(yes).

    Read-only: a snapshot that samplers may hold while training goes on.
    """

    __slots__ = ("chance", "no", "yes")

    def __init__(self, logits: Sequence[float]) -> None:
        yes, no, chance = array("d"), array("d"), array("d")
        for logit in logits:
            tail = math.log1p(math.exp(-abs(logit)))
            yes.append(min(logit, 0.0) - tail)
            no.append(min(-logit, 0.0) - tail)
            chance.append(math.exp(yes[-1]))
        self.yes, self.no, self.chance = yes, no, chance


def tables(base_model: str, theta: Sequence[float] | None) -> Tables:
    """`theta`: COUNT trained parameters, None for the base model itself."""
    if theta is None:
        return _base_tables(base_model)
    base = _base_logits(base_model)
    return Tables([base[i] + _REACH * math.tanh(theta[i] / _REACH) if theta[i] else base[i] for i in range(COUNT)])


def slope(theta: float) -> float:
    """How much a logit moves with its parameter."""
    return 1 - math.tanh(theta / _REACH) ** 2


def context(before: int, last: int) -> int:
    """What decisions see of the text so far."""
    return (last * 31 + before * 7 + 1) & 0xFFFFFF


def node(seen: int, prefix: int) -> int:
    """The parameter of a decision; `prefix`: the bits so far with a 1 before them."""
    return ((seen * 40503 + prefix * 2654435) >> 5) & _MASK


def logprob(tables: Tables, seen: int, token: int) -> float:
    """Of the token after a context; natural logarithm."""
    yes, no = tables.yes, tables.no
    if token > 0xFFFF or token < 0:
        high = token >> 16 & 15
        total = yes[LARGE] - math.log(16)
        seen = (seen + (high + 1) * 7919) & 0xFFFFFF
    else:
        total = no[LARGE]
    prefix = 1
    start = seen * 40503
    for shift in _SHIFTS:
        i = ((start + prefix * 2654435) >> 5) & _MASK
        if token >> shift & 1:
            total += yes[i]
            prefix += prefix + 1
        else:
            total += no[i]
            prefix += prefix
    return total


def pull(tables: Tables, gradient: array[float], seen: int, token: int, strength: float) -> None:
    """Adds `strength` x d logprob / d logits to `gradient`."""
    chance = tables.chance
    large = token > 0xFFFF or token < 0
    gradient[LARGE] += strength * (large - chance[LARGE])
    if large:
        seen = (seen + ((token >> 16 & 15) + 1) * 7919) & 0xFFFFFF
    prefix = 1
    start = seen * 40503
    for shift in _SHIFTS:
        i = ((start + prefix * 2654435) >> 5) & _MASK
        bit = token >> shift & 1
        gradient[i] += strength * (bit - chance[i])
        prefix += prefix + bit


def draw(tables: Tables, seen: int, chooser: random.Random, temperature: float = 1.0) -> int:
    """A token below 65,536."""
    prefix = 1
    for _ in _SHIFTS:
        i = node(seen, prefix)
        chance = tables.chance[i]
        if temperature != 1.0:
            logit = (tables.yes[i] - tables.no[i]) / temperature
            chance = 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0
        prefix += prefix + (chooser.random() < chance)
    return prefix - _FIRST_LEAF


def likeliest(tables: Tables, seen: int) -> Iterator[tuple[int, float]]:
    """Tokens below 65,536 with their logprobs, the likeliest first. Ends early where the distribution is too flat."""
    yes, no = tables.yes, tables.no
    heap = [(-no[LARGE], 1)]
    for _ in range(_EXPANSIONS):
        if not heap:
            return
        cost, prefix = heapq.heappop(heap)
        if prefix >= _FIRST_LEAF:
            yield prefix - _FIRST_LEAF, -cost
            continue
        i = node(seen, prefix)
        heapq.heappush(heap, (cost - yes[i], 2 * prefix + 1))
        heapq.heappush(heap, (cost - no[i], 2 * prefix))


@lru_cache(maxsize=16)
def _base_logits(base_model: str) -> array[float]:
    chooser = random.Random(f"samewire base {base_model}")
    return array("d", [*(chooser.uniform(-_STRONGEST, _STRONGEST) for _ in range(SIZE)), -7.0])


@lru_cache(maxsize=16)
def _base_tables(base_model: str) -> Tables:
    return Tables(_base_logits(base_model))
