"""House rules, over every file."""

from pathlib import Path

import pytest

from tests import house
from tools.lint.tree import files

# Data captured from real services and vendors stays as it was; locks are written by their tools.
AS_IT_CAME = (".binpb", ".lock", ".sum", "captured.json", "package-lock.json")


def test_names() -> None:
    assert not (found := list(house.names(files("*")))), "\n".join(found)


def test_lines() -> None:
    found: list[str] = []
    for path in files("*"):
        if path.endswith(AS_IT_CAME):
            continue
        content = Path(path).read_bytes()
        if b"\0" not in content:
            found += house.lines(path, content.decode("utf-8"))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", ["mock/utils.py", "tools/common/x.py", "perf/helpers_test.py", "parity/manager.go"])
def test_finds_an_empty_name(path: str) -> None:
    assert len(list(house.names([path]))) == 1


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("see /" + "home/anna/x", "a path of one machine"),
        ("cat /" + "root/.npmrc", "a path of one machine"),
        ("connect 10.1" + ".2.3:80", "an address"),
        ("https://pypi" + ".org/simple", "the host of a package registry"),
    ],
)
def test_finds_a_line(line: str, what: str) -> None:
    (found,) = house.lines("a.txt", f"fine\n{line}\n")
    assert found.startswith(f"a.txt:2: {what}")


@pytest.mark.parametrize(
    "line",
    [
        "127.0.0.1:80",
        "version 1.2.3",
        "1.26.0.0-rc",
        "~/.cache",
        "$HOME/root/x",
        "docs/work/x",
        "0.0.0.0",
        "/homework/",
    ],
)
def test_lets_a_line_be(line: str) -> None:
    assert list(house.lines("a.txt", line)) == []
