"""Reads from BUILD files how far each room opens, and compares with the groups of //tools/rooms.

Bazel's own check needs no help once visibility is right; this one sees that it is: a package that says
`//visibility:public` would open an arrow without anybody noticing.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# Room → the group in //tools/rooms that may use it; the longest prefix counts. Other packages may open as they like.
ROOMS = {
    "mock": "mock_users",
    "parity": "parity_users",
    "parity/testees": "testee_users",
    "perf": "perf_users",
    "proto": "api_users",
    "proto/bazel": None,
    "proto/samewire": None,
    "proto/wire": None,
    "tools/runs": "runs_users",
}


@dataclass(frozen=True)
class Visibility:
    """One label in a `visibility` or `default_visibility`."""

    package: str
    line: int
    label: str


def group_of(package: str) -> str | None:
    """The group whose members may use `package`; None where anybody may."""
    rooms = [room for room in ROOMS if package == room or package.startswith(f"{room}/")]
    return ROOMS[max(rooms, key=len)] if rooms else None


def groups(build: str) -> dict[str, list[str]]:
    """Name → packages of every package_group in the text of a BUILD file."""
    return {
        "".join(_literals(call, "name")): _literals(call, "packages")
        for call in _calls(build)
        if isinstance(call.func, ast.Name) and call.func.id == "package_group"
    }


def visibilities(package: str, build: str) -> Iterator[Visibility]:
    """Every label to which something in the BUILD file of `package` is visible.

    Raises:
        ValueError: it is computed, so nobody can read where it leads.
    """
    for call in _calls(build):
        for name in ("visibility", "default_visibility"):
            for label in _literals(call, name):
                yield Visibility(package, call.lineno, label)


def problems(packages: Mapping[str, str], rooms: Mapping[str, list[str]]) -> list[str]:
    """What opens too wide, one line each with file, line and the way out.

    Args:
        packages: package → text of its BUILD file.
        rooms: group → packages, from //tools/rooms.
    """
    found = []
    for package, build in packages.items():
        group = group_of(package)
        if group is None:
            continue
        for each in visibilities(package, build):
            if not _allowed(each.label, package, group, rooms[group]):
                found.append(
                    f"{package}/BUILD.bazel:{each.line}: visible to {each.label}, which is more than "
                    f"//tools/rooms:{group} allows; say that group, or a narrower package"
                )
    return found


def _allowed(label: str, package: str, group: str, members: list[str]) -> bool:
    if label in ("//visibility:private", f"//tools/rooms:{group}"):
        return True
    who, colon, what = label.removeprefix("//").partition(":")
    if what not in ("__pkg__", "__subpackages__") or not colon or not who:
        return False
    return who == package or _member(who, members)


def _member(package: str, members: list[str]) -> bool:
    """Whether a package_group with `members` contains `package`: a "-" always wins."""

    def matches(pattern: str) -> bool:
        root = pattern.removeprefix("//").removesuffix("/...").removesuffix("...")
        return package == root or (pattern.endswith("...") and (not root or package.startswith(f"{root}/")))

    if any(matches(member.removeprefix("-")) for member in members if member.startswith("-")):
        return False
    return any(member == "public" or matches(member) for member in members if not member.startswith("-"))


def _calls(build: str) -> list[ast.Call]:
    # A BUILD file is Python's grammar without its statements.
    return [node for node in ast.walk(ast.parse(build)) if isinstance(node, ast.Call)]


def _literals(call: ast.Call, name: str) -> list[str]:
    """The strings of an argument; none where it is not given."""
    value = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
    if value is None:
        return []
    try:
        return [str(each) for each in ast.literal_eval(value)]
    except ValueError:
        raise ValueError(f"line {call.lineno}: {name} is computed; write it out") from None
