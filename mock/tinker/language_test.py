import math
import random
from array import array
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from mock.tinker import language
from mock.tinker.language import COUNT, context, draw, likeliest, logprob, pull, tables

BASE = "m/Base"


def moved(seed: int) -> list[float]:
    chooser = random.Random(seed)
    return [chooser.uniform(-6, 6) for _ in range(COUNT)]


def test_probabilities_of_all_tokens_sum_to_one() -> None:
    for theta in (None, moved(1)):
        held = tables(BASE, theta)
        small = math.fsum(math.exp(logprob(held, 77, token)) for token in range(1 << 16))
        assert math.isclose(small, math.exp(held.no[language.LARGE]), rel_tol=1e-9)
        assert math.isclose(small + math.exp(held.yes[language.LARGE]), 1, rel_tol=1e-9)
        one_block = math.fsum(math.exp(logprob(held, 77, (3 << 16) + token)) for token in range(1 << 16))
        assert math.isclose(one_block * 16, math.exp(held.yes[language.LARGE]), rel_tol=1e-9)


@given(st.integers(0, 1 << 18), st.integers(0, 1 << 18), st.integers(0, 1 << 20), st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_gradient_is_the_slope_of_the_logprob(before: int, last: int, token: int, seed: int) -> None:
    theta = moved(seed)
    seen = context(before, last)
    gradient = array("d", bytes(8 * COUNT))
    pull(tables(BASE, theta), gradient, seen, token, 1.0)
    place = max(range(COUNT), key=lambda i: abs(gradient[i]))
    up, down = theta[:], theta[:]
    up[place] += 1e-4
    down[place] -= 1e-4
    slope = (logprob(tables(BASE, up), seen, token) - logprob(tables(BASE, down), seen, token)) / 2e-4
    assert math.isclose(slope, gradient[place] * language.slope(theta[place]), rel_tol=1e-3, abs_tol=1e-5)


@given(st.integers(0, 1 << 18), st.integers(0, 5))
@settings(max_examples=10, deadline=None)
def test_likeliest_is_in_order_and_complete(last: int, seed: int) -> None:
    held = tables(BASE, moved(seed))
    seen = context(0, last)
    found = list(islice(likeliest(held, seen), 20))
    true = sorted((logprob(held, seen, token) for token in range(1 << 16)), reverse=True)[:20]
    assert [value for _, value in found] == sorted((value for _, value in found), reverse=True)
    assert all(math.isclose(value, right, rel_tol=1e-9) for (_, value), right in zip(found, true, strict=True))
    assert all(math.isclose(value, logprob(held, seen, token), rel_tol=1e-9) for token, value in found)


def test_draws_follow_the_probabilities() -> None:
    held = tables(BASE, None)
    chooser = random.Random(5)
    best, chance = next(iter(likeliest(held, 9)))
    drawn = [draw(held, 9, chooser) for _ in range(4000)]
    assert abs(drawn.count(best) / 4000 - math.exp(chance)) < 0.02
    cold = [draw(held, 9, chooser, 0.05) for _ in range(300)]
    assert len(set(cold)) < len(set(drawn[:300]))


def test_base_models_differ() -> None:
    assert logprob(tables("a", None), 1, 2) != logprob(tables("b", None), 1, 2)
