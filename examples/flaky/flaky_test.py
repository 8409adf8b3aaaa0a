"""One case that fails now and then on the same inputs, and its steady neighbours."""

import random


def test_answers_in_time() -> None:
    # Not the seeded `random`: chance that nobody can repeat, as a race is.
    waited = 5.0 if random.SystemRandom().random() < 0.35 else 0.1
    assert waited < 1.0, f"no answer after {waited:.1f} s"


def test_steady() -> None:
    assert sum(range(10)) == 45
