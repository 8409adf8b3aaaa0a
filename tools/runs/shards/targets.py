"""Which targets are sharded, and where their durations stand: asked of `bazel query`."""

from __future__ import annotations

import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_DURATIONS = re.compile(r"^--durations=\$\(rootpath (.+)\)$")
# Every pytest_test has it; other test rules shard in their own ways.
_OURS = "--case-attempts="


@dataclass(frozen=True, slots=True)
class Target:
    """A sharded pytest_test. `file`: its durations, relative to the workspace; None when it names none."""

    label: str
    shards: int
    file: Path | None

    @property
    def proposed(self) -> Path:
        """Where durations would stand."""
        package, _, name = self.label.removeprefix("//").partition(":")
        return Path(package) / f"{name}.durations.json"


def query(workspace: Path, patterns: Sequence[str]) -> list[Target]:
    """Every sharded pytest_test among the targets.

    Raises RuntimeError with Bazel's own words when the patterns are wrong or something does not load.
    """
    several = "^([2-9]|[1-9][0-9]+)$"
    everything = " + ".join(patterns)
    command = [str(workspace / "bazelw"), "query", "--output=xml", "--noimplicit_deps", "--noshow_progress"]
    done = subprocess.run(
        [*command, f'attr(shard_count, "{several}", tests({everything}))'],
        cwd=workspace,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise RuntimeError(f"bazel query: {errors[0] if errors else done.stderr.strip()[-300:]}")
    return list(parse(done.stdout))


def parse(text: str) -> Iterator[Target]:
    """Targets of `bazel query --output=xml`."""
    for rule in ET.fromstring(text).iter("rule"):
        label = rule.get("name", "")
        shards = next((int(e.get("value", "1")) for e in rule.iter("int") if e.get("name") == "shard_count"), 1)
        arguments = [
            word.get("value", "") for words in rule.iter("list") if words.get("name") == "args" for word in words
        ]
        if shards < 2 or not label.startswith("//") or not any(word.startswith(_OURS) for word in arguments):
            continue
        file = next((_path(label, found[1]) for word in arguments if (found := _DURATIONS.match(word))), None)
        yield Target(label, shards, file)


def _path(label: str, file: str) -> Path | None:
    """Where a label of a file points to, seen from a target; None when it is another repository's."""
    if file.startswith("@"):
        return None
    if file.startswith("//"):
        package, _, name = file.removeprefix("//").partition(":")
        return Path(package) / name
    return Path(label.removeprefix("//").partition(":")[0]) / file.removeprefix(":")
