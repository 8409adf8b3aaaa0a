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


def test_the_same_generator_gives_the_same_times() -> None:
    histogram = Histogram(buckets=[Bucket(le_s=0.1, count=1), Bucket(le_s=0.4, count=3)])
    for latency in (
        Latency(uniform=Uniform(min_s=1.0, max_s=3.0)),
        Latency(lognormal=Lognormal(median_s=0.2, sigma=0.5)),
        Latency(recorded=histogram),
    ):
        assert draws(latency) == draws(latency)
        assert len(set(draws(latency))) > N // 2


def test_a_sigma_beyond_all_measure_still_gives_times() -> None:
    found = draws(Latency(lognormal=Lognormal(median_s=1.0, sigma=1e6)))
    assert max(found) == pytest.approx(1e9)
    assert min(found) == 0


def test_a_median_of_nothing_is_nothing() -> None:
    assert set(draws(Latency(lognormal=Lognormal(median_s=0.0, sigma=0.5)))) == {0.0}


@pytest.mark.parametrize(
    ("latency", "path"),
    [
        (Latency(), "$"),
        (Latency(fixed_s=-1.0), "$.fixed_s"),
        (Latency(fixed_s=math.inf), "$.fixed_s"),
        (Latency(uniform=Uniform(min_s=2.0, max_s=1.0)), "$.uniform"),
        (Latency(uniform=Uniform(min_s=0.0, max_s=math.inf)), "$.uniform"),
        (Latency(lognormal=Lognormal(median_s=-1.0, sigma=1.0)), "$.lognormal.median_s"),
        (Latency(lognormal=Lognormal(median_s=1.0, sigma=-1.0)), "$.lognormal.sigma"),
        (Latency(lognormal=Lognormal(median_s=1.0, sigma=1.0, max_s=-1.0)), "$.lognormal.max_s"),
        (Latency(recorded=Histogram(buckets=[])), "$.recorded.buckets"),
        (Latency(recorded=Histogram(buckets=[Bucket(le_s=0.1, count=0)])), "$.recorded.buckets"),
        (Latency(recorded=Histogram(buckets=[Bucket(le_s=0.1, count=-1)])), "$.recorded.buckets[0].count"),
        (
            Latency(recorded=Histogram(buckets=[Bucket(le_s=0.2, count=1), Bucket(le_s=0.1, count=1)])),
            "$.recorded.buckets[1].le_s",
        ),
    ],
)
def test_what_is_no_distribution_is_refused(latency: Latency, path: str) -> None:
    with pytest.raises(StubError) as caught:
        sampler(latency)
    assert caught.value.path == path
