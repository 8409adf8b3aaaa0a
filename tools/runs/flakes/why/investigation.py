"""One thing at a time: runs as ever, runs with something changed, and whether the difference is more than chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal, Protocol

from tools.runs.flakes.cost import most_unseen
from tools.runs.flakes.why import causes
from tools.runs.flakes.why.bench import AS_EVER, Arm, Seen
from tools.runs.flakes.why.causes import CAUSES, Cause, Fixed, Skipped, Varied
from tools.runs.flakes.why.fisher import holm, more

State = Literal["cause", "none", "skipped"]
ALPHA = 0.05
AGAIN = 10
WATCHED = 3
_NOT_READY = "it cannot be changed in the sandbox (is a program or library missing there, or under /tmp?)"
# A test that is red nearly always is broken, whatever the reason.
BROKEN = 0.9


@dataclass(slots=True)
class Finding:
    """What became of one cause.

    Attributes:
        seen: runs under changed conditions; the last ones are those that confirm.
        chance: that a difference like this comes by luck (p-value, one-sided, corrected for all causes asked about).
        words: one sentence.
    """

    cause: str
    state: State
    words: str
    seen: tuple[Seen, ...] = ()
    chance: float = 1.0


@dataclass(slots=True)
class Report:
    """The whole investigation. `base`: runs as ever; `summary`: one sentence."""

    label: str
    node: str
    base: Seen
    findings: list[Finding]
    summary: str

    @property
    def causes(self) -> list[Finding]:
        return sorted((each for each in self.findings if each.state == "cause"), key=lambda each: each.chance)


class Runs(Protocol):
    """What runs the test; Bench."""

    label: str
    node: str

    def run(self, arm: Arm, runs: int) -> Seen: ...


def investigate(bench: Runs, runs: int, asked: Collection[str] = CAUSES, faketime: str = "") -> Report:
    """Finds out why a test is flaky.

    Args:
        bench: the test.
        runs: under each condition, at least 5.
        asked: the causes to look at.
        faketime: the file of libfaketime, where it is not installed as usual.

    Raises:
        CouldNotRun: the test could not be built or run.
    """
    base = bench.run(Arm("as ever"), runs)
    findings: list[Finding] = []
    if base.reds >= BROKEN * base.runs:
        summary = f"It was red in {base} runs as ever: it is broken, not flaky; look at the failure itself."
        return Report(bench.label, bench.node, base, findings, summary)
    for name in CAUSES:
        if name in asked:
            findings.append(_look(name, bench, base, runs, faketime))
    corrected = iter(holm([each.chance for each in findings if each.seen]))
    for each in findings:
        if each.seen:
            each.chance = next(corrected)
            if each.state == "cause" and each.chance >= ALPHA:
                each.state = "none"
                each.words = f"{_seen(each.seen)}, {base} as ever: as chance brings it about."
    return Report(bench.label, bench.node, base, findings, _summary(base, findings))


def _look(name: str, bench: Runs, base: Seen, runs: int, faketime: str) -> Finding:
    if name == "network":
        return _network(base)
    if name == "port":
        return _port(bench, base)
    if name == "alone":
        return _alone(bench, base)
    found: dict[str, Callable[[], Cause]] = {
        "order": lambda: causes.ORDER,
        "seed": lambda: causes.SEED,
        "hash": lambda: causes.HASH,
        "zone": lambda: causes.ZONE,
        "locale": causes.locales,
        "cpu": causes.cpu,
        "clock": lambda: causes.clock(faketime),
    }
    cause = found[name]()
    if isinstance(cause, Skipped):
        return Finding(name, "skipped", cause.reason)
    if isinstance(cause, Fixed):
        seen = bench.run(cause.arm, runs)
        if not _ready(seen):
            return Finding(name, "skipped", _NOT_READY)
        return _compared(name, base, (seen,), f"{cause.words}: red in {seen} runs there, in {base} as ever")
    return _varied(cause, bench, base, runs)


def _varied(cause: Varied, bench: Runs, base: Seen, runs: int) -> Finding:
    """A value for each run; then the one that was red, again and again, which by chance alone would not stay red."""
    if cause.needs_cases and not base.cases:
        return Finding(cause.name, "skipped", "the target does not tell its cases, as pytest_test does")
    if cause.needs_cases and all(len(cases) < 2 for cases in base.cases.values()):
        return Finding(cause.name, "skipped", "the target has a single case")
    first = bench.run(cause.each(), runs)
    if not _ready(first):
        return Finding(cause.name, "skipped", _NOT_READY)
    if not first.reds:
        return _compared(cause.name, base, (first,), "")
    red = [cause.value(run) for run, was_red in sorted(first.red.items()) if was_red]
    value = max(dict.fromkeys(red), key=red.count)
    again = bench.run(cause.always(value), AGAIN)
    calm = None
    green = [cause.value(run) for run, was_red in sorted(first.red.items()) if not was_red]
    if base.reds and (others := [each for each in green if each not in red]):
        # As ever the value may change from run to run as well: then one that was green shows the difference.
        calm = bench.run(cause.always(others[0]), AGAIN)
    words = f"{cause.words}: red in {first} runs with values of their own, in {again} with {cause.say(value)} again"
    words += f", in {calm} with {cause.say(others[0])}" if calm else f", in {base} as ever"
    if cause.needs_cases and (other := culprit(bench.node, [base, first, again])):
        words += f"; {other}"
    words += f"; again: --test_env={cause.variable}={value}" if not cause.also else ""
    return _compared(cause.name, base, (first, again), words, calm)


def _alone(bench: Runs, base: Seen) -> Finding:
    if not bench.node:
        return Finding("alone", "skipped", "no case was named that could run alone")
    if base.cases and all(len(cases) < 2 for cases in base.cases.values()):
        return Finding("alone", "skipped", "the target has a single case")
    seen = bench.run(Arm("alone: without the other cases", AS_EVER, filter=bench.node), AGAIN)
    words = f"other cases that run before it: red in {seen} runs without them, in {base} as ever"
    return _compared("alone", base, (seen,), words)


def _port(bench: Runs, base: Seen) -> Finding:
    watched = bench.run(causes.WATCH, WATCHED)
    some = Counter(port for ports in watched.ports.values() for port in ports)
    always = {port for port, runs in some.items() if 2 * runs > watched.runs}  # a look may miss one once
    if not always:
        words = "it listens only on ports that the system gives it" if some else "it listens on no port"
        return Finding("port", "none", f"{words}.")
    seen = bench.run(causes.taken(sorted(always)), AGAIN)
    if not _ready(seen):
        return Finding("port", "skipped", "the sandbox has no python3 that could take the port")
    words = f"port {', '.join(map(str, sorted(always)))}, always the same: red in {seen} runs when another has it, "
    words += f"in {base} as ever"
    if "sandbox" in base.strategy:
        words += " (in the sandbox every test has a loopback of its own: only outside of it do they meet)"
    return _compared("port", base, (seen,), words)


def _network(base: Seen) -> Finding:
    if base.strategy == "linux-sandbox":
        return Finding("network", "none", "excluded: all runs were in a sandbox with its own loopback and no more.")
    return Finding("network", "skipped", f"the test ran by {base.strategy or 'unknown means'}, maybe with a network")


def _compared(name: str, base: Seen, seen: tuple[Seen, ...], words: str, calm: Seen | None = None) -> Finding:
    """Each against the runs as ever, the last one also against `calm`; the best look counts, and is charged for all."""
    looks = [(each, base) for each in seen]
    if calm:
        looks.append((seen[-1], calm))
        seen = (*seen, calm)
    chance = min(1.0, len(looks) * min(more(a.reds, a.runs, b.reds, b.runs) for a, b in looks))
    if chance < ALPHA:
        return Finding(name, "cause", f"{words}.", seen, chance)
    if any(each.reds for each in seen):
        return Finding(name, "none", f"{_seen(seen)}, {base} as ever: as chance brings it about.", seen, chance)
    unseen = 100 * most_unseen(sum(each.runs for each in seen))
    words = f"red in {_seen(seen)}: excluded, if it would show in {unseen:.0f} % of runs or more (with 95 %)."
    return Finding(name, "none", words, seen, chance)


def _ready(seen: Seen) -> bool:
    """Whether the conditions were what they should be; a run that Bazel cut off may not say."""
    return not seen.arm.proof or 2 * len(seen.ready) > seen.runs


def _seen(seen: tuple[Seen, ...]) -> str:
    return " and ".join(map(str, seen))


def culprit(node: str, seen: list[Seen]) -> str:
    """The other case that, run before this one, makes it red or keeps it green; empty where none stands out."""
    rows = [(one.cases[run], one.red_cases[run]) for one in seen for run in one.cases]
    victims = [case for _, red in rows for case in red]
    victim = node or max(dict.fromkeys(victims), key=victims.count, default="")
    rows = [(cases, red) for cases, red in rows if victim in cases]
    best: tuple[float, str] = (1.0, "")
    others = sorted({case for cases, _ in rows for case in cases} - {victim})
    for other in others:
        after = [victim in red for cases, red in rows if other in cases[: cases.index(victim)]]
        not_after = [victim in red for cases, red in rows if other not in cases[: cases.index(victim)]]
        if after and not_after:
            best = min(
                best,
                (more(sum(after), len(after), sum(not_after), len(not_after)), f"red when after {_short(other)}"),
                (more(sum(not_after), len(not_after), sum(after), len(after)), f"red unless after {_short(other)}"),
            )
    return best[1] if best[0] < ALPHA / (2 * max(1, len(others))) else ""


def _short(node: str) -> str:
    return node.rpartition("/")[2]


def _summary(base: Seen, findings: list[Finding]) -> str:
    found = sorted((each for each in findings if each.state == "cause"), key=lambda each: each.chance)
    if found:
        others = f" So does: {', '.join(each.cause for each in found[1:])}." if found[1:] else ""
        return f"It depends on {found[0].words}{others}"
    looked = [each.cause for each in findings if each.state == "none"]
    if not base.reds and not any(one.reds for each in findings for one in each.seen):
        unseen = 100 * most_unseen(base.runs)
        words = f"It was never red, in {base.runs} runs as ever (so in less than {unseen:.0f} % of them, with 95 %)"
        return f"{words}, nor with anything changed: no cause among {', '.join(looked)}."
    low, high = base.rate.interval()
    words = f"No cause found among {', '.join(looked)}. It was red in {base} runs as ever ({100 * low:.0f} to "
    return words + f"{100 * high:.0f} %), whatever was changed: a race, or chance of the test's own."
