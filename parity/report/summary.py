"""A run in numbers."""

from __future__ import annotations

from collections import Counter

from samewire.parity.v1.result_wire import Results

RED = frozenset({"fail", "broken", "stale"})


def is_good(results: Results) -> bool:
    return not results.findings and not any(result.verdict in RED for result in results.results)


def verdict_line(results: Results) -> str:
    """`9 testees, 61234 answers: 61000 agree, 234 differ for a listed reason (12.3 s)`."""
    count: Counter[str] = Counter(result.verdict for result in results.results)
    ran = [testee for testee in results.testees if testee.skipped is None]
    parts = [f"{count['pass']} agree"]
    for verdicts, text in (
        (("fail",), "differ"),
        (("broken",), "broke their client"),
        (("stale",), "are listed as different and are not, or not so"),
        (("known",), "differ for a listed reason"),
        (("unsupported",), "not implemented"),
    ):
        if number := sum(count[verdict] for verdict in verdicts):
            parts.append(f"{number} {text}")
    if skipped := len(results.testees) - len(ran):
        parts.append(f"{skipped} testees SKIPPED")
    if results.findings:
        parts.append(f"{len(results.findings)} findings")
    return f"{len(ran)} testees, {len(results.results)} answers: {', '.join(parts)} ({results.seconds:.1f} s)"
