"""The end of a session in words. Everything here returns lines; nothing prints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from pytest_samewire.rule import failure_rate, is_flaky, recent, should_quarantine

WIDTH = 80
SHOWN = 10  # tests, without --flaky-report
LATEST = 5  # results, without --flaky-report

Results = Mapping[str, Sequence[str]]


def heading(text: str) -> Iterator[str]:
    """A title between two rules."""
    yield "=" * WIDTH
    yield text
    yield "=" * WIDTH


def flaky(history: Results, threshold: float, *, detailed: bool) -> Iterator[str]:
    """Flaky tests, worst first; nothing where there is none."""
    found = [node for node, results in history.items() if is_flaky(results, threshold)]
    if not found:
        return
    found.sort(key=lambda node: (-failure_rate(history[node]), node))
    yield from heading(f"FLAKY TESTS DETECTED: {len(found)}")
    for node in found if detailed else found[:SHOWN]:
        results = recent(history[node])
        yield f"  {node}"
        yield f"    Failure rate: {failure_rate(results):.1%}"
        yield f"    Recent results: {' '.join(results if detailed else results[-LATEST:])}"
        yield ""
    if len(found) > SHOWN and not detailed:
        yield f"  and {len(found) - SHOWN} more: --flaky-report shows all"
        yield ""


def recommended(history: Results, threshold: float, quarantined: Collection[str]) -> Iterator[str]:
    """Tests that should be quarantined and are not."""
    found = [node for node, results in history.items() if should_quarantine(results, threshold)]
    found = sorted(set(found).difference(quarantined))
    if not found:
        return
    yield from heading(f"TESTS RECOMMENDED FOR QUARANTINE: {len(found)}")
    for node in found:
        yield "  @pytest.mark.quarantine"
        yield f"  {node}"
        yield ""


def masked(failures: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Masked failures: node id, what went wrong, why it is masked."""
    failures = list(failures)
    if not failures:
        return
    yield from heading(f"QUARANTINED TESTS THAT FAILED: {len(failures)} (masked, not green)")
    for node, message, reason in failures:
        yield f"  {node}"
        yield f"    {message}"
        yield f"    Quarantined: {reason}"
        yield ""


def reruns(tests: Iterable[tuple[str, Sequence[str], str]]) -> Iterator[str]:
    """Tests that were tried more than once: node id, texts of earlier failures, and what it was in the end."""
    again = [test for test in tests if test[1]]
    if not again:
        return
    yield from heading(f"TESTS TRIED AGAIN: {len(again)}")
    for node, earlier, final in again:
        yield f"  {node}: {final or 'neither passed nor failed'} at attempt {len(earlier) + 1}"
        for number, text in enumerate(earlier, 1):
            yield f"    Attempt {number}: {one_line(text)}"
        yield ""


def workers(tests: Iterable[tuple[str, str, float]]) -> Iterator[str]:
    """Who ran how much, and the slowest tests with who ran them: worker, node id, seconds."""
    tests = list(tests)
    each: dict[str, list[float]] = defaultdict(list)
    for worker, _, seconds in tests:
        each[worker].append(seconds)
    if not tests:
        return
    yield from heading(f"WORKERS: {len(each)}")
    for worker in sorted(each, key=lambda name: (len(name), name)):
        yield f"  {worker}: {len(each[worker])} tests, {sum(each[worker]):.2f} s"
    yield ""
    yield from heading("SLOWEST TESTS")
    for worker, node, seconds in sorted(tests, key=lambda test: -test[2])[:SHOWN]:
        yield f"  {seconds:8.3f} s  {worker}  {node}"
    yield ""


def one_line(text: str, width: int = 160) -> str:
    """The last line that says something, of a traceback's text."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    marked = [line[1:].strip() for line in lines if line.startswith("E ")]
    line = (marked or lines[-1:] or ["no message"])[0]
    return line if len(line) <= width else f"{line[: width - 1]}…"
