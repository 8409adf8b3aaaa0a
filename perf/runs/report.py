"""`./bazelw run //perf/runs:report`: how long the report takes to be written, to open, to search and to sort.

A headless Chromium opens the file from the disk. Opened means: loaded, drawn by its script, and two frames painted.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from perf.bench.benchmark import Benchmark, Row, duration, goal
from perf.bench.rounds import Timing, run, spread
from tools.chromium.browser import Browser, NoBrowser, Page
from tools.runs.report import sample
from tools.runs.report.page import write

SIZES = (1_000, 20_000, 100_000)
GOAL, GOAL_SIZE = 2.0, 20_000  # seconds, cases
PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))"
# Milliseconds from the key to the frame that shows what it did.
SEARCH = """(async () => {
  const field = document.getElementById("find"), start = performance.now();
  field.value = "gives_up 7";
  field.dispatchEvent(new Event("input"));
  await new Promise((done) => requestAnimationFrame(done));
  const took = performance.now() - start;
  field.value = "";
  field.dispatchEvent(new Event("input"));
  return took;
})()"""
SORT = """(async () => {
  const start = performance.now();
  document.querySelector("#cases [data-by=name] button").click();
  await new Promise((done) => requestAnimationFrame(done));
  return performance.now() - start;
})()"""


class Reports:
    """One report a size; `cases` as perf.bench.rounds wants them."""

    def __init__(self, browser: Browser, folder: Path, sizes: Sequence[int] = SIZES) -> None:
        self._browser = browser
        self._reports = {size: sample.report(size) for size in sizes}
        self.files = {size: folder / f"{size}.html" for size in sizes}
        self._pages: dict[int, Page] = {}
        for size, file in self.files.items():
            write(self._reports[size], file)
        # One call a go: each is long enough.
        self.cases = {f"{what} {size}": 1.0 for size in sizes for what in ("write", "open", "search", "sort")}

    def time(self, case: str, number: int) -> float:
        """Seconds."""
        what, size = case.split()[0], int(case.split()[1])
        if what == "write":
            start = time.perf_counter()
            write(self._reports[size], self.files[size])
            return time.perf_counter() - start
        if what == "open":
            page = self._pages.setdefault(size, self._browser.page())
            page.open("about:blank")
            start = time.perf_counter()
            page.open(self.files[size].as_uri())
            page.evaluate(PAINTED)
            took = time.perf_counter() - start
            if not page.evaluate("document.documentElement.dataset.ready") or page.errors:
                raise RuntimeError(f"the report of {size} cases did not open: {page.errors}")
            return took
        return float(self._pages[size].evaluate(SEARCH if what == "search" else SORT)) / 1000


def measure(_: Sequence[str], rounds: int) -> dict[str, Timing]:
    with tempfile.TemporaryDirectory(prefix="samewire-") as folder:
        try:
            browser = Browser()
        except NoBrowser as why:
            raise SystemExit(f"report: SKIPPED: {why}") from None
        with browser:
            reports = Reports(browser, Path(folder))
            timings = run([reports], rounds)
            sizes = {f"bytes {size}": Timing((float(file.stat().st_size),)) for size, file in reports.files.items()}
    return {**timings, **sizes}


def rows(timings: Mapping[str, Timing]) -> Iterator[Row]:
    """A row a size."""
    for size in sorted(int(case.split()[1]) for case in timings if case.startswith("bytes")):
        taken = [f"{timings[f'bytes {size}'].best / 1e6:.2f} MB"]
        for what in ("write", "open", "search", "sort"):
            timing = timings[f"{what} {size}"]
            taken.append(f"{duration(timing.best)}, {spread(timing.rounds).format('{:.3f} s')}")
        met = timings[f"open {size}"].median <= GOAL
        yield f"{size:,}", *taken, goal(met, f"open ≤ {GOAL:g} s") if size == GOAL_SIZE else ""


BENCHMARK = Benchmark(
    name="report",
    about="Writes reports of made-up runs and uses them in a headless Chromium.",
    takes=(),
    measure=measure,
    columns=("cases", "file", "write", "open", "search", "sort", "goal"),
    rows=rows,
)

if __name__ == "__main__":
    BENCHMARK.main()
