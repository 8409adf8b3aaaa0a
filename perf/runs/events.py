"""`./bazelw run //perf/runs:events`: build events a second, out of files and through the service.

The events are those of a recorded run of Bazel, again and again; every third one is a test result. Files are read in
this process and timed by its CPU time. The service runs in a process of its own, and so does its client, this one: both
are Python, and each has about a core, so the wall shows the slower of the two. What the service alone takes is shown by
its CPU time.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from time import perf_counter, process_time

from bazel import build_event_stream_pb2 as bep
from google.protobuf import json_format

from perf.bench.benchmark import Benchmark, Row, goal
from perf.bench.rounds import Timing, ratio, run
from tools.runs.bes.testing.process import Process, environment
from tools.runs.bes.testing.uploader import Stream, Uploader
from tools.runs.events import binary
from tools.runs.events import json as lines

RECORDED = Path("tools/runs/events/testdata/run.json")
UPLOAD = 5000  # events in one upload; a call has its price too
CLOCK = os.sysconf("SC_CLK_TCK")


def mixture(recorded: Sequence[str]) -> list[str]:
    """Lines of a run, so that a third are test results, as in a build of many tests."""
    results = [line for line in recorded if line.startswith('{"id":{"testResult"')]
    others = [line for line in recorded if line not in results]
    mixed = []
    for number in range(len(others) // 2):
        mixed += [others[2 * number], others[2 * number + 1], results[number % len(results)]]
    return mixed


def record(line: str) -> bytes:
    """A line as the binary file has it."""
    return json_format.Parse(line, bep.BuildEvent(), ignore_unknown_fields=True).SerializeToString()


class Reading:
    """Files; a call is one event."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [text.encode() for text in texts]
        records = [record(text) for text in texts]
        file = b"".join(binary.varint(len(each)) + each for each in records)
        self._ways: Mapping[str, Callable[[], object]] = {
            "json": lambda: sum(event is not None for event in lines.read(self._texts)),
            "json: json.loads": lambda: [json.loads(text) for text in self._texts],
            "json: json_format": lambda: [
                json_format.Parse(text, bep.BuildEvent(), ignore_unknown_fields=True) for text in self._texts
            ],
            "binary": lambda: sum(event is not None for event in binary.read(io.BytesIO(file))),
            "binary: FromString": lambda: [bep.BuildEvent.FromString(each) for each in records],
        }
        self.cases = dict.fromkeys(self._ways, 1e-5)

    def time(self, case: str, number: int) -> float:
        way, rounds = self._ways[case], max(1, number // len(self._texts))
        start = process_time()
        for _ in range(rounds):
            way()
        return (process_time() - start) / rounds / len(self._texts)


class Uploading:
    """Services; a call is one event, in an upload of UPLOAD of them. `cpu` cases are of the upload just before."""

    def __init__(self, services: Mapping[str, tuple[str, int]], records: Sequence[bytes]) -> None:
        """`services`: name → address and process id."""
        self._services = services
        self._records = [records[number % len(records)] for number in range(UPLOAD)]
        self._cpu: dict[str, float] = {}
        self.cases = {case: 1e-4 for name in services for case in (name, f"{name} cpu")}

    def time(self, case: str, number: int) -> float:
        if case in self._cpu:
            return self._cpu.pop(case)
        address, process = self._services[case]
        upload = Uploader(address, Stream(str(uuid.uuid4())), self._records)
        before, start = cpu(process), perf_counter()
        upload.run()
        seconds = perf_counter() - start
        self._cpu[f"{case} cpu"] = (cpu(process) - before) / UPLOAD
        return seconds / UPLOAD


def cpu(process: int) -> float:
    """Seconds that a process has worked."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK


def measure(paths: Sequence[str], rounds: int) -> Mapping[str, Timing]:
    texts = mixture(RECORDED.read_text(encoding="utf-8").splitlines())
    with tempfile.TemporaryDirectory(prefix="samewire-") as folder, Process(Path(folder)) as service:
        command = [sys.executable, "-m", "perf.runs.bare"]
        bare = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
        try:
            assert bare.stdout is not None
            address = bare.stdout.readline().strip()
            services = {"bes": (service.address, service.pid), "bes: bare": (address, bare.pid)}
            return run([Reading(texts), Uploading(services, [record(text) for text in texts])], rounds)
        finally:
            bare.kill()
            bare.communicate()


def rate(timing: Timing) -> str:
    return f"{1 / timing.best:,.0f} ({1 / timing.median:,.0f})"


def rows(timings: Mapping[str, Timing]) -> Iterable[Row]:
    for what, ours, peer, called, wanted in (
        ("JSON file", "json", "json: json.loads", "`json.loads` alone", 100_000),
        ("JSON file", "json", "json: json_format", "google json_format", None),
        ("binary file", "binary", "binary: FromString", "protobuf's `FromString` alone", None),
        ("service, by the wall", "bes", "bes: bare", "a service that stores nothing", 5_000),
        ("service, by its own CPU time", "bes cpu", "bes: bare cpu", "a service that stores nothing", None),
    ):
        met = wanted is None or 1 / timings[ours].best >= wanted
        yield (
            what,
            rate(timings[ours]),
            called,
            rate(timings[peer]),
            str(ratio(timings[ours], timings[peer])),
            "" if wanted is None else goal(met, f"≥ {wanted:,}/s"),
        )


BENCHMARK = Benchmark(
    name="events",
    about="Build events a second, out of files and through the service.",
    takes=(),
    measure=measure,
    columns=("from", "events/s", "peer", "peer's events/s", "ours is faster by", "goal"),
    rows=rows,
)


if __name__ == "__main__":
    BENCHMARK.main()
