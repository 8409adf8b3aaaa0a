"""A made-up run with some of everything, of any size; the same each time."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tools.runs.record import CaseId, CaseResult, Outcome, Run, Trial
from tools.runs.report.cases import rows
from tools.runs.report.data import (
    Benchmark,
    Cache,
    Change,
    Entry,
    Flake,
    Matrix,
    Measure,
    Miss,
    Report,
    Span,
    Story,
)

STARTED = 1_795_285_200.0  # 2026-11-21 18:20 UTC
WORKERS = 4
CASES_A_TARGET = 24
_ROOMS = ("mock/engine", "mock/tinker", "parity/runner", "proto", "tools/wire/emit", "tools/runs/history", "perf/bench")
_NOUNS = ("router", "codec", "journal", "session", "pool", "frames", "models", "fixtures", "stubs", "clock", "faults")
_DEEDS = ("reads", "writes", "refuses", "keeps", "waits_for", "gives_up_on", "sorts", "closes", "renews")
_DETAIL = """\
    def test_answers_within_the_deadline(server: Server) -> None:
        with server.client() as client:
>           answer = client.ask("sample", deadline=2.0)
E           TimeoutError: no answer from 127.0.0.1:{port} within {seconds:.2f} s

mock/engine/server_test.py:{line}: TimeoutError
"""


def report(size: int = 600, seed: int = 5) -> Report:
    """A run of `size` cases with reds of three faults, flakes, quarantine, misses, matrices and benchmarks."""
    chance = random.Random(seed)
    results: list[CaseResult] = []
    spans: list[Span] = []
    free = [STARTED + 3] * WORKERS
    for index, label in enumerate(_labels(max(1, size // CASES_A_TARGET), chance)):
        cached = chance.random() < 0.55
        worker = free.index(min(free))
        here = list(_target(label, size, index, cached, free[worker], chance))
        results += here
        if not cached:
            end = free[worker] + sum(each.seconds for each in here) + chance.uniform(0.3, 1.2)
            fell = any(each.red for each in here)
            worker_name = f"worker-{worker + 1}"
            spans.append(Span(label, free[worker], end, worker_name, outcome="failed" if fell else "passed"))
            free[worker] = end + chance.uniform(0.02, 0.2)
    results = results[:size]
    run = Run(
        "5b0c4c1e-2f57-4a39-9a0e-1d2f3a4b5c6d",
        STARTED,
        max(free),
        command="test //...",
        commit="8f91a43c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f6",
        branch="main",
        dirty=False,
        host="build-7",
        exit_code=3,
    )
    red = {each.case: each for each in results if each.red}
    return Report(
        run=run,
        verdict=_verdict(results),
        good=False,
        results=results,
        spans=spans,
        critical_path=(max(free) - STARTED) * 0.8,
        stories=[_story(case, chance) for case in red],
        logs={case.label: f"bazel-testlogs/{case.label[2:].replace(':', '/')}/test.log" for case in red},
        flakes=sorted((_flake(each.case, chance) for each in chance.sample(results, min(9, len(results)))), key=_dear),
        quarantine=_ENTRIES,
        cache=_cache(results, chance),
        matrices=[_FIXTURES, _PARITY],
        benchmarks=[Benchmark("models", [_measure("decode", 1.0, chance), _measure("encode", 1.2, chance)])],
    )


def _verdict(results: list[CaseResult]) -> str:
    all_rows = rows(results)
    return f"{sum(row.red and row.state != 'masked' for row in all_rows)} of {len(all_rows):,} cases are red"


def _labels(number: int, chance: random.Random) -> Iterator[str]:
    for index in range(number):
        room, noun = chance.choice(_ROOMS), chance.choice(_NOUNS)
        yield f"//{room}:{noun}{index or ''}_test"


def _target(
    label: str, size: int, number: int, cached: bool, start: float, chance: random.Random
) -> Iterator[CaseResult]:
    module = label[2:].replace("/", ".").replace(":", ".")
    for index in range(min(size, CASES_A_TARGET)):
        deed, noun = chance.choice(_DEEDS), chance.choice(_NOUNS)
        case = CaseId(label, module, f"test_{deed}_{noun}", f"{noun}-{index}" if index % 3 else f"{index}")
        seconds = chance.lognormvariate(-4, 1.4)
        outcome: Outcome = "skipped" if chance.random() < 0.01 else "passed"
        message = detail = ""
        if not cached and outcome == "passed" and chance.random() < 0.006:
            outcome = "failed"
            message, detail = _fault(number, chance)
        node = f"{label[2:].replace(':', '/')}.py::{case.full_name}"
        file, line = f"{label[2:].replace(':', '/')}.py", chance.randint(20, 400)
        quarantined = outcome == "failed" and chance.random() < 0.2
        yield CaseResult(
            case,
            outcome,
            seconds,
            start,
            cached=cached,
            message=message,
            detail=detail,
            node=node,
            file=file,
            line=line,
            quarantined=quarantined,
        )
        if outcome == "failed" and chance.random() < 0.3:
            yield CaseResult(case, "passed", seconds, start + seconds, attempt=2, node=node)


def _fault(number: int, chance: random.Random) -> tuple[str, str]:
    match number % 3:
        case 0:
            port, seconds, line = chance.randint(30_000, 60_000), chance.uniform(2, 2.4), chance.randint(20, 90)
            told = f"TimeoutError: no answer from 127.0.0.1:{port} within {seconds:.2f} s"
            return told, _DETAIL.format(port=port, seconds=seconds, line=line)
        case 1:
            return f"KeyError: 'model_id' in request {chance.randint(1, 999)}", "E       KeyError: 'model_id'"
        case _:
            return f"AssertionError: assert {chance.randint(1, 9)} == 0\n + where 0 = len([])", ""


def _story(case: CaseId, chance: random.Random) -> Story:
    likely = chance.random() < 0.5
    return Story(
        case,
        flake=chance.uniform(0.8, 0.99) if likely else chance.uniform(0.0, 0.3),
        why="It was red 6 times in 210 trials, each time alone." if likely else "It was green in all of 180 trials.",
        reach="unreachable" if likely else "reachable",
        reach_why="None of the 3 changed files is among its inputs."
        if likely
        else "mock/engine/router.py is an input.",
    )


def _flake(case: CaseId, chance: random.Random) -> Flake:
    p = chance.betavariate(1.2, 12)
    trials = [
        Trial(f"run-{index}", STARTED - 3600 * (40 - index), chance.random() < p, version=f"c{index // 4}")
        for index in range(40)
    ]
    proven = chance.random() < 0.5
    return Flake(
        case,
        "proven" if proven else "suspect",
        p,
        p * 0.5,
        min(1.0, p * 1.9 + 0.01),
        "Green and red on the inputs 9f2c41, on 19 Nov." if proven else "Red alone between green runs, 4 times.",
        trials,
        chance.uniform(0.1, 8),
        p * 9000,
    )


def _dear(flake: Flake) -> float:
    return -flake.cost


def _cache(results: list[CaseResult], chance: random.Random) -> Cache:
    targets = {each.case.label: each.cached for each in results}
    ran = [label for label, cached in targets.items() if not cached]
    local = (len(targets) - len(ran)) * 2 // 3
    record = Change("file", "tools/runs/record.py", "9c1185a5c5e9", "c157a79031e1")
    seed = Change("environment", "TEST_RANDOM_SEED", "1", "2")
    misses = [
        Miss(label, changes=[record, seed] if chance.random() < 0.2 else [record]) if chance.random() < 0.8 else
        Miss(label, reason="It failed the last time; what is red is not kept.")
        for label in ran
    ]  # fmt: skip
    return Cache(local, len(targets) - len(ran) - local, len(ran), misses)


def _measure(name: str, factor: float, chance: random.Random) -> Measure:
    before = [chance.gauss(2e-3, 2e-5) for _ in range(21)]
    return Measure(name, [chance.gauss(2e-3, 2e-5) * factor for _ in range(21)], before)


_ENTRIES = (
    Entry(
        ["//mock/engine:* * test_waits_for_*"],
        "The deadline is too short on two cores.",
        "wire",
        "https://example.com/issues/41",
        "2026-12-24",
        where="quarantine.yaml:3",
        failure="no answer from",
        masked=2,
    ),
    Entry(
        ["//parity/runner:frames_test"],
        "Ports ran out.",
        "parity",
        "#17",
        "2026-11-01",
        "expired",
        "It ended 20 days ago: mend the test or give it a new date.",
        "quarantine.yaml:11",
    ),
)
_FIXTURES = Matrix(
    "Fixtures",
    "28,850 of 28,850 fixtures pass, 46 known to differ",
    True,
    [("models", "Our own models"), ("tinker", "Tinker's SDK"), ("ollama", "Ollama's client"), ("elixir", "Tinkex")],
    [
        (
            package,
            f"{message} · {dialect}",
            [(41, 0, 0, 0), (12, 0, 2, 0) if package == "tinker.v1" else None, None, None],
        )
        for package, messages in {"tinker.v1": ("Sample", "Train", "Save"), "ollama.v1": ("Chat", "Pull")}.items()
        for message in messages
        for dialect in ("tinker-0.38", "tinkex")
    ],
    [("tinker", "tinker.v1.Sample/tinkex/nulls", "known", "sends null where the dialect leaves it out")],
    skipped={"elixir": "elixir is not on PATH"},
)
_PARITY = Matrix(
    "Parity",
    "3 clients, 1,204 answers: 1,201 agree, 2 differ, 1 not implemented",
    False,
    [("reference", "The reference in Python"), ("go", "Go"), ("typescript", "TypeScript")],
    [
        ("http", "http/retry", [(210, 0, 0, 0), (208, 2, 0, 0), (210, 0, 0, 0)]),
        ("http", "http/paths", [(90, 0, 0, 0), (90, 0, 0, 0), (90, 0, 0, 0)]),
        ("training", "training/metrics", [(101, 0, 0, 0), (101, 0, 0, 0), (101, 0, 0, 1)]),
    ],
    [
        ("go", "http/retry/after-header · tinkex", "fail", "$.delays[0]: differs: expected 2.0, got 0.5"),
        ("go", "http/retry/after-date · tinkex", "fail", "$.delays[0]: differs: expected 7.0, got 0.5"),
        ("typescript", "training/metrics/unique · tinkex", "unsupported", "no metrics yet"),
    ],
)  # fmt: skip
