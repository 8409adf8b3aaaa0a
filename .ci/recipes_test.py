"""The recipes for GitHub and GitLab: right by the services' schemas, and everything that they call is there."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

GITHUB = Path(".github/workflows/ci.yml")
GITLAB = Path(".gitlab-ci.yml")
SCHEMAS = {
    GITHUB: ["--builtin-schema", "vendor.github-workflows"],
    GITLAB: ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
}
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
TIER = re.compile(r'^    "(\w+)": ', re.MULTILINE)
# Programs of the machine that recipes may call.
MACHINE = {"apt-get", "sudo"}


def check_schema(path: Path, kind: Path) -> subprocess.CompletedProcess[str]:
    """`check-jsonschema`, with the schema that it brings: no network."""
    words = [os.environ["CHECK_JSONSCHEMA"], *SCHEMAS[kind], str(path)]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(words, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("recipe", SCHEMAS, ids=str)
def test_schema(recipe: Path) -> None:
    done = check_schema(recipe, recipe)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("recipe", "good", "bad"),
    [(GITHUB, "runs-on:", "runs_on:"), (GITHUB, "steps:", "stepz:"), (GITLAB, "    matrix:", "    matrices:")],
)
def test_the_schema_sees_what_is_wrong(recipe: Path, good: str, bad: str, tmp_path: Path) -> None:
    text = recipe.read_text(encoding="utf-8")
    broken = tmp_path / recipe.name
    broken.write_text(text.replace(good, bad, 1), encoding="utf-8")
    assert good in text
    assert check_schema(broken, recipe).returncode == 1


def github_jobs() -> Iterator[tuple[dict[str, list[str]], list[str]]]:
    """Matrix and shell lines of every job, for each event."""
    for job in yaml.safe_load(GITHUB.read_text(encoding="utf-8"))["jobs"].values():
        lines = [line for step in job["steps"] for line in step.get("run", "").splitlines()]
        matrix = {name: _lists(value) for name, value in job["strategy"]["matrix"].items()}
        yield {name: sorted(set(itertools.chain(*lists))) for name, lists in matrix.items()}, lines


def _lists(value: Any) -> list[list[str]]:
    """A list, or the lists between which an expression chooses."""
    if isinstance(value, list):
        return [value]
    return [json.loads(found) for found in re.findall(r"'(\[.*?\])'", value)]


def gitlab_jobs() -> Iterator[tuple[dict[str, list[str]], list[str]]]:
    recipe = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))
    for name, job in recipe.items():
        if isinstance(job, dict) and "parallel" in job:
            base = recipe[job["extends"]]
            yield job["parallel"]["matrix"][0], base["before_script"] + base["script"] + base["after_script"]
        else:
            assert name in ("stages", "variables") or name.startswith("."), name


JOBS = [("github", *job) for job in github_jobs()] + [("gitlab", *job) for job in gitlab_jobs()]


@pytest.mark.parametrize(("service", "matrix", "lines"), JOBS)
def test_every_command_is_there(service: str, matrix: Mapping[str, list[str]], lines: list[str]) -> None:
    assert lines
    for line in lines:
        for values in itertools.product(*matrix.values()):
            check_command(filled(line, dict(zip(matrix, values, strict=True))))


def filled(line: str, values: Mapping[str, str]) -> str:
    """With the matrix' values in place of their names."""
    for name, value in values.items():
        line = line.replace(f"${{{{ matrix.{name} }}}}", value).replace(f"${name}", value)
    return line


def check_command(line: str) -> None:
    """Raises AssertionError when the line calls a program, option or config that is not there."""
    assert "$" not in line, f"{line}: a value that nobody knows"
    program, *words = shlex.split(line)
    if program in MACHINE:
        return
    path = Path(program)
    assert path.is_file(), f"{line}: there is no {program}"
    assert os.access(path, os.X_OK), f"{line}: {program} can't be run"
    if path.name == "run":
        for word in words:
            assert word.startswith("--config="), f"{line}: {word}?"
            assert config(word.removeprefix("--config=")), f"{line}: .bazelrc has no {word}"
    else:
        assert not words, f"{line}: {program} takes no words here"


def test_commands_of_the_scripts_are_there() -> None:
    named = re.search(r"^  (check \|[\w |]+)\)$", Path("samewire").read_text(encoding="utf-8"), re.MULTILINE)
    assert named
    called = re.findall(r"\./samewire (\w+)", Path(".ci/reports").read_text(encoding="utf-8"))
    assert called
    assert set(called) <= set(named[1].split(" | "))


def config(name: str) -> list[str]:
    """The options of a config for `bazel test`, with those of configs that it names."""
    found = []
    for line in Path(".bazelrc").read_text(encoding="utf-8").splitlines():
        command, *words = shlex.split(line, comments=True) or [""]
        if command in (f"test:{name}", f"common:{name}", f"build:{name}"):
            for word in words:
                found += config(word.removeprefix("--config=")) if word.startswith("--config=") else [word]
    return found


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (".ci/runs", "there is no .ci/runs"),
        (".ci/run --config=fats", ".bazelrc has no --config=fats"),
        (".ci/run --jobs=1", "--jobs=1?"),
        (".ci/configure x", "takes no words"),
        (".ci/run --config=$NOBODY", "a value that nobody knows"),
    ],
)
def test_the_check_sees_what_is_wrong(line: str, problem: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(problem)):
        check_command(line)


def test_the_check_sees_what_cannot_be_run(tmp_path: Path) -> None:
    """A file of its own: on a farm, every file of the checkout can be run."""
    script = tmp_path / "run"
    script.touch(mode=0o644)
    with pytest.raises(AssertionError, match="can't be run"):
        check_command(shlex.quote(str(script)))


@pytest.mark.parametrize("service", ["github", "gitlab"])
def test_every_tier_and_every_python(service: str) -> None:
    tiers = TIER.findall(Path("tools/private/tiers.bzl").read_text(encoding="utf-8"))
    assert len(tiers) == 5
    seen = set()
    for name, matrix, _ in JOBS:
        if name == service:
            values = {key.lower(): value for key, value in matrix.items()}
            assert values["python"] == PYTHONS
            seen |= {tier for each in values["tier"] for tier in tiers if selects(each, tier)}
    assert seen == set(tiers)


def selects(name: str, tier: str) -> bool:
    """Whether tests of this tier run with that config."""
    filters = [word for word in config(name) if word.startswith("--test_tag_filters=")]
    tags = filters[-1].partition("=")[2].split(",")
    wanted = [tag for tag in tags if tag and not tag.startswith("-")]
    return f"-tier-{tier}" not in tags and (not wanted or f"tier-{tier}" in wanted)


def test_tiers_side_by_side_are_everything_once() -> None:
    for tier in ("unit", "contract", "system"):
        assert sum(selects(name, tier) for name in ("fast", "contract-only", "system-only")) == 1


def test_actions_are_githubs_own_and_pinned() -> None:
    text = GITHUB.read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)(.*)", text)
    assert len(used) == text.count("uses:") > 0
    for action, comment in used:
        assert re.fullmatch(r"actions/[\w/-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), f"{action}: its version as a comment"


def test_who_may_write_to_caches() -> None:
    github = yaml.safe_load(GITHUB.read_text(encoding="utf-8"))
    [job] = github["jobs"].values()
    assert job["env"]["SAMEWIRE_REMOTE_CACHE_WRITE"] == "${{ github.event_name != 'pull_request' }}"
    [save] = [step for step in job["steps"] if "cache/save" in step.get("uses", "")]
    assert "github.event_name != 'pull_request'" in save["if"]
    assert github["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in GITHUB.read_text(encoding="utf-8")
    gitlab = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))
    assert gitlab["variables"]["SAMEWIRE_REMOTE_CACHE_WRITE"] == "$CI_COMMIT_REF_PROTECTED"
    assert gitlab["variables"]["CACHE_POLICY"] == "pull"


@pytest.mark.parametrize("recipe", SCHEMAS, ids=str)
def test_variables_are_those_that_the_scripts_read(recipe: Path) -> None:
    known = set(
        re.findall(r"SAMEWIRE_\w+", "".join(Path(".ci", n).read_text() for n in ("configure", "reports", "run")))
    )
    assert set(re.findall(r"\b(SAMEWIRE_\w+):", recipe.read_text(encoding="utf-8"))) <= known | {"SAMEWIRE_PYTHON"}
