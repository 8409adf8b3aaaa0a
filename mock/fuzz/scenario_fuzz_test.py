"""Scenario files, JSON and YAML: read, or refused in one line that names the file."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import yaml
from samewire.mock.v1.fault_wire import FaultSchedule
from samewire.mock.v1.stub_wire import Scenario

from mock.engine.stubs.files import ScenarioError, read_faults, read_scenario
from mock.fuzz import values
from mock.fuzz.effort import Effort
from mock.fuzz.mutator import Mutator
from mock.fuzz.target import Found, Target, deadline

WORDS = (
    b"&a ",
    b"*a",
    b"<<: ",
    b"!!python/object:os.system ",
    b"!!binary ",
    b"!!set ",
    b"---\n",
    b"...\n",
    b"\t",
    b": ",
    b"- ",
    b"? ",
    b"|\n",
    b">\n",
    b"[" * 300,
    b"{a: " * 300,
    b"%YAML 1.2\n",
    b"\xef\xbb\xbf",
    b"\xff",
    b"!!int 0x",
    b"0o17",
    b"1:30:00",
    b"2026-01-01",
    b".nan",
    b".inf",
    b"~",
    b"&a [*a, *a]",
    b"a: &a [x,x]\nb: &b [*a,*a]\n",
    b"'",
    b'"',
    b"\\ud800",
    b"#",
    b"\0",
    b"stubs:\n",
    b"  - request: {}\n",
)


def test_files(target: Target, effort: Effort, tmp_path: Path) -> None:
    mutate = Mutator(WORDS)
    read = 0

    async def one(random: Random) -> None:
        nonlocal read
        reader, spec = random.choice(((read_scenario, Scenario.WIRE), (read_faults, FaultSchedule.WIRE)))
        value = values.message(random, spec, "default")
        text = values.text(random, value, random.choice((0, 0.02, 0.1)))
        if random.random() < 0.5:
            text = yaml.safe_dump(json.loads(values.text(random, value)))
        data = text.encode("utf-8", "surrogatepass")
        if random.random() < 0.7:
            data = mutate(random, data)
        file = tmp_path / random.choice(("a.json", "a.yaml", "a"))
        file.write_bytes(data)
        try:
            with deadline():
                reader(file)
            read += 1
        except ScenarioError as error:
            if "\n" in str(error) or not str(error).startswith(str(file)):
                raise Found(f"not one line that names the file: {error}") from None
        except Exception as error:
            raise Found(f"{error!r}\n{data!r:.20000}") from error

    target.run(target.rounds(effort, 2_500, one))
    assert read > effort.round // 20, read
