"""Counts the real cases of one `bazel test`: reads its build events, and the test.xml files they name.

    ./bazelw test //... --build_event_json_file=FILE; ./bazelw run //.ci:tally -- FILE [--junit REPORT]
        [--workspace NAME=FILE]

Events of a further workspace count too; its labels are written @NAME//pkg:target.

A target that failed without a failing case, or that was never built, counts as one failed case: nothing red is lost.
Exit code: 0 nothing failed, 1 something did.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tools.runs import junit

Event = dict[str, Any]

# Of Bazel's TestStatus; what is not here is red.
GREEN = {"PASSED", "FLAKY"}


@dataclass
class Tally:
    """What a run came to. A name is `//label` or `//label case`."""

    passed: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    targets: int = 0
    red_targets: int = 0

    def __str__(self) -> str:
        lines = [f"SKIPPED {name}: {why}" for name, why in sorted(self.skipped.items())]
        lines += [f"FAILED  {name}: {why}" for name, why in sorted(self.failed.items())]
        lines.append(f"{self.targets} test targets, {self.red_targets} of them red")
        lines.append(f"{self.passed} passed, {len(self.failed)} failed, {len(self.skipped)} skipped")
        return "\n".join(lines)


def tally(events: Iterable[Event]) -> Tally:
    """Adds up a run.

    Args:
        events: Bazel's build events in their JSON form, in order.
    """
    total = Tally()
    results: dict[tuple[str, int, int], tuple[int, Event]] = {}
    statuses: dict[str, str] = {}
    unbuilt: dict[str, str] = {}
    finished = False
    for event in events:
        kind, identity = next(iter(event["id"].items()))
        if kind == "testResult" and "testResult" in event:
            place = (identity["label"], identity.get("run", 1), identity.get("shard", 1))
            attempt = identity.get("attempt", 1)
            if attempt >= results.get(place, (0, {}))[0]:
                results[place] = (attempt, event["testResult"])
        elif kind == "testSummary" and "testSummary" in event:
            statuses[identity["label"]] = event["testSummary"].get("overallStatus", "NO_STATUS")
        elif kind == "buildFinished":
            finished = True
        elif "aborted" in event:
            name = identity.get("label") or " ".join(identity.get("pattern", [])) or kind
            why = _first(event["aborted"].get("description")) or event["aborted"].get(
                "reason", "not built; the output says why"
            )
            if event["aborted"].get("reason") == "SKIPPED":
                total.skipped[name] = why
            else:
                unbuilt[name] = why
        elif kind == "targetCompleted" and "completed" in event and not event["completed"].get("success"):
            failure = _first(event["completed"].get("failureDetail", {}).get("message"))
            unbuilt[identity["label"]] = f"did not build; {failure}".strip("; ")

    for (label, run, shard), (_, result) in sorted(results.items()):
        _add(total, label, run, shard, result)
    for label, status in statuses.items():
        if status not in GREEN:
            total.red_targets += 1
            if not any(name.split(" ")[0] == label for name in total.failed):
                total.failed[label] = unbuilt.get(label, f"the target ended as {status}, though no case is red")
    for label, why in unbuilt.items():
        if label not in statuses:
            total.failed[label] = why
    total.targets = len(statuses)
    if not finished:
        total.failed["bazel"] = "ended before it had finished; its output says why"
    elif not statuses and not total.failed:
        total.failed["bazel"] = "ran no test"
    return total


def add_workspace(total: Tally, name: str, other: Tally) -> None:
    """Adds what another workspace came to."""
    total.passed += other.passed
    total.failed |= {
        f"@{name}{case if case.startswith('/') else ' ' + case}": why for case, why in other.failed.items()
    }
    total.skipped |= {f"@{name}{case}": why for case, why in other.skipped.items()}
    total.targets += other.targets
    total.red_targets += other.red_targets


def add_report(total: Tally, report: Path) -> None:
    """Adds the cases of a JUnit report that is no test target's; one that cannot be read is one failed case."""
    try:
        _count(total, report.stem, "", "", _cases(report.absolute().as_uri()))
    except (OSError, ValueError) as error:
        total.failed[report.stem] = f"left no report: {error}"


def _add(total: Tally, label: str, run: int, shard: int, result: Event) -> None:
    """Adds the cases of one test.xml."""
    green = result.get("status") in GREEN
    outputs = {output["name"]: output.get("uri", "") for output in result.get("testActionOutput", [])}
    try:
        cases = list(_cases(outputs.get("test.xml", "")))
    except (OSError, ValueError) as error:
        if green:
            total.passed += 1  # One target is at least one case; its report lies on another machine.
        else:
            total.failed[label] = f"{result.get('status')}, and its test.xml cannot be read: {error}"
        return
    _count(total, label, f" (run {run})" if run > 1 else "", f" (shard {shard})", cases)


def _count(total: Tally, label: str, again: str, shard: str, cases: Iterable[tuple[str, str, str]]) -> None:
    for name, outcome, why in cases:
        full = f"{label} {name}{again}"
        if outcome == "passed":
            total.passed += 1
        else:
            into = total.skipped if outcome == "skipped" else total.failed
            into[full if full not in into else full + shard] = why


def _cases(uri: str) -> Iterator[tuple[str, str, str]]:
    """Name, outcome and reason of every case in a test.xml.

    Raises:
        ValueError: `uri` is no file of this machine, or no report.
        OSError: it cannot be read.
    """
    parts = urlsplit(uri)
    if parts.scheme != "file":
        raise ValueError(f"it is not on this machine: {uri or 'no address'}")
    for case in junit.read(Path(unquote(parts.path))):
        place, name = case.classname, case.name or "?"
        full = f"{place}.{name}" if place and place != name else name
        outcome = "failed" if case.outcome == "error" else case.outcome
        yield full, outcome, "" if outcome == "passed" else _first(case.message) or "no reason given"


def _first(text: str | None) -> str:
    """The first line, and no more than fits on a screen."""
    return next(iter((text or "").strip().splitlines()), "")[:300]


def _read(path: Path) -> Iterator[Event]:
    return (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line)


def main() -> int:
    """Prints the tally of the events in a file."""
    parser = argparse.ArgumentParser(prog="tally", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("events", type=Path, help="what --build_event_json_file wrote")
    parser.add_argument("--junit", type=Path, action="append", default=[], help="one more report")
    parser.add_argument("--workspace", action="append", default=[], metavar="NAME=FILE", help="events of one more")
    args = parser.parse_args()
    path: Path = args.events
    try:
        total = tally(_read(path))
        for name, _, file in (word.partition("=") for word in args.workspace):
            path = Path(file)
            add_workspace(total, name, tally(_read(path)))
    except (OSError, ValueError) as error:
        print(f"tally: {path}: {error}", file=sys.stderr)
        return 2
    for report in args.junit:
        add_report(total, report)
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
