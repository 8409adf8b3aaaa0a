"""`./bazelw run //perf/bench:imports`: seconds to import all generated modules, each time in a fresh process.

The same modules with every class built at once stand for pydantic without `defer_build`; Google's own `_pb2` modules
of the same messages are made by protoc from the descriptors that the generated modules carry.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from google.protobuf import descriptor_pb2
from samewire_wire import registry

from perf.bench import importer
from perf.bench.benchmark import Benchmark, Row, duration, goal
from perf.bench.rounds import Timing, ratio, run

GOAL = 2.0
PEERS = {"eager": "the same models, built eagerly", "protobuf": "Google's `_pb2` modules"}


class Fresh:
    """Imports in fresh processes; a call is one process. `ways`: name → modules."""

    def __init__(self, ways: Mapping[str, Sequence[str]], scratch: Path) -> None:
        path = [str(scratch), *sys.path]
        cache = {"PYTHONPYCACHEPREFIX": str(scratch / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
        self._environment = {**os.environ, **cache, "PYTHONPATH": os.pathsep.join(path)}
        self._ways = ways
        for way in ways:
            self._import(way)  # writes the bytecode
        self.cases = {way: self._import(way) for way in ways}

    def time(self, case: str, number: int) -> float:
        return sum(self._import(case) for _ in range(number)) / number

    def _import(self, way: str) -> float:
        command = [sys.executable, importer.__file__, way, *self._ways[way]]
        done = subprocess.run(command, env=self._environment, check=True, stdout=subprocess.PIPE, text=True)
        return float(done.stdout)


def measure(programs: Sequence[str], rounds: int) -> dict[str, Timing]:
    [folder] = programs
    files = json.loads((Path(folder) / "ir.json").read_text(encoding="utf-8"))["files"]
    modules = [file["module"] for file in files if file["generate"]]
    with tempfile.TemporaryDirectory() as scratch:
        pb2 = generate(Path(scratch), modules)
        return run([Fresh({"lazy": modules, "eager": modules, "protobuf": pb2}, Path(scratch))], rounds)


def generate(folder: Path, modules: Sequence[str]) -> list[str]:
    """Writes `_pb2` modules of the messages in generated modules into the folder; returns their names."""
    for module in modules:
        importlib.import_module(module)
    texts = {file.name: file.part("binary").DESCRIPTOR for file in registry.files()}
    own = [descriptor_pb2.FileDescriptorProto.FromString(text) for text in texts.values()]
    loose = {name for file in own for name in file.dependency} - texts.keys()
    known = [importlib.import_module(f"{name.removesuffix('.proto').replace('/', '.')}_pb2") for name in sorted(loose)]
    closure = descriptor_pb2.FileDescriptorSet()
    for each in known:
        each.DESCRIPTOR.CopyToProto(closure.file.add())
    closure.file.extend(own)
    (folder / "set.bin").write_bytes(closure.SerializeToString())
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={folder / 'set.bin'}"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([*protoc, f"--python_out={folder}", *texts], env=environment, check=True)
    return [f"{name.removesuffix('.proto').replace('/', '.')}_pb2" for name in texts]


def rows(timings: Mapping[str, Timing]) -> Iterator[Row]:
    """A row per peer."""
    ours = timings["lazy"]
    for way, peer in PEERS.items():
        found = ratio(ours, timings[way])
        wanted = goal(found.median >= GOAL, f"≥ {GOAL:g}") if way == "eager" else "none"
        yield peer, duration(timings[way].best), duration(ours.best), str(found), wanted


BENCHMARK = Benchmark(
    name="imports",
    about="Imports all generated modules of //proto:wire, each time in a fresh process, beside peers.",
    takes=("ir",),
    measure=measure,
    columns=("peer", "peer's time", "ours", "ours is faster by", "goal"),
    rows=rows,
)

if __name__ == "__main__":
    BENCHMARK.main()
