from pathlib import Path

from tools.private import golden


def test_files_and_folders_are_written_anew(tmp_path: Path) -> None:
    built, committed = tmp_path / "built", tmp_path / "committed"
    (built / "sub").mkdir(parents=True)
    (built / "sub" / "a").write_text("1")
    committed.mkdir()
    (committed / "gone").write_text("2")
    golden.write(built, committed)
    assert golden.files(committed) == golden.files(built) == {"sub/a": b"1"}
    golden.write(built / "sub" / "a", tmp_path / "one")
    assert golden.files(tmp_path / "one") == {"": b"1"}


def test_drift_is_shown_as_a_diff() -> None:
    lines = golden.drift({"a": b"1\n2\n", "gone": b"x"}, {"a": b"1\n3\n", "new": b"y"}, "dir")
    assert "-2" in lines and "+3" in lines and "-x" in lines and "+y" in lines
    assert "--- dir/a (committed)" in lines
    assert golden.drift({"a": b"1"}, {"a": b"1"}, "dir") == []


def test_a_long_diff_is_cut() -> None:
    after = "".join(f"{n}\n" for n in range(1000)).encode()
    assert golden.drift({}, {"": after}, "file")[-1] == "… and 943 lines more"
