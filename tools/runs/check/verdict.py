"""What a run comes to: one sentence, one exit code, and everything that is red with what is known of it."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.runs.check.state import State
from tools.runs.exit import Exit
from tools.runs.record import GREEN, CaseId, CaseResult

Reach = Literal["reachable", "unreachable", "unknown"]

# Bazel's own codes (its ExitCode class); 0 and 3 are the ones that say something of the tests.
SUCCESS, BUILD_FAILED, MISUSE, TESTS_FAILED, NO_TESTS, INTERRUPTED = 0, 1, 2, 3, 4, 8
CODES = {
    BUILD_FAILED: "the build failed",
    MISUSE: "Bazel did not take its command line",
    NO_TESTS: "there is no test among the targets",
    INTERRUPTED: "interrupted",
    9: "another Bazel command holds the workspace",
    32: "Bazel could not set itself up on this machine",
    33: "Bazel ran out of memory",
    34: "the remote service could not be reached or failed",
    36: "something on this machine failed under Bazel: disk, permissions, network",
    37: "Bazel crashed; its server log says where",
    38: "build events could not be sent",
    39: "the remote cache lost files that were needed",
    45: "build events could not be sent",
}
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Red:
    """One case whose last attempt is red.

    Attributes:
        result: that attempt. tries: attempts in this run.
        log: path or URI of the target's log, empty where there is none.
        command: what runs just this case again.
        owner, issue: of the quarantine entry that speaks of the case; masked: and it holds.
        flake: the probability that this red is a flake, None where history is silent; why: on what that rests.
        reach: whether the change can reach the test; reach_why: what was asked.
    """

    result: CaseResult
    tries: int = 1
    log: str = ""
    command: str = ""
    owner: str = ""
    issue: str = ""
    flake: float | None = None
    why: str = ""
    reach: Reach = "unknown"
    reach_why: str = ""

    @property
    def masked(self) -> bool:
        return self.result.quarantined


@dataclass(frozen=True, slots=True)
class Counts:
    """Cases by the last word on each, and targets. `flaky`: passed, and had been red in this very run."""

    cases: int = 0
    passed: int = 0
    failed: int = 0
    masked: int = 0
    skipped: int = 0
    flaky: int = 0
    cached: int = 0
    targets: int = 0
    red_targets: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`text`: one sentence. `code`: Bazel's own exit code, None where it never ended."""

    exit: Exit
    text: str
    code: int | None
    counts: Counts

    @property
    def good(self) -> bool:
        return self.exit is Exit.GOOD


@dataclass(frozen=True, slots=True)
class Last:
    """The last attempt at each case, and how many of its attempts were red."""

    result: CaseResult
    tries: int
    reds: int

    @property
    def flaky(self) -> bool:
        return self.reds > 0 and not self.result.red


def last(results: Iterable[CaseResult]) -> list[Last]:
    """The last word on every case, in the order they were first met.

    The last attempt of each of Bazel's runs (--runs_per_test) counts; one red run makes the case red.
    """
    attempts: dict[CaseId, list[CaseResult]] = {}
    for result in results:
        attempts.setdefault(result.case, []).append(result)
    return [_last(each) for each in attempts.values()]


def _last(attempts: list[CaseResult]) -> Last:
    attempts.sort(key=lambda each: (each.run_number, each.attempt))
    runs = list({each.run_number: each for each in attempts}.values())
    red = [each for each in runs if each.red]
    told = (
        [each for each in red if not each.quarantined]
        or red
        or [each for each in runs if each.outcome in GREEN]
        or runs
    )
    return Last(told[-1], len(attempts), sum(each.red for each in attempts))


def count(state: State, words: Sequence[Last]) -> Counts:
    """`words` as `last` gives them, masked by the quarantine."""
    red = [each.result for each in words if each.result.red]
    masked = sum(result.quarantined for result in red)
    skipped = sum(each.result.outcome == "skipped" for each in words)
    return Counts(
        cases=len(words),
        passed=len(words) - len(red) - skipped,
        failed=len(red) - masked,
        masked=masked,
        skipped=skipped,
        flaky=sum(each.flaky for each in words),
        cached=sum(each.result.cached for each in words),
        targets=len({label for label, _, _ in state.actions}),
        red_targets=len({result.label for result in state.red}),
    )


def conclude(
    state: State,
    counts: Counts,
    code: int | None,
    *,
    interrupted: bool = False,
    findings: int = 0,
    fixtures: int = 0,
) -> Verdict:
    """The sentence and the exit code.

    Args:
        state: at the end.
        counts: of its cases.
        code: Bazel's, minus a signal's number when one killed it.
        interrupted: somebody wanted the run to stop.
        findings: of the quarantine file and the like: each fails the check.
        fixtures: that a consumer got wrong, though its test may be green.
    """
    red = _red(counts, findings, fixtures)
    unbuilt = state.unbuilt
    if interrupted or code == INTERRUPTED:
        done = f"{counts.targets:,} of {max(state.total, counts.targets):,} test targets were done"
        return Verdict(Exit.COULD_NOT_RUN, _join(f"interrupted: {done}", *red), code, counts)
    if code is None or code < 0:
        return Verdict(Exit.COULD_NOT_RUN, _join(f"could not run: {_killed(code)}", *red), code, counts)
    if code == BUILD_FAILED or (code == TESTS_FAILED and unbuilt):
        return Verdict(Exit.COULD_NOT_RUN, _join(_unbuilt(unbuilt), *red), code, counts)
    if code not in (SUCCESS, TESTS_FAILED):
        known = CODES.get(code, "Bazel could not finish")
        exit_code = Exit.MISUSE if code == MISUSE else Exit.COULD_NOT_RUN
        return Verdict(exit_code, _join(f"could not run: {known} (exit code {code})", *red), code, counts)
    if not counts.cases:
        return Verdict(Exit.COULD_NOT_RUN, "nothing was tested: no test among the targets", code, counts)
    # Bazel's word is final: where it says that tests failed, only a mask on every one of them makes good of it.
    if code == TESTS_FAILED and not counts.failed and not counts.masked:
        red.insert(0, "Bazel says that tests failed, though no case is red")
    if red and (counts.failed or findings or fixtures or not counts.masked):
        return Verdict(Exit.FINDINGS, _join(*red), code, counts)
    return Verdict(Exit.GOOD, _join(_passed(counts), *red), code, counts)


def _red(counts: Counts, findings: int, fixtures: int) -> list[str]:
    parts = []
    if counts.failed:
        verb = "fails" if counts.failed == 1 else "fail"
        parts.append(
            f"{counts.failed:,} of {many(counts.cases, 'case')} {verb}, in {counts.red_targets:,} of "
            f"{many(counts.targets, 'target')}"
        )
    if fixtures:
        parts.append(f"{many(fixtures, 'fixture')} of the matrix {'fails' if fixtures == 1 else 'fail'}")
    if findings:
        parts.append(f"{many(findings, 'finding')} beside the tests")
    if counts.masked:
        parts.append(f"{counts.masked:,} quarantined failed")
    return parts


def _passed(counts: Counts) -> str:
    text = f"{many(counts.passed, 'case')} of {many(counts.targets, 'target')} "
    text += "passes" if counts.passed == 1 else "pass"
    if counts.skipped:
        text += f", {counts.skipped:,} skipped"
    if counts.flaky:
        text += f", {counts.flaky:,} only when tried again"
    if counts.cached:
        text += f"; {counts.cached:,} from cache"
    return text


def _unbuilt(unbuilt: Sequence[object]) -> str:
    labels = [str(getattr(problem, "label", "")) for problem in unbuilt]
    named = [label for label in labels if label]
    if not named:
        return CODES[BUILD_FAILED]
    more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    return f"did not build: {', '.join(named[:SHOWN])}{more}"


def _killed(code: int | None) -> str:
    if code is None:
        return "Bazel never started"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"Bazel was killed by {name}" + ("; is the machine out of memory?" if -code == signal.SIGKILL else "")


def _join(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def many(number: int, noun: str) -> str:
    """`1 case`, `1,234 cases`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
