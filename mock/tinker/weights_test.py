import math
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock.tinker.language import context, logprob, pull
from mock.tinker.weights import Adam, Damaged, Dimuon, Weights

PAIRS = [(1, 2), (2, 3), (3, 70_000), (9, 4)]


def loss(weights: Weights) -> float:
    return -math.fsum(logprob(weights.tables, context(0, last), token) for last, token in PAIRS)


def train(weights: Weights, steps: int, how: Adam | Dimuon = Adam(learning_rate=1e-3)) -> list[float]:  # noqa: B008
    losses = []
    for _ in range(steps):
        losses.append(loss(weights))
        for last, token in PAIRS:
            pull(weights.tables, weights.open_gradient(), context(0, last), token, -1.0)
        weights.step(how)
    return losses


@pytest.mark.parametrize("how", [Adam(), Adam(learning_rate=0.1), Adam(grad_clip_norm=0.01), Dimuon(0.01), Dimuon(1.0)])
def test_loss_falls(how: Adam | Dimuon) -> None:
    losses = train(Weights("m"), 12, how)
    assert losses[-1] < losses[5] < losses[0]


def test_a_higher_rate_learns_faster() -> None:
    slow, fast = (train(Weights("m"), 5, Adam(learning_rate=rate))[-1] for rate in (1e-5, 1e-3))
    assert fast < slow


def test_weight_decay_pulls_back() -> None:
    free, held = Weights("m"), Weights("m")
    train(free, 20, Adam(learning_rate=1e-3))
    train(held, 20, Adam(learning_rate=1e-3, weight_decay=0.5))
    assert free.theta is not None
    assert held.theta is not None
    assert sum(map(abs, held.theta)) < sum(map(abs, free.theta))


@given(st.integers(0, 6), st.integers(1, 5), st.booleans())
@settings(max_examples=20, deadline=None)
def test_saved_and_loaded_training_goes_on_as_if_nothing_was(before: int, after: int, dimuon: bool) -> None:
    how: Adam | Dimuon = Dimuon(0.01) if dimuon else Adam(learning_rate=1e-3)
    smooth = Weights("m")
    losses = train(smooth, before + after, how)
    first = Weights("m")
    train(first, before, how)
    second = Weights("m")
    train(second, 3, Adam(learning_rate=0.01))  # whatever was there is replaced
    second.load(first.to_bytes(optimizer=True), optimizer=True)
    assert train(second, after, how) == losses[before:]
    assert second.theta == smooth.theta
    assert second.mean == smooth.mean
    assert second.square == smooth.square
    assert second.steps == smooth.steps


def test_without_moments_training_goes_on_otherwise() -> None:
    smooth, restarted = Weights("m"), Weights("m")
    train(smooth, 6)
    restarted.load(smooth.to_bytes(optimizer=True), optimizer=False)
    assert loss(restarted) == loss(smooth)
    assert train(restarted, 4)[-1] != pytest.approx(train(smooth, 4)[-1], rel=1e-4)


def test_gradients_gather_until_the_step() -> None:
    once, twice = Weights("m"), Weights("m")
    for weights, times in ((once, 1), (twice, 2)):
        for _ in range(times):
            pull(weights.tables, weights.open_gradient(), 5, 6, -1.0)
    assert twice.step(Adam()) == pytest.approx(2 * once.step(Adam()))


def test_what_is_not_saved_weights_is_refused() -> None:
    weights = Weights("m")
    train(weights, 1)
    data = weights.to_bytes(optimizer=True)
    for bad in (b"", data[:9], b"XXXX" + data[4:], data[:-3], data[:40] + b"!" + data[41:]):
        with pytest.raises(Damaged):
            Weights("m").load(bad, optimizer=True)
    assert isinstance(weights.theta, array)
