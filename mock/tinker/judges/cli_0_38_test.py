"""PyPI `tinker` 0.38.0, unmodified, as a judge of the mock: its command."""

from __future__ import annotations

import csv
import getpass
import importlib
import io
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mock.client.client import MockClient
from mock.tinker.judges.sdk_0_38 import BASE, KEY, done, header, losses, sent

_main: Any = importlib.import_module("tinker.cli.__main__")
_holders: Any = importlib.import_module("tinker.lib.internal_client_holder").sessionless_holder_cache


class Told(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Told]


@pytest.fixture
def cli(mock: MockClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """`cli("run", "list")`, within this process; each starts with no connection."""
    monkeypatch.setenv("TINKER_BASE_URL", mock.url)
    monkeypatch.setenv("TINKER_API_KEY", KEY)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)

    def run(*words: str, stdin: str = "") -> Told:
        monkeypatch.setattr(sys, "argv", ["tinker", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        code: Any = 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", getpass.GetPassWarning)  # a key comes without a terminal
            try:
                _main.main()
            except SystemExit as ended:
                code = ended.code or 0
        for holder in _holders._holders.values():
            done(holder.run_coroutine_threadsafe(holder.aclose()))
        _holders._holders.clear()
        said = capsys.readouterr()
        return Told(code, said.out, said.err)

    return run


@pytest.fixture
def saved(training: Any) -> Any:
    """A model with two checkpoints."""
    losses(training, 1)
    done(training.save_state("ck"))
    done(training.save_weights_for_sampler("smp"))
    return training


def path_of(saved: Any, name: str = "weights/ck") -> str:
    return f"tinker://{saved.model_id}/{name}"


def refused(told: Told, message: str, details: str = "") -> None:
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith(f"Error: {message}") and details in told.err


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["version"], 0, "tinker 0.38.0"),
        (["run", "list"], 0, "No training runs found"),
        (["-f", "json", "checkpoint", "list"], 0, '"checkpoints": []'),
        (["run", "info", "nope"], 1, "Error: Resource not found\nDetails: Error code: 404 - {'detail'"),
        (["run", "nope"], 2, "No such command 'nope'"),
    ],
)
def test_as_a_process(mock: MockClient, words: list[str], code: int, text: str, tmp_path: Path) -> None:
    env = {"TINKER_BASE_URL": mock.url, "TINKER_API_KEY": KEY, "HOME": str(tmp_path), "COLUMNS": "200"}
    env |= {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONHOME", "LD_LIBRARY_PATH")}
    told = subprocess.run(
        [sys.executable, "-m", "tinker.cli", *words],
        env=env | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == code and text in told.stdout + told.stderr


def test_runs(cli: Cli, saved: Any, service: Any) -> None:
    told = cli("run", "list")
    assert told.code == 0 and "1 training run" in told.out and saved.model_id in told.out and BASE in told.out
    done(service.create_lora_training_client(BASE))
    told = cli("run", "list", "--limit", "1")
    assert "1 training run (1 more not shown, use --limit to see more)" in told.out
    told = cli("-f", "json", "run", "list", "--limit", "0")
    runs = told.json["runs"]
    assert told.code == 0 and len(runs) == 2 and runs[1]["last_checkpoint"]["tinker_path"] == path_of(saved)
    told = cli("run", "list", "--columns", "id,owner")
    assert told.code == 0 and "tml:" in told.out
    told = cli("run", "info", saved.model_id)
    assert told.code == 0 and "Yes (Rank 8)" in told.out and "OK" in told.out
    assert cli("-f", "json", "run", "info", saved.model_id).json["training_run_id"] == saved.model_id
    refused(cli("run", "info", "nope"), "Resource not found", "Training run not found: nope")


def test_pages(cli: Cli, service: Any, mock: MockClient) -> None:
    models = [service.create_lora_training_client(BASE) for _ in range(103)]
    for each in models:
        done(each)
    told = cli("-f", "json", "run", "list", "--limit", "0")
    assert len(json.loads(told.out[told.out.index("{") :])["runs"]) == 103
    asked = [each["target"].rpartition("?")[2] for each in sent(mock, "/training_runs")]
    assert [each.split("&")[:2] for each in asked] == [["limit=100", "offset=0"], ["limit=3", "offset=100"]]


def test_checkpoints(cli: Cli, saved: Any) -> None:
    told = cli("checkpoint", "list")
    assert told.code == 0 and "2 checkpoints" in told.out and path_of(saved) in told.out and "KB" in told.out
    told = cli("-f", "json", "checkpoint", "list", "--run-id", saved.model_id)
    assert told.json["run_id"] == saved.model_id and len(told.json["checkpoints"]) == 2
    told = cli("checkpoint", "info", path_of(saved))
    assert told.code == 0 and "Never" in told.out and saved.model_id in told.out
    assert cli("-f", "json", "checkpoint", "info", path_of(saved)).json["lora_rank"] == 8
    refused(cli("checkpoint", "info", path_of(saved, "weights/no")), "Checkpoint not found")
    refused(cli("checkpoint", "info", "bad"), "Invalid checkpoint path: bad", "tinker://run-id/weights/0001")
    assert cli("checkpoint", "publish", path_of(saved)) == (0, "", "")
    assert cli("-f", "json", "checkpoint", "info", path_of(saved)).json["public"] is True
    assert cli("checkpoint", "unpublish", path_of(saved)) == (0, "", "")
    assert cli("checkpoint", "set-ttl", path_of(saved), "--ttl", "7200") == (0, "", "")
    assert cli("-f", "json", "checkpoint", "info", path_of(saved)).json["expires_at"]
    assert cli("checkpoint", "set-ttl", path_of(saved), "--remove") == (0, "", "")
    refused(cli("checkpoint", "set-ttl", path_of(saved)), "Must specify either")
    refused(cli("checkpoint", "publish", path_of(saved, "weights/no")), "Resource not found")


def test_deleting(cli: Cli, saved: Any) -> None:
    told = cli("checkpoint", "delete", path_of(saved), stdin="n\n")
    assert told.code == 0 and "Deletion cancelled" in told.out
    told = cli("checkpoint", "delete", path_of(saved), "-y")
    assert told.code == 0 and "Deleted 1 checkpoint(s)" in told.out
    told = cli("checkpoint", "delete", path_of(saved), path_of(saved, "sampler_weights/no"), "-y")
    assert "Deleted 0 checkpoint(s)" in told.out and "Failed to delete 2" in told.out and "404" in told.out
    told = cli("checkpoint", "delete", "--run-id", saved.model_id, "--type", "sampler_weights", "-y")
    assert "Deleted 1 checkpoint(s)" in told.out
    told = cli("checkpoint", "delete", "--run-id", saved.model_id, "-y")
    assert told.code == 0 and "No checkpoints found" in told.out


@pytest.mark.parametrize("name", ["weights/ck", "external_weights/ext"])
def test_downloading(cli: Cli, saved: Any, mock: MockClient, tmp_path: Path, name: str) -> None:
    """A training checkpoint is saved for download by a model of its own, which is taken away afterwards."""
    done(saved.save_weights_external("ext"))
    told = cli("-f", "json", "checkpoint", "download", path_of(saved, name), "-o", str(tmp_path / "out"))
    assert told.code == 0, told.err
    folder = Path(told.json["destination"])
    files = {each.name: each.stat().st_size for each in folder.iterdir()}
    assert files.keys() == {"adapter_config.json", "adapter_model.bin"} and all(files.values())
    assert told.json["file_size_bytes"] == sum(files.values())
    assert json.loads((folder / "adapter_config.json").read_text())["base_model"] == BASE
    refused(cli("checkpoint", "download", path_of(saved, name), "-o", str(tmp_path / "out")), "Target directory")
    left = [each["checkpoint_id"] for each in cli("-f", "json", "checkpoint", "list").json["checkpoints"]]
    assert sorted(left) == ["external_weights/ext", "sampler_weights/smp", "weights/ck"]
    refused(cli("checkpoint", "download", path_of(saved, "sampler_weights/smp")), "Sampler checkpoints cannot be")


def test_models(cli: Cli, mock: MockClient) -> None:
    told = cli("model", "list")
    assert told.code == 0 and BASE in told.out
    assert [each["model_name"] for each in cli("-f", "json", "model", "list", "LLAMA-3.2").json["models"]] == [BASE]
    mock.configure("tinker", client_config={"pjwt_auth_enabled": True})
    refused(cli("model", "list", "nope"), "No model name contains 'nope' for organization tml:organization:")


@pytest.mark.usefixtures("hurry")
def test_traces(cli: Cli, service: Any, saved: Any, tmp_path: Path) -> None:
    session_id = service.holder.get_session_id()
    told = cli("session", "export-trace", session_id, "--url-only")
    assert told.code == 0 and told.out.startswith("http://")
    told = cli("session", "export-trace", session_id, "-o", str(tmp_path / "t.trace"))
    assert told.code == 0 and (tmp_path / "t.trace").exists()
    refused(cli("-f", "json", "session", "export-trace", "nope"), "Resource not found")


def test_the_bill(cli: Cli, saved: Any, tmp_path: Path) -> None:
    told = cli("-f", "json", "billing", "usage", "2020-01-01", "2100-01-01")
    assert {each["event_info"]["type"] for each in told.json["data"]} == {"training", "checkpoint"}
    assert cli("billing", "usage", "2020-01-01", "2100-01-01").code == 0
    told = cli("billing", "usage", "2020-01-01", "2100-01-01", "--csv", "-")
    assert {each["type"] for each in csv.DictReader(io.StringIO(told.out))} == {"training", "checkpoint"}
    (item,) = cli("-f", "json", "billing", "checkpoint-storage").json["data"]
    assert item["checkpoint_count"] == 2
    refused(cli("billing", "usage", "2100-01-01", "2020-01-01"), "Invalid data provided")


def test_login(cli: Cli, mock: MockClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TINKER_API_KEY")
    refused(cli("auth", "logout"), "No default credential is stored")
    mock.configure("tinker", auth={"required": True, "keys": ["tml-good"], "org_id": "o1", "email": "a@example.com"})
    told = cli("auth", "login", stdin="tml-bad\n")
    assert told.code == 1 and "Invalid API key (HTTP 401" in told.err
    told = cli("auth", "login", stdin="tml-good\n")
    assert told.code == 0 and "Logged in as a@example.com (o1)" in told.out
    assert json.loads((tmp_path / ".tinker" / "credentials.json").read_text())["keys"]
    told = cli("auth", "status")
    assert told.code == 0 and "Tinker accessible: yes" in told.out
    assert cli("run", "list").code == 0
    assert header(sent(mock, "/training_runs")[-1], "x-api-key") == "tml-good"
    told = cli("auth", "login")
    assert told.code == 1 and "Already logged in" in told.err
    assert cli("auth", "logout").code == 0
    refused(cli("run", "list"), "Failed to connect to Tinker API", "network")


def test_who(cli: Cli, mock: MockClient) -> None:
    mock.configure("tinker", client_config={"pjwt_auth_enabled": True}, auth={"org_id": "o1", "email": "a@example.com"})
    told = cli("-f", "json", "auth", "whoami")
    assert told.json["email"] == "a@example.com" and told.json["org_urn"] == "tml:organization:o1"


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Invalid request"),
        (401, "Authentication failed"),
        (402, "Billing"),
        (403, "Permission denied"),
        (404, "Resource not found"),
        (418, "API error (status 418)"),
        (422, "Invalid data provided"),
    ],
)
def test_errors(cli: Cli, mock: MockClient, status: int, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINKER_TELEMETRY", "0")
    mock.configure("tinker", client_config={"billing_exception_max_pause_duration_sec": 0})
    fault: Any = {"kind": "status", "status": status, "json": {"detail": "on purpose"}}
    mock.set_faults([{"request": {"path": "/api/v1/training_runs"}, "fault": fault}])
    refused(cli("run", "list"), message)
