"""The Beta distribution: what is known of a probability after so many reds and greens.

Source of the continued fraction: DLMF 8.17.22 (https://dlmf.nist.gov/8.17), evaluated by Lentz's method.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_TINY = 1e-300
_PRECISION = 1e-14
_MOST_TERMS = 500


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta(a, b) over 0 … 1; `a` and `b` are positive. Seen f reds and s greens, Beta(a, b) becomes Beta(a+f, b+s)."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)

    def below(self, x: float) -> float:
        """The chance that the probability is below `x`: the regularised incomplete beta function I_x(a, b)."""
        if x <= 0.0:
            return 0.0
        if x >= 1.0:
            return 1.0
        # The fraction converges fast on the near side of the mean; the far side is its mirror image.
        if x > (self.a + 1.0) / (self.a + self.b + 2.0):
            return 1.0 - Beta(self.b, self.a)._near(1.0 - x)
        return self._near(x)

    def above(self, x: float) -> float:
        """The chance that the probability is above `x`."""
        return Beta(self.b, self.a).below(1.0 - x)

    def quantile(self, share: float) -> float:
        """The x with `below(x) == share`, `share` from 0 to 1; by Newton's steps and bisection."""
        low, high = 0.0, 1.0
        x = self.mean
        for _ in range(200):
            excess = self.below(x) - share
            if excess > 0:
                high = x
            else:
                low = x
            slope = math.exp(self._log_density(x))
            step = x - excess / slope if slope > 0.0 else -1.0
            # Newton may leave the bracket, or creep where there is hardly any density: then halve, on a log scale.
            if not low < step < high:
                step = math.sqrt(low * high) if low > 0.0 else high / 8.0 if high < 1e-3 else (low + high) / 2.0
            if abs(step - x) <= 1e-13 * x or high - low <= 1e-300:
                return step
            x = step
        return x

    def interval(self, share: float = 0.95) -> tuple[float, float]:
        """The middle `share` of it: as much is cut off below as above."""
        cut = (1.0 - share) / 2.0
        return self.quantile(cut), self.quantile(1.0 - cut)

    def chance(self, reds: int, greens: int) -> float:
        """The chance to see exactly this row of `reds` and `greens`: the mean of p^reds (1-p)^greens."""
        return math.exp(log_beta(self.a + reds, self.b + greens) - log_beta(self.a, self.b))

    def _log_density(self, x: float) -> float:
        return (self.a - 1.0) * math.log(x) + (self.b - 1.0) * math.log1p(-x) - log_beta(self.a, self.b)

    def _near(self, x: float) -> float:
        a, b = self.a, self.b
        front = math.exp(a * math.log(x) + b * math.log1p(-x) - log_beta(a, b)) / a
        c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
        d = 1.0 / (d if abs(d) > _TINY else _TINY)
        fraction = d
        for m in range(1, _MOST_TERMS):
            even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
            odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
            for term in (even, odd):
                d = 1.0 + term * d
                d = 1.0 / (d if abs(d) > _TINY else _TINY)
                c = 1.0 + term / c
                c = c if abs(c) > _TINY else _TINY
                fraction *= c * d
            if abs(c * d - 1.0) < _PRECISION:
                break
        return min(1.0, front * fraction)


def log_beta(a: float, b: float) -> float:
    """The logarithm of the beta function."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
