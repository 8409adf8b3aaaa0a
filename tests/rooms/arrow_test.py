"""The arrows of DESIGN: nothing leans on what lies downstream of it."""

from pathlib import Path

import pytest

from tests.rooms import arrow
from tools.lint.tree import files

GROUPS = arrow.groups(Path("tools/rooms/BUILD.bazel").read_text(encoding="utf-8"))
RULES = {str(Path(path).parent): Path(path).read_text(encoding="utf-8") for path in files("BUILD.bazel")}


def test_no_room_opens_too_wide() -> None:
    assert not (found := arrow.problems(RULES, GROUPS)), "\n".join(found)


def test_every_room_has_its_group() -> None:
    assert {group for group in arrow.ROOMS.values() if group} == set(GROUPS)


@pytest.mark.parametrize(
    ("package", "label"),
    [
        ("mock/engine", "//visibility:public"),
        ("mock/engine", "//:__subpackages__"),
        ("mock/engine", "//tools/runs:__pkg__"),
        ("mock/tinker", "//tools/wire:__subpackages__"),
        ("parity/runner", "//mock/engine:__pkg__"),
        ("parity/testees/go", "//parity/runner:__pkg__"),
        ("perf/load", "//parity/cases:__pkg__"),
        ("proto/tinker/v1", "//visibility:public"),
        ("proto/tinker/v1", "//tools/wire/emit:__pkg__"),
        ("proto/new_api/v1", "//tools/runs:__subpackages__"),
        ("tools/runs", "//mock/engine:__pkg__"),
        ("tools/runs", "//tools/rooms:mock_users"),
    ],
)
def test_finds_an_arrow_uphill(package: str, label: str) -> None:
    for build in (f'package(default_visibility = ["{label}"])', f'x(name = "x", visibility = ["{label}"])'):
        (found,) = arrow.problems({package: build}, GROUPS)
        assert found.startswith(f"{package}/BUILD.bazel:1: visible to {label}")


@pytest.mark.parametrize(
    ("package", "label"),
    [
        ("mock/engine", "//mock:__subpackages__"),
        ("mock/engine", "//tools/rooms:mock_users"),
        ("parity/testees/go", "//parity/judges:__pkg__"),
        ("proto/tinker/v1", "//mock/tinker:__pkg__"),
        ("proto/wire/v1", "//visibility:public"),
        ("tools/runs", "//tools/cli:__pkg__"),
        ("tools/wire", "//visibility:public"),
        ("perf/bench/peers", "//perf/bench:__pkg__"),
    ],
)
def test_lets_an_arrow_downhill_be(package: str, label: str) -> None:
    assert arrow.problems({package: f'package(default_visibility = ["{label}"])'}, GROUPS) == []


def test_a_computed_visibility_is_refused() -> None:
    with pytest.raises(ValueError, match="visibility is computed"):
        arrow.problems({"mock/engine": "x(visibility = [a + b])"}, GROUPS)
