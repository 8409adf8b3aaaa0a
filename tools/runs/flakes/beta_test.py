"""The Beta distribution against closed forms, and against sums that need no continued fraction."""

from __future__ import annotations

import math

import pytest

from tools.runs.flakes.beta import Beta

XS = (1e-9, 1e-4, 0.01, 0.25, 0.5, 0.75, 0.99, 1 - 1e-9)


@pytest.mark.parametrize("x", XS)
@pytest.mark.parametrize("n", [0.5, 1.0, 3.0, 50.0, 5000.0])
def test_powers(x: float, n: float) -> None:
    """I_x(n, 1) = x^n and I_x(1, n) = 1 - (1-x)^n."""
    assert Beta(n, 1.0).below(x) == pytest.approx(x**n, rel=1e-11)
    assert Beta(1.0, n).below(x) == pytest.approx(-math.expm1(n * math.log1p(-x)), rel=1e-10, abs=1e-15)


@pytest.mark.parametrize("x", XS)
def test_arcsine(x: float) -> None:
    """I_x(1/2, 1/2) = 2/π · asin √x."""
    assert Beta(0.5, 0.5).below(x) == pytest.approx(2 / math.pi * math.asin(math.sqrt(x)), rel=1e-9)


@pytest.mark.parametrize(("n", "k"), [(5, 1), (20, 3), (500, 10), (2000, 40)])
@pytest.mark.parametrize("x", [0.005, 0.02, 0.1, 0.5])
def test_binomial_tail(n: int, k: int, x: float) -> None:
    """I_x(k, n-k+1) is the chance of at least k reds in n trials."""
    ways = math.lgamma(n + 1)
    logs = [ways - math.lgamma(i + 1) - math.lgamma(n - i + 1) for i in range(n + 1)]
    tail = math.fsum(math.exp(logs[i] + i * math.log(x) + (n - i) * math.log1p(-x)) for i in range(k, n + 1))
    assert Beta(k, n - k + 1).below(x) == pytest.approx(tail, rel=1e-9, abs=1e-13)


@pytest.mark.parametrize(("a", "b"), [(0.5, 20.0), (10.5, 510.0), (2.0, 1e6), (0.05, 3.0), (400.0, 2.0)])
def test_quantile_undoes_below(a: float, b: float) -> None:
    for share in (0.001, 0.025, 0.5, 0.95, 0.999):
        assert Beta(a, b).below(Beta(a, b).quantile(share)) == pytest.approx(share, rel=1e-8)


def test_interval_and_both_sides() -> None:
    beta = Beta(10.5, 510.0)
    low, high = beta.interval()
    assert low < beta.mean < high
    assert beta.below(low) == pytest.approx(0.025) and beta.above(high) == pytest.approx(0.025)
    assert (beta.below(-1.0), beta.below(2.0)) == (0.0, 1.0)


def test_rule_of_three() -> None:
    """No red in n trials, nothing known before: 95 % sure of less than 3/n."""
    assert Beta(1.0, 1.0 + 300).quantile(0.95) == pytest.approx(3 / 300, rel=0.01)


def test_chance() -> None:
    """Uniform p: one red and one green in this order have the mean of p(1-p), a sixth."""
    assert Beta(1.0, 1.0).chance(1, 1) == pytest.approx(1 / 6)
