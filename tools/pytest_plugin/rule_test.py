"""The rule at its edges: 3 and 5 results, 30 %, 10 results."""

import pytest
from pytest_samewire.rule import failure_rate, is_flaky, recent, should_quarantine


def words(letters: str) -> list[str]:
    """`pfs` as words."""
    return [{"p": "passed", "f": "failed", "s": "skipped"}[letter] for letter in letters]


@pytest.mark.parametrize(
    ("letters", "flaky", "quarantine"),
    [
        ("", False, False),
        ("pf", False, False),  # two results
        ("pff", True, False),  # three
        ("ppp", False, False),  # passes only
        ("fff", False, False),  # failures only
        ("pfpf", True, False),  # four: no advice yet
        ("pfpfp", True, True),  # five
        ("pppfpppfpp", False, False),  # 20 %
        ("pppfpppfpf", True, True),  # 30 %
        ("fff" + "p" * 10, False, False),  # older than ten results
        ("ppp" + "f" * 10, False, False),
        ("ppfs", False, False),  # a skip is a result: 25 %
        ("pfs", True, False),
        ("ssp", False, False),
    ],
)
def test_rule(letters: str, flaky: bool, quarantine: bool) -> None:
    assert (is_flaky(words(letters)), should_quarantine(words(letters))) == (flaky, quarantine)


def test_the_threshold_can_be_another() -> None:
    results = words("ppppppppfp")
    assert not is_flaky(results)
    assert is_flaky(results, 0.1)
    assert should_quarantine(results, 0.1)
    assert not is_flaky(words("pff"), 0.7)


@pytest.mark.parametrize(("letters", "rate"), [("", 0.0), ("pfpfp", 0.4), ("f" * 5 + "p" * 10, 0.0), ("ppf", 1 / 3)])
def test_failure_rate(letters: str, rate: float) -> None:
    assert failure_rate(words(letters)) == pytest.approx(rate)


def test_ten_results_count() -> None:
    assert recent(words("f" + "p" * 10)) == words("p" * 10)
