"""All that went into one action, and what differs between two times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from tools.runs.inputs.graph import digest

Kind = Literal["file", "environment", "argument", "platform"]
Change = Literal["changed", "added", "removed"]

# Where results go and which of several equal tries this is: different at each of them, and no reason for a result.
_PLACES = frozenset({
    "RUNTEST_PRESERVE_CWD",
    "TEST_INFRASTRUCTURE_FAILURE_FILE",
    "TEST_LOGSPLITTER_OUTPUT_FILE",
    "TEST_PREMATURE_EXIT_FILE",
    "TEST_RUN_NUMBER",
    "TEST_SHARD_STATUS_FILE",
    "TEST_TMPDIR",
    "TEST_UNDECLARED_OUTPUTS_ANNOTATIONS",
    "TEST_UNDECLARED_OUTPUTS_ANNOTATIONS_DIR",
    "TEST_UNDECLARED_OUTPUTS_DIR",
    "TEST_UNDECLARED_OUTPUTS_MANIFEST",
    "TEST_UNDECLARED_OUTPUTS_ZIP",
    "TEST_UNUSED_RUNFILES_LOG_FILE",
    "TEST_WARNINGS_OUTPUT_FILE",
    "XML_OUTPUT_FILE",
})  # fmt: skip


@dataclass(frozen=True)
class Manifest:
    """Inputs of one action.

    Attributes:
        files: path below the execution root → the digest of its content, cut (graph.DIGITS); a path that ends in `/` is
            a folder, its digest names its content as a whole. An empty digest is an empty file, `-> x` a link.
        folders: digest of a folder → relative path → digest; may know more folders than `files` names, or fewer.
    """

    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    platform: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    folders: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def key(self) -> str:
        """Names all that may decide the result, 32 hexadecimal digits: equal keys, equal inputs.

        Which run it was of --runs_per_test and where its results went is left out, so that tries of one test are one
        key; the shard, and a seed that somebody asked for, are in.
        """
        return digest([
            "arguments", *self.arguments,
            "environment", *_pairs(self.deciding_environment),
            "platform", *_pairs(self.platform),
            "files", *_pairs(self.files),
        ])  # fmt: skip

    @property
    def deciding_environment(self) -> dict[str, str]:
        """The environment without what is another at each try: places, and the seed where it numbers the runs."""
        numbered = self.environment.get("TEST_RUN_NUMBER", "") == self.environment.get("TEST_RANDOM_SEED")
        without = _PLACES | {"TEST_RANDOM_SEED"} if numbered else _PLACES
        return {name: value for name, value in self.environment.items() if name not in without}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was. `before` and `now` are digests for files, values for the rest, else empty."""

    kind: Kind
    change: Change
    name: str
    before: str = ""
    now: str = ""

    @property
    def generated(self) -> bool:
        """Whether another action made it: then that one's inputs are the reason."""
        return self.kind == "file" and self.name.startswith("bazel-out/")

    def __str__(self) -> str:
        if self.kind == "file":
            return f"{self.name} {self.change}"
        if self.change == "changed" and self.now:
            return f"{self.kind} {self.name}: {self.before} -> {self.now}"
        value = self.now or self.before
        return f"{self.kind} {self.name}{'=' + value if value else ''} {self.change}"


def why(previous: Manifest, now: Manifest) -> list[Difference]:
    """What changed, what people wrote first and what was generated from it last; empty when nothing did.

    A folder that both times is known file by file gives its files, else itself.
    """
    found = [
        *_mapping("file", previous.files, now.files),
        *_mapping("environment", previous.deciding_environment, now.deciding_environment),
        *_arguments(previous.arguments, now.arguments),
        *_mapping("platform", previous.platform, now.platform),
    ]
    whole: list[Difference] = []
    for difference in found:
        old, new = previous.folders.get(difference.before), now.folders.get(difference.now)
        if difference.name.endswith("/") and old is not None and new is not None:
            inside = _mapping("file", old, new)
            whole += (Difference("file", i.change, difference.name + i.name, i.before, i.now) for i in inside)
        else:
            whole.append(difference)
    return sorted(whole, key=lambda difference: difference.generated)


def _mapping(kind: Kind, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Difference]:
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            yield Difference(kind, "removed", name, before=before[name])
        elif name not in before:
            yield Difference(kind, "added", name, now=now[name])
        elif before[name] != now[name]:
            yield Difference(kind, "changed", name, before[name], now[name])


def _arguments(before: tuple[str, ...], now: tuple[str, ...]) -> Iterator[Difference]:
    gone, new = Counter(before) - Counter(now), Counter(now) - Counter(before)
    for word in gone:
        yield Difference("argument", "removed", word)
    for word in new:
        yield Difference("argument", "added", word)
    if before != now and not gone and not new:
        yield Difference("argument", "changed", "order", " ".join(before), " ".join(now))


def _pairs(mapping: Mapping[str, str]) -> Iterator[str]:
    for name, value in sorted(mapping.items()):
        yield name
        yield value
