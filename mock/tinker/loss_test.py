import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock.tinker import loss
from mock.tinker.batch import BadData, Tensor
from mock.tinker.loss import LOSSES, terms

# Losses whose slope is that of the number itself; the others hold a factor still.
SMOOTH = ("cross_entropy", "importance_sampling", "ppo", "dro", "gspo")
numbers = st.floats(-3, 3).map(lambda value: round(value, 3))


def inputs(**named: list[float]) -> dict[str, Tensor]:
    return {name: Tensor(values, (len(values),)) for name, values in named.items()}


@pytest.mark.parametrize("name", SMOOTH)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_slopes_are_those_of_the_loss(name: str, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 4))
    some = st.lists(numbers, min_size=count, max_size=count)
    new, old, gains, weights = (data.draw(some) for _ in range(4))
    held = inputs(logprobs=old, advantages=gains, weights=weights)
    total, slopes = LOSSES[name](terms(new, held, {}), {})
    for place in range(count):
        around = []
        for step in (-1e-6, 1e-6):
            moved = new[:]
            moved[place] += step
            around.append(LOSSES[name](terms(moved, held, {}), {})[0])
        # At the edge of a clip the two sides differ.
        sides = [(total - around[0]) / 1e-6, (around[1] - total) / 1e-6]
        if math.isclose(*sides, rel_tol=1e-3, abs_tol=1e-3):
            assert slopes[place] == pytest.approx(sides[0], rel=1e-2, abs=1e-2)


def test_weights_scale_cross_entropy() -> None:
    total, slopes = loss.cross_entropy(terms([-1.0, -2.0], inputs(weights=[0.5, 0.0]), {}), {})
    assert (total, slopes) == (0.5, [-0.5, -0.0])


def test_what_is_clipped_does_not_pull() -> None:
    held = inputs(logprobs=[-1.0, -1.0], advantages=[1.0, -1.0])
    assert loss.ppo(terms([0.0, 0.0], held, {}), {})[1] == pytest.approx([0.0, math.e])
    assert loss.cispo(terms([0.0, 0.0], held, {}), {})[1] == pytest.approx([-1.2, 1.2])
    assert loss.stable_reinforce(terms([0.0, -1.0], held, {}), {})[1] == [-0.0, 1.0]
    wide = {"clip_high_threshold": 9.0}
    assert loss.ppo(terms([0.0, 0.0], held, wide), wide)[1][0] == pytest.approx(-math.e)


def test_thresholds_by_token_and_settings_matter() -> None:
    held = inputs(logprobs=[-1.0, -1.0], advantages=[1.0, 1.0], clip_high_threshold=[9.0, 1.1])
    assert loss.ppo(terms([0.0, 0.0], held, {}), {})[1] == pytest.approx([-math.e, 0.0])
    near, far = (loss.dro(terms([0.0], inputs(logprobs=[-1.0]), {}), {"beta": beta})[0] for beta in (0.1, 1.0))
    assert near < far


def test_gspo_looks_at_masked_tokens_only() -> None:
    held = inputs(logprobs=[-1.0, -1.0], sequence_ratio_mask=[1.0, 0.0])
    assert loss.gspo(terms([-1.0, 5.0], held, {}), {})[1] == pytest.approx([-2.0, 0.0])
    assert loss.gspo(terms([-1.0], inputs(sequence_ratio_mask=[0.0]), {}), {}) == (0.0, [0.0])


def test_lengths_and_settings_are_checked() -> None:
    with pytest.raises(BadData, match="weights has 3 numbers for 2 targets"):
        terms([-1.0, -1.0], inputs(weights=[1.0, 1.0, 1.0]), {})
    with pytest.raises(BadData, match="beta is a number"):
        loss.dro(terms([-1.0], {}, {}), {"beta": "strong"})
    assert terms([-1.0, -1.0], inputs(advantages=[2.0]), {}).advantages == [2.0, 2.0]


def test_sparse_inputs_are_filled_with_zeros() -> None:
    sparse = Tensor([5.0, 7.0], (2, 3), (0, 1, 2), (2, 0))
    assert list(sparse.dense()) == [0, 0, 5, 7, 0, 0]
