"""`./bazelw run //perf/bench:bulk`: small messages a second from the emitted bulk generator, beside polyfactory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from perf.bench.benchmark import Benchmark, Row, goal
from perf.bench.rounds import Timing, Worker, ratio, run, spread

OURS, PEER = "samewire", "polyfactory"
GOAL = 100_000  # values a second


def measure(programs: Sequence[str], rounds: int) -> dict[str, Timing]:
    ours, peers = programs
    with Worker([ours]) as first, Worker([peers]) as second:
        return run([first, second], rounds)


def rows(timings: Mapping[str, Timing]) -> Iterator[Row]:
    """A row per message and form."""
    for case, ours in timings.items():
        maker, message, form = case.split("/")
        if maker != OURS:
            continue
        rate = spread(1 / seconds for seconds in ours.rounds)
        peer = timings.get(f"{PEER}/{message}/{form}")
        beside = (f"{1 / peer.best:,.0f}", str(ratio(ours, peer))) if peer else ("", "")
        wanted = goal(rate.median >= GOAL, f"≥ {GOAL:,}") if form == "value" else "none"
        yield message, form, rate.format("{:,.0f}"), wanted, *beside


BENCHMARK = Benchmark(
    name="bulk",
    about="Makes small messages with the emitted bulk generator, and one of them with polyfactory.",
    takes=("ours", "peers"),
    measure=measure,
    columns=("message", "as", "ours, a second", "goal", f"{PEER}, a second", "ours is faster by"),
    rows=rows,
)

if __name__ == "__main__":
    BENCHMARK.main()
