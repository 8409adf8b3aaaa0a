"""A victim: green as written, red after the case that leaves its mess behind."""

SEEN: list[str] = []


def test_victim() -> None:
    assert not SEEN


def test_bystander() -> None:
    pass


def test_polluter() -> None:
    SEEN.append("mess")


def test_another_bystander() -> None:
    pass
