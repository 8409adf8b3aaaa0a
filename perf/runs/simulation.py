"""How well flakes are told from regressions, in a make-believe repository whose truth is known.

Judged by: at least 95 % of flakes found, at most 1 % of steady tests accused, no real regression masked. Beside ours
stand the rules that others name, over the same trials.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from pathlib import Path
from statistics import median

from perf.bench import marks
from perf.bench.benchmark import goal
from perf.runs.world import Case, Setting, World, make
from tools.runs.flakes import Prior, fit, judge, outage, p_this_red_is_flake
from tools.runs.flakes.instability import flip_rate
from tools.runs.flakes.judgement import SURE
from tools.runs.flakes.rows import sandwiched, stand
from tools.runs.record import CaseId, Standing, Trial

NAME = "flakes"
# Ours is asked after every so many runs; the others after every run.
EVERY = 25
OURS = "ours"
FOUND, ACCUSED = 0.95, 0.01

_PLAIN = Setting()
SETTINGS = {
    "every run a new commit, no retries": _PLAIN,
    "flakes by chance, hour and order; outages": replace(_PLAIN, kinds=("chance", "hour", "order"), outages=5),
    "the same, one run in five repeats a commit": replace(
        _PLAIN, kinds=("chance", "hour", "order"), outages=5, again=0.2
    ),
    "the same, red cases tried three times": replace(
        _PLAIN, kinds=("chance", "hour", "order"), outages=5, again=0.2, tries=3
    ),
    "the same, half of the results from the cache": replace(
        _PLAIN, kinds=("chance", "hour", "order"), outages=5, again=0.2, tries=3, touched=0.6
    ),
    "five times as many regressions": replace(_PLAIN, kinds=("chance", "hour", "order"), outages=5, broken=0.5),
    "five times as many, each mended by the next commit": replace(_PLAIN, broken=0.5, lengths=((1.0, (1, 1)),)),
}


@dataclass
class Score:
    """Of one rule in one world: shares of flakes found and of steady cases accused."""

    found: float
    accused: float


@dataclass
class Outcome:
    """One world, judged.

    Attributes:
        scores: by rule. Ours: what is accused at the end, and steady cases that were ever accused.
        regressions: real ones that were seen.
        masked: regressions of which any red run was masked by our rule: in quarantine, and green on the same inputs.
        spared: share of runs red by flake that this rule masks.
        masked_by_text: regressions whose every red run is masked where a text seen before is enough; `delay`: the most
            red runs so masked before one showed.
        outages: in truth; `outages_seen`: called so; `dropped`: other runs called so.
    """

    scores: dict[str, Score] = field(default_factory=dict)
    accused_at_end: float = 0.0
    regressions: int = 0
    masked: int = 0
    spared: float = 0.0
    masked_by_text: int = 0
    delay: int = 0
    outages: int = 0
    outages_seen: int = 0
    dropped: int = 0


@dataclass
class Masks:
    """What was masked: by regression, a flag for each red run; of red runs by flake, a flag each."""

    by_text: dict[tuple[CaseId, int], list[bool]] = field(default_factory=dict)
    by_green: dict[tuple[CaseId, int], list[bool]] = field(default_factory=dict)
    flakes: list[bool] = field(default_factory=list)


def simulate(setting: Setting, seed: int) -> Outcome:
    """One world, lived through by all rules."""
    world = make(setting, seed)
    outcome = Outcome(scores=_rivals(world))
    dropped = {run for run, report in world.reports.items() if outage(report)}
    outcome.outages, outcome.outages_seen = len(world.outages), len(world.outages & dropped)
    outcome.dropped = len(dropped - world.outages)
    names = {f"r{run}" for run in dropped}
    _ours(world.setting, [_without(case, names) for case in world.cases], outcome)
    return outcome


def _without(case: Case, runs: set[str]) -> Case:
    """The case as history keeps it: runs that were an outage left out."""
    kept = [(trial, cause) for trial, cause in zip(case.trials, case.causes, strict=True) if trial.run not in runs]
    return replace(case, trials=[trial for trial, _ in kept], causes=[cause for _, cause in kept])


def _ours(setting: Setting, cases: list[Case], outcome: Outcome) -> None:
    red = {number: case for number, case in enumerate(cases) if any(trial.red for trial in case.trials)}
    calm = [case for number, case in enumerate(cases) if number not in red]
    flaky = {number for number, case in enumerate(cases) if case.flaky}
    accused: set[int] = set()
    ever: set[int] = set()
    held: dict[int, bool] = {}
    masks = Masks()
    for now in range(EVERY, setting.runs + 1, EVERY):
        past = {number: stand(case.id, _before(case, now)) for number, case in red.items()}
        prior = fit([*past.values(), *(_calm(case, now / setting.runs) for case in calm)])
        judgements = {number: judge(standing, prior) for number, standing in past.items()}
        # Who is broken right now is called regressed, as it should be: then what was thought before counts.
        broken = {number for number, case in red.items() if any(now - 1 in row for row in case.regressions)}
        accused = (accused & broken) | {number for number, judgement in judgements.items() if judgement.accused}
        ever |= accused
        held = {number: judgement.held(held.get(number, False)) for number, judgement in judgements.items()}
        for number, case in red.items():
            if case.regressions or case.flaky:
                _mask(case, range(now, now + EVERY), prior if held[number] else None, masks)
    at_end, at_any_time = _score(accused, flaky, len(cases)), _score(ever, flaky, len(cases))
    outcome.scores[OURS] = Score(at_end.found, at_any_time.accused)
    outcome.accused_at_end = at_end.accused
    outcome.regressions = len(masks.by_green)
    outcome.masked = sum(any(mask) for mask in masks.by_green.values())
    outcome.masked_by_text = sum(all(mask) for mask in masks.by_text.values())
    outcome.delay = max((sum(mask) for mask in masks.by_text.values() if not all(mask)), default=0)
    outcome.spared = sum(masks.flakes) / max(1, len(masks.flakes))


def _mask(case: Case, runs: range, prior: Prior | None, masks: Masks) -> None:
    """Which red runs quarantine would mask; `prior` is given where the case is in quarantine during these runs."""
    first, last = (len(_before(case, run)) for run in (runs.start, runs.stop))
    for run, group in groupby(range(first, last), lambda place: _run(case.trials[place])):
        here = list(group)
        now = [case.trials[place] for place in here]
        if not now[0].red:
            continue
        by_text = by_green = False
        if prior:
            before = case.trials[: here[0]]
            known = now[0].signature in {trial.signature for trial in before if trial.red}
            reds = sum(trial.red for trial in now)
            flake = p_this_red_is_flake(stand(case.id, before), prior, reds=reds, tries=len(now), known=known)
            by_text, by_green = known and flake >= SURE, not now[-1].red and flake >= SURE
        if case.causes[here[0]] == "flake":
            masks.flakes.append(by_green)
        else:
            span = next((span for span in case.regressions if run in span), None)
            if span:
                masks.by_text.setdefault((case.id, span.start), []).append(by_text)
                masks.by_green.setdefault((case.id, span.start), []).append(by_green)


def _calm(case: Case, share: float) -> Standing:
    trials = round((case.greens or len(case.trials)) * share)
    return Standing(case.id, trials, 0, greens=trials)


def _before(case: Case, run: int) -> list[Trial]:
    return case.trials[: bisect_left(case.trials, run, key=_run)]


def _run(trial: Trial) -> int:
    return int(trial.run[1:])


def _score(accused: set[int], flaky: set[int], cases: int) -> Score:
    return Score(len(accused & flaky) / len(flaky), len(accused - flaky) / (cases - len(flaky)))


def _rivals(world: World) -> dict[str, Score]:
    """Rules of others, over the same trials, asked after every run; a case that was ever named counts as named."""
    flaky = {number for number, case in enumerate(world.cases) if case.flaky}
    red = {number: case.trials for number, case in enumerate(world.cases) if case.trials}
    rules: dict[str, Callable[[list[Trial]], bool]] = {
        "seed: 30 % red of the last 10": _thirty_percent,
        "Mergify, Trunk: passed and failed on one commit": _one_commit,
        "BuildBuddy: red between two greens": lambda trials: sandwiched(trials) > 0,
    }
    scores = {
        name: _score({number for number, trials in red.items() if rule(trials)}, flaky, len(world.cases))
        for name, rule in rules.items()
    }
    rates = {number: flip_rate(trials) for number, trials in red.items()}
    # The best that a mark on the flip rate can do, set by somebody who knows the truth.
    steady = sorted((rate for number, rate in rates.items() if number not in flaky), reverse=True)
    allowed = int(ACCUSED * (len(world.cases) - len(flaky)))
    mark = steady[allowed] if allowed < len(steady) else 0.0
    named = {number for number, rate in rates.items() if rate > mark}
    scores["flip rate, its mark set in hindsight"] = _score(named, flaky, len(world.cases))
    return scores


def _thirty_percent(trials: list[Trial]) -> bool:
    """Seed 003, task 29: at least 3 of the newest 10 results, both outcomes, 30 % of them red."""
    by_run: dict[str, bool] = {}
    for trial in trials:
        by_run[trial.run] = trial.red
    results = list(by_run.values())
    for end in range(3, len(results) + 1):
        window = results[max(0, end - 10) : end]
        if 0.3 * len(window) <= sum(window) < len(window):
            return True
    return False


def _one_commit(trials: list[Trial]) -> bool:
    seen: dict[str, bool] = {}
    return any(seen.setdefault(trial.version, trial.red) != trial.red for trial in trials)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="//perf/runs:simulation",
        description=(__doc__ or "").splitlines()[0],
        epilog="example: ./bazelw run //perf/runs:simulation -- --seeds 10 --write docs/benchmarks.md",
    )
    parser.add_argument("--seeds", type=int, default=10, help="worlds per setting, at least 2 (%(default)s)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (%(default)s)")
    parser.add_argument("--only", metavar="WORDS", default="", help="settings whose name holds these words")
    parser.add_argument("--json", action="store_true", help="print all figures")
    parser.add_argument("--write", type=Path, metavar="FILE", help=f"put the table between the marks {NAME} in FILE")
    given = parser.parse_args(argv)
    settings = {name: setting for name, setting in SETTINGS.items() if given.only in name}
    if given.seeds < 2 or not settings:
        parser.error(f"at least two seeds, and --only is part of one of: {'; '.join(SETTINGS)}")
    if given.write:
        given.write = Path(os.environ.get("BUILD_WORKING_DIRECTORY", ".")) / given.write
        try:
            marks.check(given.write, NAME)
        except (OSError, ValueError) as error:
            parser.error(f"--write: {error}")
    outcomes: dict[str, list[Outcome]] = {}
    for name, setting in settings.items():
        for seed in range(given.first, given.first + given.seeds):
            print(f"\r{name}: seed {seed}", end="\033[K", file=sys.stderr, flush=True)
            outcomes.setdefault(name, []).append(simulate(setting, seed))
    print(file=sys.stderr)
    plain = {name: [asdict(each) for each in several] for name, several in outcomes.items()}
    print(json.dumps(plain, indent=2) if given.json else table(outcomes))
    if given.write:
        marks.place(given.write, NAME, table(outcomes))
    return 0


def table(outcomes: dict[str, list[Outcome]]) -> str:
    """Markdown: a row for each setting and rule, median and extremes over the seeds."""
    rows = [
        ("setting", "rule", f"flakes found (≥ {FOUND:.0%})", f"steady tests accused (≤ {ACCUSED:.0%})", "goal"),
        ("---",) * 5,
    ]
    for name, several in outcomes.items():
        for rule in several[0].scores:
            found = [each.scores[rule].found for each in several]
            accused = [each.scores[rule].accused for each in several]
            words = ""
            if rule == OURS:
                words = goal(median(found) >= FOUND and median(accused) <= ACCUSED, "both")
            rows.append((name, rule, _percent(found), _percent(accused), words))
            name = ""
    masks = [
        (
            "setting",
            "regressions seen",
            "masked by ours (0)",
            "reds by flake spared by ours",
            "masked whole where a known text is enough",
            "outages seen",
            "other runs left out",
        ),
        ("---",) * 7,
    ]
    for name, several in outcomes.items():
        masked = sum(each.masked for each in several)
        masks.append(
            (
                name,
                f"{sum(each.regressions for each in several):,}",
                goal(not masked, str(masked)),
                _percent([each.spared for each in several]),
                f"{sum(each.masked_by_text for each in several)}; others for ≤ {max(e.delay for e in several)} runs",
                f"{sum(each.outages_seen for each in several)} of {sum(each.outages for each in several)}",
                str(sum(each.dropped for each in several)),
            )
        )
    head = f"{len(next(iter(outcomes.values())))} seeds a setting: median, least and most."
    return "\n".join([head, "", *_lines(rows), "", *_lines(masks)])


def _lines(rows: Sequence[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in rows]


def _percent(shares: Sequence[float]) -> str:
    return f"{100 * median(shares):.1f} % ({100 * min(shares):.1f}–{100 * max(shares):.1f})"


if __name__ == "__main__":
    sys.exit(main())
