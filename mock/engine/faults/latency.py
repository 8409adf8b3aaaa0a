"""How long something takes: a `Latency` of a definition as a function that draws seconds."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate, pairwise
from random import Random
from typing import TYPE_CHECKING

from mock.engine.stubs.error import StubError

if TYPE_CHECKING:
    from samewire.mock.v1.latency_wire import Histogram, Latency, Lognormal, Uniform

Sampler = Callable[[Random], float]
# Of a lognormal distribution: the logarithm of a time that nobody lives to see and that every number type holds.
_LOG_MOST = math.log(1e9)


def sampler(latency: Latency, where: str = "$") -> Sampler:
    """Seconds, drawn from the generator that is given: one draw each, but for lognormal (two or more). `where`: the
    JSON path of `latency`. Raises StubError for a distribution that there is not."""
    if latency.fixed_s is not None:
        return _fixed(latency.fixed_s, where)
    if latency.uniform is not None:
        return _uniform(latency.uniform, f"{where}.uniform")
    if latency.lognormal is not None:
        return _lognormal(latency.lognormal, f"{where}.lognormal")
    if latency.recorded is not None:
        return _recorded(latency.recorded, f"{where}.recorded")
    raise StubError(where, "say one of fixed_s, uniform, lognormal, recorded")


def _fixed(seconds: float, where: str) -> Sampler:
    if not 0 <= seconds < math.inf:
        raise StubError(f"{where}.fixed_s", f"{seconds} is no time to wait: give seconds from 0 on")
    return lambda random: seconds


def _uniform(uniform: Uniform, where: str) -> Sampler:
    least, most = uniform.min_s, uniform.max_s
    if not 0 <= least <= most < math.inf:
        raise StubError(where, f"min_s {least} to max_s {most} is no range of seconds from 0 on")
    return lambda random: random.uniform(least, most)


def _lognormal(lognormal: Lognormal, where: str) -> Sampler:
    median, sigma = lognormal.median_s, lognormal.sigma
    if not 0 <= median < math.inf:
        raise StubError(f"{where}.median_s", f"{median} is no time to wait: give seconds from 0 on")
    if not 0 <= sigma < math.inf:
        raise StubError(f"{where}.sigma", f"{sigma} is no standard deviation (of the logarithm): give 0 or more")
    most = math.inf if lognormal.max_s is None else lognormal.max_s
    if not most >= 0:
        raise StubError(f"{where}.max_s", f"{most} is no time to wait: give seconds from 0 on")
    if median == 0:
        return lambda random: 0.0
    mu = math.log(median)
    return lambda random: min(math.exp(min(random.normalvariate(mu, sigma), _LOG_MOST)), most)


def _recorded(histogram: Histogram, where: str) -> Sampler:
    """The inverse of the distribution function, which is a straight line within each bucket."""
    bounds = [0.0, *(bucket.le_s for bucket in histogram.buckets)]
    for index, (before, bound) in enumerate(pairwise(bounds)):
        if not before <= bound < math.inf or (index and before == bound):
            raise StubError(
                f"{where}.buckets[{index}].le_s", f"{bound} does not rise above {before}, the bound before it"
            )
    for index, bucket in enumerate(histogram.buckets):
        if bucket.count < 0:
            raise StubError(f"{where}.buckets[{index}].count", f"{bucket.count} is less than none")
    totals = list(accumulate((bucket.count for bucket in histogram.buckets), initial=0))
    total = totals[-1]
    if not total:
        raise StubError(f"{where}.buckets", "nothing was counted in any bucket")

    def draw(random: Random) -> float:
        at = random.random() * total
        index = bisect_right(totals, at) - 1
        share = (at - totals[index]) / (totals[index + 1] - totals[index])
        return bounds[index] + share * (bounds[index + 1] - bounds[index])

    return draw
