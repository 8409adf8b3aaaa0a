"""`./bazelw run //perf/bench:models`: generated models beside their peers, in one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from perf.bench.benchmark import Benchmark, Row, duration, goal
from perf.bench.rounds import Timing, Worker, ratio, run

OURS = "samewire"
DUMP = "model_dump_json"
HAND = "hand-written pydantic"
# How many times faster, by peer and operation; where payloads differ: training, sampling. Other peers: ahead.
GOALS = {
    (OURS, "encode"): (1.8, 3.0),
    (HAND, "encode"): (1.8, 3.0),
    ("google json_format", "decode"): (25.0, 25.0),
    ("google json_format", "encode"): (50.0, 50.0),
}


def measure(programs: Sequence[str], rounds: int) -> dict[str, Timing]:
    ours, peers = programs
    with Worker([ours]) as first, Worker([peers]) as second:
        return run([first, second], rounds)


def rows(timings: Mapping[str, Timing]) -> Iterator[Row]:
    """A row per payload, operation and peer."""
    for number, payload in enumerate(("training", "sampling")):
        for operation in ("decode", "encode"):
            mine = timings[f"{OURS}/{payload}/{operation}"]
            for case, theirs in timings.items():
                peer, of, what = case.split("/")
                if of != payload or what != (DUMP if peer == OURS and operation == "encode" else operation):
                    continue
                if theirs is mine:
                    continue
                found = ratio(mine, theirs)
                wanted = GOALS.get((peer, operation), (1.0, 1.0))[number]
                name = f"`{DUMP}` of our own models" if peer == OURS else peer
                times = (duration(theirs.best), duration(mine.best))
                yield payload, operation, name, *times, str(found), goal(found.median >= wanted, f"≥ {wanted:g}")


BENCHMARK = Benchmark(
    name="models",
    about="Decodes and encodes a large training request and a small sampling request, beside peers.",
    takes=("ours", "peers"),
    measure=measure,
    columns=("payload", "operation", "peer", "peer's time", "ours", "ours is faster by", "goal"),
    rows=rows,
)

if __name__ == "__main__":
    BENCHMARK.main()
