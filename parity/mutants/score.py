"""How many planted faults the corpus notices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from samewire.parity.v1.result_wire import Results

from parity.mutants.fault import Fault
from parity.runner.corpus import Question, select
from parity.runner.run import Plan, run
from parity.runner.testee import Testee

AT_ONCE = 4
"""Mutants that are asked side by side."""
WRONG = frozenset({"fail", "broken"})


@dataclass(frozen=True)
class Score:
    """`caught`: fault → names of the cases that noticed; empty where none did. `findings`: what makes it void."""

    caught: Mapping[str, Sequence[str]]
    findings: Sequence[str]

    @property
    def missed(self) -> list[str]:
        return [name for name, cases in self.caught.items() if not cases]

    @property
    def good(self) -> bool:
        return bool(self.caught) and not self.missed and not self.findings

    def __str__(self) -> str:
        count = len(self.caught) - len(self.missed)
        share = 100 * count // len(self.caught) if self.caught else 0
        return f"{count} of {len(self.caught)} planted faults caught: {share} %"


async def score(
    faults: Iterable[Fault],
    questions: list[Question],
    program: str,
    healthy: Testee,
    tell: Callable[[str, Sequence[str]], None] = lambda *_: None,
) -> Score:
    """`program` is asked once with each fault's name as its word, about the fault's features only; `healthy` is the
    client without a fault: a case that it does not pass counts for nothing.
    """
    caught: dict[str, Sequence[str]] = {}
    findings: list[str] = []
    alike: dict[tuple[str, ...], list[Fault]] = defaultdict(list)
    for fault in faults:
        alike[fault.features].append(fault)
    for features, planted in alike.items():
        chosen = select(questions, list(features), []) if features else []
        if not chosen:
            findings.append(
                f"no case in {' '.join(features) or 'no feature'}: {', '.join(each.name for each in planted)}"
            )
            caught |= {fault.name: [] for fault in planted}
            continue
        passed: set[tuple[str, str]] | None = None
        for start in range(0, len(planted), AT_ONCE):
            mutants = [
                Testee(fault.name, (program, fault.name), healthy.environ) for fault in planted[start : start + AT_ONCE]
            ]
            results = await run(Plan(chosen, [*mutants, *([healthy] if passed is None else [])]))
            findings += results.findings
            if passed is None:
                passed = _cases(results, healthy.name, frozenset({"pass"}))
            for mutant in mutants:
                names = sorted({case for case, _ in passed & _cases(results, mutant.name, WRONG)})
                caught[mutant.name] = names
                tell(mutant.name, names)
    return Score(caught, findings)


def _cases(results: Results, testee: str, verdicts: frozenset[str]) -> set[tuple[str, str]]:
    return {
        (result.case, result.dialect)
        for result in results.results
        if result.testee == testee and result.verdict in verdicts
    }
