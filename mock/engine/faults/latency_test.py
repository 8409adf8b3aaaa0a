"""Distributions have the moments that they promise."""

import math
from random import Random
from statistics import fmean, median, pstdev

import pytest
from samewire.mock.v1.latency_wire import Bucket, Histogram, Latency, Lognormal, Uniform

from mock.engine.faults.latency import sampler
from mock.engine.stubs.error import StubError

N = 20_000


def draws(latency: Latency) -> list[float]:
    draw, random = sampler(latency), Random(7)
    return [draw(random) for _ in range(N)]


def test_fixed_is_itself() -> None:
    assert set(draws(Latency(fixed_s=0.25))) == {0.25}


def test_uniform_has_mean_and_deviation_of_its_range() -> None:
    found = draws(Latency(uniform=Uniform(min_s=1.0, max_s=3.0)))
    assert min(found) >= 1 and max(found) <= 3
    assert fmean(found) == pytest.approx(2, abs=0.03)
    assert pstdev(found) == pytest.approx(2 / math.sqrt(12), abs=0.02)


def test_lognormal_has_its_median_and_sigma_and_is_cut() -> None:
    found = draws(Latency(lognormal=Lognormal(median_s=0.2, sigma=0.5)))
    assert median(found) == pytest.approx(0.2, rel=0.02)
    assert pstdev([math.log(each) for each in found]) == pytest.approx(0.5, rel=0.03)
    assert max(draws(Latency(lognormal=Lognormal(median_s=0.2, sigma=0.5, max_s=0.3)))) == 0.3


def test_recorded_fills_its_buckets_by_count() -> None:
    histogram = Histogram(buckets=[Bucket(le_s=0.1, count=1), Bucket(le_s=0.2, count=0), Bucket(le_s=0.4, count=3)])
    found = draws(Latency(recorded=histogram))
    assert not [each for each in found if 0.1 < each < 0.2]
    assert sum(each <= 0.1 for each in found) / N == pytest.approx(0.25, abs=0.015)
    assert fmean([each for each in found if each > 0.1]) == pytest.approx(0.3, abs=0.005)


@pytest.mark.parametrize(
    "latency",
    [
        Latency(),
        Latency(uniform=Uniform(min_s=2.0, max_s=1.0)),
        Latency(lognormal=Lognormal(median_s=1.0, sigma=-1.0)),
        Latency(recorded=Histogram(buckets=[Bucket(le_s=0.1, count=0)])),
        Latency(recorded=Histogram(buckets=[Bucket(le_s=0.2, count=1), Bucket(le_s=0.1, count=1)])),
    ],
)
def test_what_is_no_distribution_is_refused(latency: Latency) -> None:
    with pytest.raises(StubError):
        sampler(latency)
