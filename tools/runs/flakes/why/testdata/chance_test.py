"""Red by chance of its own: no seed reaches it."""

import os


def test_coin() -> None:
    assert os.urandom(1)[0] >= 80
