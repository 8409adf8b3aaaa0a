"""Inputs of test actions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.runs.inputs.action import Action, Cache, actions
from tools.runs.inputs.manifest import Manifest


@dataclass(frozen=True, slots=True)
class TestInputs:
    """One attempt of one test action that ran or came from a disk or remote cache.

    Attributes:
        configuration: `k8-fastbuild` and the like.
        shard: from 0; run (of --runs_per_test) and attempt: from 1.
        digest: Bazel's own digest of the action, where a cache was on; else empty.
        cache: "" when it ran, else "disk" or "remote".
        passed: whether the process ended with 0.
    """

    __test__ = False  # not a pytest class

    label: str
    configuration: str
    shard: int
    run: int
    attempt: int
    manifest: Manifest
    digest: str = ""
    cache: Cache = ""
    passed: bool = True

    @property
    def key(self) -> str:
        return self.manifest.key

    @property
    def files(self) -> Mapping[str, str]:
        return self.manifest.files

    @property
    def environment(self) -> Mapping[str, str]:
        return self.manifest.environment

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.manifest.arguments


def read(path: Path) -> Iterator[TestInputs]:
    """Every attempt of every test action of a compact execution log.

    Raises LogError (one line) where the log is cut off, damaged or something else, after all that stood before;
    OSError when it can't be read.
    """
    return tests(actions(path))


def tests(spawns: Iterable[Action]) -> Iterator[TestInputs]:
    """Those that run a test; what only writes a test.xml for one that wrote none is passed over."""
    attempts: Counter[tuple[str, str, int, int]] = Counter()
    for action in spawns:
        if not action.test:
            continue
        place = (action.label, action.configuration, action.shard, action.run)
        attempts[place] += 1
        yield TestInputs(
            label=action.label,
            configuration=action.configuration,
            shard=action.shard,
            run=action.run,
            attempt=attempts[place],
            manifest=action.manifest,
            digest=action.digest,
            cache=action.cache,
            passed=action.exit_code == 0 and not action.status,
        )
