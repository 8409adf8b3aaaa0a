"""What quarantine.yaml may say, and how it is told what is wrong in it."""

from datetime import date
from pathlib import Path

import pytest
from pytest_samewire.quarantine import LARGEST, Entry, Refused, parse, read

GOOD = """\
# Cases that are ill.
quarantine:
  - cases:
      - tests/net_test.py::test_reconnects[*]
      - //net:net_test net.net_test test_slow
    reason: the loopback is slow under load
    owner: team-wire
    issue: 12
    until: 2027-01-31
    failure: TimeoutError
    passes: 5
"""


def entry(**keys: str) -> str:
    """A file of one entry with one key changed, or without it where the value is empty."""
    held = {"cases": "[a_test.py::test_x]", "reason": "slow", "owner": "me", "until": "2027-01-31"} | keys
    lines = [f"    {key}: {value}" for key, value in held.items() if value]
    return "quarantine:\n  -\n" + "\n".join(lines) + "\n"


def problems(text: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        parse(text)
    return list(refused.value.problems)


def test_reads_an_entry() -> None:
    (held,) = parse(GOOD)
    assert held == Entry(
        cases=("tests/net_test.py::test_reconnects[*]", "//net:net_test net.net_test test_slow"),
        reason="the loopback is slow under load",
        owner="team-wire",
        until=date(2027, 1, 31),
        issue="12",
        failure="TimeoutError",
        passes=5,
        line=3,
        lines=(4, 5),
    )
    assert held.at == "quarantine.yaml:3"


@pytest.mark.parametrize("text", ["", "# nothing\n", "quarantine:\n", "quarantine: []\n"])
def test_may_be_empty(text: str) -> None:
    assert parse(text) == ()


def test_no_file_is_an_empty_list(tmp_path: Path) -> None:
    assert read(tmp_path / "quarantine.yaml") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (entry(reson="x"), "quarantine.yaml:7: 'reson' is no key of an entry: did you mean 'reason'?"),
        (entry(colour="red"), "quarantine.yaml:7: 'colour' is no key of an entry: there are cases, reason, owner, "),
        (entry(reason=""), "quarantine.yaml:3: an entry without reason: add reason: what goes wrong"),
        (entry(owner=""), "quarantine.yaml:3: an entry without owner: add owner: who makes it well"),
        (entry(until=""), "quarantine.yaml:3: an entry without until: add until: YYYY-MM-DD"),
        (entry(cases=""), "quarantine.yaml:3: an entry without cases: add cases: ["),
        (entry(owner="~"), "quarantine.yaml:5: owner is empty: owner: who makes it well"),
        (entry(issue="''"), "quarantine.yaml:7: issue is empty: say it, or take the line out"),
        (entry(reason="[a]"), "quarantine.yaml:4: reason is no text: put it in one pair of quotes"),
        (entry(until="2027-02-30"), "quarantine.yaml:6: until is '2027-02-30', which is no day: write YYYY-MM-DD"),
        (entry(until="20270131"), "quarantine.yaml:6: until is '20270131', which is no day"),
        (entry(until="31.1.2027"), "quarantine.yaml:6: until is '31.1.2027', which is no day"),
        (entry(passes="0"), "quarantine.yaml:7: passes is '0': write how many in a row end it, e.g. 20"),
        (entry(passes="many"), "quarantine.yaml:7: passes is 'many'"),
        (entry(cases="a_test.py::test_x"), "quarantine.yaml:3: cases is no list: write cases: ["),
        (entry(cases="[]"), "quarantine.yaml:3: cases is empty: write cases: ["),
        (entry(cases="[~]"), "quarantine.yaml:3: is no pattern of cases: write cases: ["),
        (entry(cases="['**']"), "quarantine.yaml:3: '**' is too broad: it says neither file nor target"),
        (entry() + "    owner: you\n", "quarantine.yaml:7: 'owner' stands twice (first in line 5): take one out"),
        (
            entry() + entry().removeprefix("quarantine:\n"),
            "quarantine.yaml:8: a_test.py::test_x is listed twice (first in line 3): take one out",
        ),
        ("- a\n", "quarantine.yaml:1: has to begin with 'quarantine:' and a list of entries"),
        ("quarantin: []\n", "quarantine.yaml:1: 'quarantin' is no key of the file: did you mean 'quarantine'?"),
        ("quarantine: {a: 1}\n", "quarantine.yaml:1: 'quarantine' is no list: begin each entry with '- cases: [...]'"),
        ("quarantine:\n  - x\n", "quarantine.yaml:2: is no entry: begin it with '- cases: [...]'"),
        ("quarantine:\n  - [\n", "quarantine.yaml:3: is no YAML: "),
        ("quarantine: []\n---\na: 1\n", "quarantine.yaml:2: is no YAML: "),
        ("quarantine:\n  - \x00\n", "quarantine.yaml:2: is no YAML: special characters are not allowed: U+0000"),
        ("quarantine: !!python/object:os.system []\n- x\n", "quarantine.yaml:2: is no YAML: "),
        ("[" * 5000, "quarantine.yaml: is no YAML: "),
    ],
)
def test_tells_what_is_wrong_in_one_line(text: str, says: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(says)
    assert "\n" not in problem


def test_tells_all_at_once_in_the_order_of_lines() -> None:
    told = problems(entry(until="soon", owner="", reson="x", reason="") + "  - 7\n")
    assert [line.split(": ")[0] for line in told] == [
        "quarantine.yaml:3",  # no owner
        "quarantine.yaml:4",  # until
        "quarantine.yaml:5",  # reson
        "quarantine.yaml:6",  # 7
    ]


def test_a_key_in_a_typo_is_not_missing_too() -> None:
    assert len(problems(entry(reason="", reeason="slow"))) == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"quarantine:\n  \xff\n", "q.yaml:2: is not UTF-8: save it as UTF-8"),
        (b"#" * (LARGEST + 1), "q.yaml: is larger than 1 MiB"),
    ],
)
def test_files_that_are_none(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "q.yaml").write_bytes(data)
    with pytest.raises(Refused, match=says):
        read(tmp_path / "q.yaml", "q.yaml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"q\.yaml: cannot be read: Is a directory"):
        read(tmp_path, "q.yaml")


def test_its_last_day_still_counts() -> None:
    (held,) = parse(entry())
    assert held.expired(date(2027, 1, 31)) is None
    assert (held.expired(date(2027, 2, 1)) or "").startswith(
        "quarantine.yaml:3: a_test.py::test_x was quarantined until 2027-01-31: me makes it well"
    )


def test_names_that_match() -> None:
    (held,) = parse(GOOD)
    assert held.pattern("", "tests/net_test.py::test_reconnects[4-a]") == "tests/net_test.py::test_reconnects[*]"
    assert held.pattern("//net:net_test net.net_test test_slow") == "//net:net_test net.net_test test_slow"
    assert held.pattern("//net:net_test net.net_test test_slower", "") is None
