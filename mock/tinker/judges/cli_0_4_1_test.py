"""The command `tinker` of PyPI tinker 0.4.1, unmodified, each time in a process of its own. tinker.md section 3.11."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.client.stub import match, rule
from mock.tinker.judges.sdk_0_4_1 import BASE, Connect, bodies

httpx: Any = importlib.import_module("httpx")
WITHIN = 50.0
COMMAND = [sys.executable, "-m", "tinker.cli"]


@dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Where there are pages, the SDK writes their progress before it."""
        return json.loads(self.out[self.out.index("{") :])


class Cli:
    """`cli("run", "list")`."""

    def __init__(self, url: str, home: Path) -> None:
        self.environ = {
            "TINKER_BASE_URL": url,
            "TINKER_API_KEY": "tml-test",
            "HOME": str(home),
            "COLUMNS": "150",
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
        }

    def __call__(self, *words: str, said: str | None = None, **environ: str) -> Done:
        done = subprocess.run(
            [*COMMAND, *words],
            input=said,
            stdin=subprocess.DEVNULL if said is None else None,
            capture_output=True,
            text=True,
            timeout=WITHIN,
            env=self.environ | environ,
        )
        return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def cli(mock: MockClient, tmp_path: Path) -> Cli:
    return Cli(mock.url, tmp_path)


@pytest.fixture
def run(connect: Connect) -> str:
    """A run with three checkpoints."""
    training = connect().create_lora_training_client(BASE, rank=8)
    for name in ("a", "b"):
        training.save_state(name).result(timeout=20)
    training.save_weights_for_sampler("s").result(timeout=20)
    return str(training.model_id)


def test_version_asks_nothing(cli: Cli, mock: MockClient) -> None:
    done = cli("version")
    assert (done.code, done.out.strip()) == (0, "tinker 0.4.1")
    mock.verify(never=True)


def test_runs(cli: Cli, mock: MockClient, run: str) -> None:
    table = cli("run", "list")
    assert table.code == 0 and "1 training run" in table.out
    for column in ("Run ID", "Base Model", "Owner", "LoRA", "Last Update"):
        assert column in table.out
    (listed,) = cli("-f", "json", "run", "list", "--limit", "0").json["runs"]
    assert (listed["training_run_id"], listed["base_model"], listed["lora_rank"]) == (run, BASE, 8)
    assert "T" not in listed["last_request_time"], "as Python writes a time"
    one = cli("--format", "json", "run", "info", run)
    assert one.code == 0 and one.json["training_run_id"] == run
    assert "Active" in cli("run", "info", run).out
    assert len(bodies(mock, "/create_session")) == 5, "each command that asks opens a session"


def test_pages(cli: Cli, mock: MockClient, connect: Connect) -> None:
    """Hundreds at a time, until all are there."""
    session = connect().holder.get_session_id()
    with httpx.Client() as plain:
        for number in range(130):
            body = {"session_id": session, "model_seq_id": number, "base_model": BASE}
            plain.post(f"{mock.url}/api/v1/create_model", json=body).raise_for_status()
    assert len(cli("-f", "json", "run", "list", "--limit", "0").json["runs"]) == 130
    targets = [each["target"].partition("?")[2] for each in mock.journal(path="/api/v1/training_runs")]
    assert targets == ["limit=100&offset=0", "limit=30&offset=100"]
    assert len(cli("-f", "json", "run", "list", "--limit", "7").json["runs"]) == 7


def test_checkpoints(cli: Cli, run: str) -> None:
    table = cli("checkpoint", "list", "--run-id", run)
    assert table.code == 0 and "3 checkpoints" in table.out
    for each in ("weights/a", "weights/b", "sampler_weights/s"):
        assert f"tinker://{run}/{each}" in table.out
    said = cli("-f", "json", "checkpoint", "list", "--run-id", run).json
    assert said["run_id"] == run and len(said["checkpoints"]) == 3
    every = cli("-f", "json", "checkpoint", "list", "--limit", "2").json
    assert len(every["checkpoints"]) == 2 and "run_id" not in every
    info = cli("-f", "json", "checkpoint", "info", f"tinker://{run}/weights/a").json
    assert info["checkpoint_id"] == "weights/a" and info["size_bytes"] > 0 and info["public"] is False


def test_checkpoints_are_published_and_deleted(cli: Cli, mock: MockClient, run: str) -> None:
    path = f"tinker://{run}/weights/a"

    def public() -> bool:
        found = httpx.get(f"{mock.url}/api/v1/training_runs/{run}/checkpoints").json()["checkpoints"]
        return next(bool(each["public"]) for each in found if each["tinker_path"] == path)

    assert cli("checkpoint", "publish", path).code == 0 and public()
    assert cli("checkpoint", "unpublish", path).code == 0 and not public()
    kept = cli("checkpoint", "delete", path, said="n\n")
    assert "Traceback" not in kept.err and not public(), "who is asked, and says no, keeps it"
    gone = cli("checkpoint", "delete", path, "-y")
    assert (gone.code, gone.err) == (0, "")
    again = cli("checkpoint", "info", path)
    assert again.code == 1 and f"Error: Checkpoint not found: {path}" in again.err


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Invalid request"),
        (401, "Authentication failed"),
        (403, "Permission denied"),
        (404, "Resource not found"),
        (422, "Invalid data provided"),
        (418, "API error (status 418)"),
    ],
)
def test_errors_are_for_people(cli: Cli, mock: MockClient, status: int, said: str) -> None:
    mock.set_faults([rule("status", match(path="/api/v1/training_runs"), status=status, json={"detail": "so it is"})])
    done = cli("run", "list")
    assert done.code == 1 and f"Error: {said}" in done.err and "so it is" in done.err
    assert "Traceback" not in done.err


def test_what_is_not_there(cli: Cli) -> None:
    done = cli("run", "info", "none")
    assert done.code == 1 and "Error: Resource not found" in done.err
    assert "Details: Error code: 404 - {'detail': 'Training run not found: none'}" in done.err


def test_misuse(cli: Cli, mock: MockClient) -> None:
    bad = cli("checkpoint", "info", "bad")
    assert bad.code == 1 and "Error: Invalid checkpoint path: bad" in bad.err
    assert "tinker://run-id/weights/0001" in bad.err
    assert cli("run", "nonsense").code == 2
    assert cli("run", "info").code == 2


def test_a_refused_key(cli: Cli, mock: MockClient) -> None:
    """The command says so; then 0.4.1 waits for ever, as its destructor asks a loop that has ended."""
    mock.configure("tinker", auth={"required": True, "keys": ["tml-right"]})
    assert cli("run", "list", TINKER_API_KEY="tml-right").code == 0
    environ = cli.environ | {"TINKER_API_KEY": "tml-wrong"}
    with subprocess.Popen([*COMMAND, "run", "list"], stderr=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if line.startswith("Error:"))
        process.kill()
    assert "Invalid API key" in said
