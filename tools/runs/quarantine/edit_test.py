"""Entries come and go; every other line stays as it was."""

from datetime import date
from pathlib import Path

import pytest
from pytest_samewire.quarantine import Entry, Refused, parse

from tools.runs.quarantine.edit import HEADER, add, remove, write

NEW = Entry(
    cases=("a_test.py::test_new[*]",),
    reason="fails: sometimes, # of times",
    owner="@team/wire",
    until=date(2027, 1, 31),
    issue="#12",
)
BLOCK = """\
  - cases: ['a_test.py::test_new[*]']
    reason: 'fails: sometimes, # of times'
    owner: '@team/wire'
    issue: '#12'
    until: 2027-01-31
"""
FILE = """\
# Head.
quarantine:
  # First.
  - cases:
      - a_test.py::test_one  # one
      - a_test.py::test_two
    reason: |
      in two
      lines
    owner: me
    until: 2027-01-31   # soon

  # Second.
  - until: "2027-02-28"
    owner: me
    reason: slow
    cases: [a_test.py::test_three]
# Foot.
"""


def test_adds_at_the_end_and_keeps_all_else() -> None:
    new = add(FILE, NEW)
    assert new == FILE.replace("# Foot.\n", f"{BLOCK}# Foot.\n")
    assert parse(new)[2].cases == NEW.cases


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", f"{HEADER}quarantine:\n{BLOCK}"),
        ("# Only this.\n", f"# Only this.\nquarantine:\n{BLOCK}"),
        ("# Head.\nquarantine: []\n# Foot.\n", f"# Head.\nquarantine:\n{BLOCK}# Foot.\n"),
        ("quarantine: []", f"quarantine:\n{BLOCK}"),
        ("quarantine: []  # none\n", f"quarantine:  # none\n{BLOCK}"),
        ("quarantine:\n", f"quarantine:\n{BLOCK}"),
        ("quarantine:  # none\n# Foot.\n", f"quarantine:  # none\n{BLOCK}# Foot.\n"),
        ("quarantine: null\n", f"quarantine:\n{BLOCK}"),
    ],
)
def test_adds_the_first(old: str, new: str) -> None:
    assert add(old, NEW) == new


def test_keeps_the_indentation_of_the_list() -> None:
    flat = "quarantine:\n- cases: [a_test.py::test_one]\n  reason: slow\n  owner: me\n  until: 2027-01-31\n"
    assert add(flat, NEW) == flat + BLOCK.replace("\n  ", "\n").removeprefix("  ")


def test_adds_below_a_text_of_several_lines() -> None:
    text = "quarantine:\n  - cases: [a_test.py::test_one]\n    owner: me\n    until: 2027-01-31\n"
    text += "    reason: |\n      two\n\n      lines\n"
    for foot in ("", "\n\n", "\n  # Foot.\n", "# Foot.\n"):
        new = add(text + foot, NEW)
        assert new == text + BLOCK + foot
        assert remove(new, [1]) == text + foot


def test_what_is_said_comes_back() -> None:
    odd = Entry(
        cases=("//a:b_test a.b_test test_x[é 'q' \"d\", ]", "c_test.py::test_y[#1]"),
        reason="yes",
        owner="1e3",
        until=date(2027, 1, 31),
        failure="a: b\\n- 'c'",
        passes=5,
    )
    (back,) = parse(add("", odd))
    assert (back.cases, back.reason, back.owner, back.failure, back.passes) == (
        odd.cases,
        odd.reason,
        odd.owner,
        odd.failure,
        odd.passes,
    )


def test_an_entry_that_may_not_stand_there() -> None:
    with pytest.raises(Refused, match="a_test.py::test_new.* is listed twice"):
        add(add("", NEW), NEW)
    with pytest.raises(Refused, match="too broad"):
        add("", Entry(cases=("**",), reason="r", owner="o", until=date(2027, 1, 31)))
    with pytest.raises(Refused, match="owner is empty"):
        add("", Entry(cases=("a.py::test_x",), reason="r", owner=" ", until=date(2027, 1, 31)))


def test_a_file_that_is_wrong_is_left_alone() -> None:
    with pytest.raises(Refused, match="did you mean 'quarantine'"):
        add("quarantin: []\n", NEW)
    with pytest.raises(Refused, match="is no YAML"):
        remove("quarantine: [", [0])


def test_a_list_in_one_line_is_left_to_a_person() -> None:
    flow = "quarantine: [{cases: [a.py::test_one], reason: slow, owner: me, until: 2027-01-31}]\n"
    with pytest.raises(Refused, match=r"quarantine.yaml:1: the list stands in one line"):
        add(flow, NEW)
    with pytest.raises(Refused, match=r"quarantine.yaml:1: the list stands in one line"):
        remove(flow, [0])


def test_removes_the_first_with_its_comment() -> None:
    head, rest = FILE.split("  # First.\n")
    assert remove(FILE, [0]) == head + rest[rest.index("\n  # Second.") :]


def test_removes_the_last_with_its_comment() -> None:
    assert remove(FILE, [1]) == FILE[: FILE.index("  # Second.")] + "# Foot.\n"


def test_removes_all() -> None:
    assert remove(FILE, [0, 1]) == "# Head.\nquarantine: []\n\n# Foot.\n"


def test_removes_none() -> None:
    assert remove(FILE, []) == FILE
    assert remove("", [0]) == ""


def test_added_and_removed_is_as_before() -> None:
    assert remove(add(FILE, NEW), [2]) == FILE


def test_writes_in_one_step_through_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "quarantine.yaml"
    real.write_text("old")
    real.chmod(0o664)
    link.symlink_to(real)
    write(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o664
    assert len(list(tmp_path.iterdir())) == 2
