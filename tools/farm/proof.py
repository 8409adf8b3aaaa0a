"""Proves a remote cache: the same targets from two output bases, the second time wholly from the cache.

    ./bazelw run //tools/farm:proof -- --cache grpc://127.0.0.1:9092 //tools/... //proto/...

Two fresh output bases, so that nothing but the cache can carry a result from the first to the second. An action that
runs again has a key that holds a path or a time of its first run, or an input that another action makes anew each time;
it is shown with what differs. Exit code: 0 all came from the cache, 1 something did not, 2 misuse, 3 could not run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

HIT = "remote cache hit"


@dataclass(frozen=True, slots=True)
class Spawn:
    """One action that left Bazel's own process, from its execution log (spawn.proto, SpawnExec)."""

    label: str
    mnemonic: str
    runner: str
    exit_code: int
    outputs: tuple[str, ...]
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    properties: Mapping[str, str]
    inputs: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"{self.mnemonic} {self.label}".strip()


def spawns(log: Path) -> Iterator[Spawn]:
    """Reads what --execution_log_json_file wrote: JSON objects, one after the other.

    Raises:
        ValueError: it is no such file, or was cut off.
    """
    decoder = json.JSONDecoder()
    text = log.read_text(encoding="utf-8")
    at = 0
    while at < len(text):
        entry, at = decoder.raw_decode(text, at)
        while at < len(text) and text[at].isspace():
            at += 1
        yield _spawn(entry)


def _spawn(entry: dict[str, Any]) -> Spawn:
    return Spawn(
        entry.get("targetLabel", ""),
        entry.get("mnemonic", ""),
        entry.get("runner", ""),
        entry.get("exitCode", 0),
        tuple(entry.get("listedOutputs", [])),
        tuple(entry.get("commandArgs", [])),
        {each["name"]: each.get("value", "") for each in entry.get("environmentVariables", [])},
        {each["name"]: each.get("value", "") for each in entry.get("platform", {}).get("properties", [])},
        {
            each["path"]: each.get("digest", {}).get("hash", "") or each.get("symlinkTargetPath", "")
            for each in entry.get("inputs", [])
        },
    )


def differences(first: Spawn | None, second: Spawn, most: int = 5) -> list[str]:
    """Why `second` was no hit although `first` had run: what of its key differs, a line each."""
    if first is None:
        return ["the first run had no such action"]
    lines = []
    if first.arguments != second.arguments:
        pairs = [f"{a!r} -> {b!r}" for a, b in zip(first.arguments, second.arguments, strict=False) if a != b]
        lines.append("arguments: " + "; ".join(pairs or ["another number of them"])[:600])
    for what, one, other in (
        ("environment", first.environment, second.environment),
        ("platform", first.properties, second.properties),
        ("input", first.inputs, second.inputs),
    ):
        names = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
        lines += [
            f"{what} {name}: {one.get(name, '(none)')[:80]} -> {other.get(name, '(none)')[:80]}"
            for name in names[:most]
        ]
        if len(names) > most:
            lines.append(f"... {len(names)} {what} lines differ")
    return lines or ["its key is the same: the first run did not store it, or the cache lost it"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the second run came to."""

    hits: int
    tests: int
    missed: dict[str, list[str]]
    first: Counter[str]

    @property
    def good(self) -> bool:
        return not self.missed and self.hits > 0 and self.tests > 0

    @property
    def share(self) -> float:
        return self.hits / max(1, self.hits + len(self.missed))

    def __str__(self) -> str:
        return (
            f"remote cache: {self.hits} of {self.hits + len(self.missed)} actions ({100 * self.share:.1f} %), "
            f"{self.tests} test actions among them, came from the cache the second time"
        )


def judge(first: Sequence[Spawn], second: Sequence[Spawn]) -> Verdict:
    """Compares the execution logs of two runs. A failed test is stored nowhere; it is a miss like any other."""
    known = {(spawn.mnemonic, spawn.label, spawn.outputs): spawn for spawn in first}
    missed = {}
    for spawn in second:
        if spawn.runner != HIT:
            why = differences(known.get((spawn.mnemonic, spawn.label, spawn.outputs)), spawn)
            if spawn.exit_code:
                why.insert(0, f"it failed (exit code {spawn.exit_code}): what fails is not stored")
            missed[f"{spawn.name} {' '.join(spawn.outputs[:1])}"] = [f"ran by {spawn.runner or 'nobody knows'}", *why]
    hits = [spawn for spawn in second if spawn.runner == HIT]
    tests = sum(spawn.mnemonic == "TestRunner" for spawn in hits)
    return Verdict(len(hits), tests, missed, Counter(spawn.runner for spawn in first))


def junit(verdict: Verdict) -> str:
    """The verdict as a report of one case, which CI's tally counts with the others."""
    body = ""
    if not verdict.good:
        message = f"{verdict}; not: {', '.join(sorted(verdict.missed))[:500] or 'nothing at all ran'}"
        body = f"<failure message={quoteattr(message)}/>"
    case = f'<testcase classname="ci" name="remote cache">{body}</testcase>'
    failures = int(not verdict.good)
    return f'<testsuites><testsuite name="ci" tests="1" failures="{failures}">{case}</testsuite></testsuites>\n'


def run(bazel: Path, base: Path, cache: str, config: str, targets: Sequence[str], log: Path) -> int:
    """Builds and tests `targets` in an output base of their own; its server ends with it. Returns Bazel's exit code."""
    words: list[str | Path] = [bazel, f"--output_base={base}", "--max_idle_secs=60"]
    done = subprocess.run(
        [
            *words,
            "test",
            f"--config={config}",
            f"--remote_cache={cache}",
            "--disk_cache=",
            f"--execution_log_json_file={log}",
            "--noexecution_log_sort",
            "--keep_going",
            "--test_summary=terse",
            "--noshow_progress",
            "--ui_event_filters=-info",
            "--",
            *targets,
        ],
        stdout=2,  # what Bazel says is news, not the result
        check=False,
    )
    subprocess.run([*words, "shutdown"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode


def prove(bazel: Path, scratch: Path, cache: str, config: str, targets: Sequence[str]) -> Verdict:
    """Runs twice and compares.

    Raises:
        RuntimeError: Bazel left no execution log.
    """
    logs = []
    for name in ("first", "second"):
        base, log = scratch / name, scratch / f"{name}.json"
        began = time.monotonic()
        status = run(bazel, base, cache, config, targets, log)
        try:
            logs.append(list(spawns(log)))
        except (OSError, ValueError) as error:
            raise RuntimeError(f"the {name} run left no execution log (Bazel's exit code {status}): {error}") from None
        count = Counter(spawn.runner for spawn in logs[-1])
        what = ", ".join(f"{number} {runner}" for runner, number in count.most_common())
        print(f"{name} output base: {time.monotonic() - began:.0f} s; {what or 'nothing ran'}", flush=True)
        remove(base)
    return judge(*logs)


def remove(folder: Path) -> None:
    """Removes an output base: Bazel takes the right to write from what it has built."""
    subprocess.run(["chmod", "-R", "u+w", folder], stderr=subprocess.DEVNULL, check=False)
    shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str] | None = None) -> int:
    doc = (__doc__ or "").splitlines()
    parser = argparse.ArgumentParser(
        prog="proof",
        description=doc[0],
        epilog="\n".join(doc[1:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cache", required=True, help="address, as --remote_cache takes it")
    parser.add_argument("--config", default="ci", help="of .bazelrc (%(default)s)")
    parser.add_argument("--junit", type=Path, help="where the verdict goes as a JUnit report, too")
    parser.add_argument(
        "--scratch", type=Path, help="folder on a disk with room for an output base; the user's cache folder"
    )
    parser.add_argument("targets", nargs="+", help="Bazel target patterns")
    args = parser.parse_args(arguments)
    workspace = Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY") or Path.cwd())
    bazel = workspace / "bazelw"
    if not bazel.exists():
        print(f"proof: {workspace} is no checkout of Samewire; run it through ./bazelw run", file=sys.stderr)
        return 3
    os.chdir(workspace)
    above = args.scratch or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "samewire"
    scratch = Path(tempfile.mkdtemp(prefix="proof.", dir=above))
    try:
        verdict = prove(bazel, scratch, args.cache, args.config, args.targets)
    except (RuntimeError, OSError) as error:
        print(f"proof: {error}", file=sys.stderr)
        return 3
    finally:
        remove(scratch)
    for name, why in sorted(verdict.missed.items()):
        print(f"NOT FROM THE CACHE {name}")
        for line in why:
            print(f"    {line}")
    print(verdict)
    if args.junit:
        args.junit.write_text(junit(verdict), encoding="utf-8")
    return 0 if verdict.good else 1


if __name__ == "__main__":
    sys.exit(main())
