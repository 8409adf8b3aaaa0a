from __future__ import annotations

from pathlib import Path

import pytest

from parity.runner.corpus import CorpusError, load, select

DIALECTS = ("a", "b")
GOOD = """
feature: area/thing
source: [seed 9 §1]
call: do
cases:
  - id: one
    input: {x: 1}
    expect: {default: {result: 1}, b: {result: 2}}
  - id: only-b
    dialects: [b]
    call: other
    source: [facts §2]
    expect: {default: {rejected: {kind: bad}}}
tables:
  - why: swept
    base: {input: {y: {z: 0}}}
    columns: [id, input.y.w, expect.default.result]
    rows:
      - [t1, 1, [1]]
      - [t2, null, {"$any": true}]
"""


def written(folder: Path, text: str, name: str = "area/thing.yaml") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def test_cases_by_dialect(tmp_path: Path) -> None:
    questions = load(written(tmp_path, GOOD), DIALECTS)
    told = {(each.name, each.dialect): each for each in questions}
    assert len(told) == len(questions) == 7
    assert told["area/thing/one", "a"].expect.result == 1
    assert told["area/thing/one", "b"].expect.result == 2
    only = told["area/thing/only-b", "b"]
    assert (only.call, only.source, only.feature) == ("other", ("seed 9 §1", "facts §2"), "area/thing")
    assert told["area/thing/t1", "a"].input == {"y": {"z": 0, "w": 1}}
    assert told["area/thing/t2", "a"].input == {"y": {"z": 0, "w": None}}
    assert told["area/thing/t2", "a"].why == "swept"


def test_a_dialect_with_a_dot_stands_in_a_column(tmp_path: Path) -> None:
    text = GOOD.replace("expect.default.result]", "expect.a-0.38.result]").replace(
        "base: {", "base: {dialects: [a-0.38], "
    )
    told = {each.name: each for each in load(written(tmp_path, text), ("a", "b", "a-0.38"), DIALECTS)}
    assert (told["area/thing/t1"].dialect, told["area/thing/t1"].expect.result) == ("a-0.38", [1])


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("call: do", "cal: do", 4, "cal"),
        ("  - id: only-b", "  - id: one", 9, "stands twice"),
        ("dialects: [b]", "dialects: [c]", 9, "no dialect 'c'"),
        ("b: {result: 2}", "c: {result: 2}", 6, "no dialect 'c'"),
        ("{default: {result: 1}, b: {result: 2}}", "{b: {result: 2}}", 6, "expects nothing in a"),
        ("{default: {result: 1},", "{default: {},", 6, "nothing could fail"),
        ("{result: 1}", "{result: 1, rejected: {}}", 6, "at once"),
        ("{result: 1}", "{result: 1, slept_s: []}", 6, "of scenarios"),
        ("feature: area/thing", "feature: area/other", 2, "the file's place says 'area/thing'"),
        ("source: [seed 9 §1]", "source: []", 3, "source"),
        ("[t1, 1, [1]]", "[t1, 1]", 19, "2 values for 3 columns"),
        ("[t1, 1, [1]]", "[T 1, 1, [1]]", 19, "as a case, at $.id"),
        ('{"$any": true}', '{"$an": true}', 20, "no mark"),
        ("    call: other", "    call: scenario", 9, "goes with the call"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    assert GOOD.count(old) == 1
    folder = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(CorpusError) as caught:
        load(folder, DIALECTS)
    (told,) = set(caught.value.lines)
    assert told.startswith(f"{folder}/area/thing.yaml:{line}: "), told
    assert reason in told


def test_all_that_is_wrong_is_told(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("dialects: [b]", "dialects: [c]"))
    written(tmp_path, "a: [", "area/other.yaml")
    with pytest.raises(CorpusError) as caught:
        load(tmp_path, DIALECTS)
    assert len(caught.value.lines) == 2


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no case files"):
        load(tmp_path, DIALECTS)


@pytest.mark.parametrize(
    ("patterns", "count"), [([], 7), (["area"], 7), (["area/thing/t*"], 4), (["ar*/thing/one"], 2), (["are"], 0)]
)
def test_select(tmp_path: Path, patterns: list[str], count: int) -> None:
    questions = load(written(tmp_path, GOOD), DIALECTS)
    assert len(select(questions, patterns, ())) == count
    assert all(each.dialect == "b" for each in select(questions, patterns, ["b"]))
