"""Takes the order of a set for granted."""


def test_first_of_a_set() -> None:
    assert next(iter({"alpha", "beta", "gamma"})) != "beta"
