"""Losses: from the logprobs of targets to one number and its slope at each logprob.

Names and inputs: tinker.md sections 2.2 and 2.4. All are sums over tokens, to be made smaller.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mock.tinker.batch import BadData, Tensor

Config = Mapping[str, float | str]
Slopes = list[float]
_HUGE = 30.0  # exponents above this say nothing more


@dataclass(frozen=True, slots=True)
class Terms:
    """What a loss reads, each as long as the logprobs."""

    logprobs: Sequence[float]
    weights: Sequence[float]
    advantages: Sequence[float]
    old: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    mask: Sequence[float]

    @property
    def ratios(self) -> list[float]:
        return [math.exp(min(new - old, _HUGE)) for new, old in zip(self.logprobs, self.old, strict=True)]


def cross_entropy(terms: Terms, config: Config) -> tuple[float, Slopes]:
    pairs = zip(terms.weights, terms.logprobs, strict=True)
    return -math.fsum(weight * value for weight, value in pairs), [-weight for weight in terms.weights]


def importance_sampling(terms: Terms, config: Config) -> tuple[float, Slopes]:
    gains = [ratio * gain for ratio, gain in zip(terms.ratios, terms.advantages, strict=True)]
    return -math.fsum(gains), [-gain for gain in gains]


def ppo(terms: Terms, config: Config) -> tuple[float, Slopes]:
    """The smaller of the gain and the gain of the clipped ratio."""
    total, slopes = [], []
    for ratio, gain, low, high in zip(terms.ratios, terms.advantages, terms.low, terms.high, strict=True):
        free, bound = ratio * gain, min(max(ratio, low), high) * gain
        total.append(min(free, bound))
        slopes.append(-free if free <= bound else 0.0)
    return -math.fsum(total), slopes


def cispo(terms: Terms, config: Config) -> tuple[float, Slopes]:
    """The clipped ratio is a weight that has no slope of its own."""
    factors = [
        min(max(ratio, low), high) * gain
        for ratio, gain, low, high in zip(terms.ratios, terms.advantages, terms.low, terms.high, strict=True)
    ]
    pairs = zip(factors, terms.logprobs, strict=True)
    return -math.fsum(factor * value for factor, value in pairs), [-factor for factor in factors]


def dro(terms: Terms, config: Config) -> tuple[float, Slopes]:
    """Gain with a quadratic tether to the old policy; `beta` of the config is its strength."""
    beta = _number(config, "beta", 0.05)
    total, slopes = [], []
    for new, old, gain in zip(terms.logprobs, terms.old, terms.advantages, strict=True):
        total.append(new * gain - beta / 2 * (new - old) ** 2)
        slopes.append(-(gain - beta * (new - old)))
    return -math.fsum(total), slopes


def gspo(terms: Terms, config: Config) -> tuple[float, Slopes]:
    """As ppo, with one ratio for the whole sequence: the geometric mean over the tokens of the mask."""
    count = math.fsum(terms.mask)
    if not count:
        return 0.0, [0.0] * len(terms.logprobs)
    drift = zip(terms.logprobs, terms.old, terms.mask, strict=True)
    ratio = math.exp(min(math.fsum((new - old) * part for new, old, part in drift) / count, _HUGE))
    total, moving = [], 0.0
    for gain, low, high in zip(terms.advantages, terms.low, terms.high, strict=True):
        free, bound = ratio * gain, min(max(ratio, low), high) * gain
        total.append(min(free, bound))
        moving += free if free <= bound else 0.0
    return -math.fsum(total), [-moving * part / count for part in terms.mask]


def stable_reinforce(terms: Terms, config: Config) -> tuple[float, Slopes]:
    """The gain of each token's logprob; tokens whose ratio has left its bounds do not count."""
    factors = [
        gain if low <= ratio <= high else 0.0
        for ratio, gain, low, high in zip(terms.ratios, terms.advantages, terms.low, terms.high, strict=True)
    ]
    pairs = zip(factors, terms.logprobs, strict=True)
    return -math.fsum(factor * value for factor, value in pairs), [-factor for factor in factors]


LOSSES: dict[str, Callable[[Terms, Config], tuple[float, Slopes]]] = {
    "cross_entropy": cross_entropy,
    "importance_sampling": importance_sampling,
    "ppo": ppo,
    "cispo": cispo,
    "dro": dro,
    "gspo": gspo,
    "stable_reinforce": stable_reinforce,
    # A graph that a caller uploaded is not run: its loss is the linear one of the inputs that are there.
    "custom": cross_entropy,
}
# What a batch must have where that is asked for; target_tokens always.
NEEDS: dict[str, tuple[str, ...]] = dict.fromkeys(LOSSES, ("target_tokens", "logprobs", "advantages"))
NEEDS["cross_entropy"] = NEEDS["custom"] = ("target_tokens",)


def terms(logprobs: Sequence[float], inputs: Mapping[str, Tensor], config: Config) -> Terms:
    """Fills in what is not there. Raises BadData for an input of another length than the targets."""
    ones = [1.0] * len(logprobs)
    low, high = _number(config, "clip_low_threshold", 0.8), _number(config, "clip_high_threshold", 1.2)
    return Terms(
        logprobs=logprobs,
        weights=_input(inputs, "weights", ones),
        advantages=_input(inputs, "advantages", ones),
        old=_input(inputs, "logprobs", logprobs),
        low=_input(inputs, "clip_low_threshold", [low] * len(logprobs)),
        high=_input(inputs, "clip_high_threshold", [high] * len(logprobs)),
        mask=_input(inputs, "sequence_ratio_mask", ones),
    )


def _input(inputs: Mapping[str, Tensor], name: str, missing: Sequence[float]) -> Sequence[float]:
    held = inputs.get(name)
    if held is None:
        return missing
    values = held.dense()
    if len(values) != len(missing):
        if len(values) == 1:
            return [values[0]] * len(missing)
        raise BadData(f"{name} has {len(values)} numbers for {len(missing)} targets")
    return values


def _number(config: Config, name: str, missing: float) -> float:
    value = config.get(name, missing)
    if isinstance(value, str):
        raise BadData(f"loss_fn_config: {name} is a number, not {value!r}")
    return value
