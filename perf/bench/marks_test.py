from __future__ import annotations

from pathlib import Path

import pytest

from perf.bench.marks import check, place

BEGIN, END = "<!-- a: begin -->\n", "<!-- a: end -->\n"
OTHER = "<!-- b: begin -->\nkept\n<!-- b: end -->\n"


def test_only_what_stands_between_the_marks_changes(tmp_path: Path) -> None:
    path = tmp_path / "doc.md"
    path.write_text(f"# One\n{BEGIN}old\n{END}{OTHER}tail")
    place(path, "a", r"| new \1 |")
    new = f"# One\n{BEGIN}\n| new \\1 |\n\n{END}{OTHER}tail"
    assert path.read_text() == new
    place(path, "a", r"| new \1 |")
    assert path.read_text() == new


@pytest.mark.parametrize("text", ["", BEGIN, END, END + BEGIN, BEGIN + END + BEGIN + END, BEGIN + BEGIN + END])
def test_marks_that_are_not_there_once_are_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "doc.md"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"doc\.md: .*<!-- a: begin -->.*<!-- a: end -->"):
        check(path, "a")
    with pytest.raises(ValueError, match="there have to be"):
        place(path, "a", "text")
    assert path.read_text() == text
