from __future__ import annotations

import asyncio
import io
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from parity.reference.cli.commands import Terminal, run
from parity.reference.config import resolve
from parity.reference.dialect import NEW, OLD, Dialect
from parity.reference.noted_clock import NotedClock
from parity.reference.service import ServiceClient

PATH = "tinker://run/weights/a"
CHECKPOINT = {
    "checkpoint_id": "weights/a",
    "checkpoint_type": "training",
    "time": "2026-01-01T00:00:00Z",
    "tinker_path": PATH,
    "size_bytes": 2048,
}
RUN = {
    "training_run_id": "run",
    "base_model": "b",
    "model_owner": "o",
    "is_lora": True,
    "lora_rank": 8,
    "last_request_time": "2026-01-01T00:00:00Z",
}


def tinker(
    words: str, answers: dict[str, Any], *, yes: bool = False, dialect: Dialect = OLD, key: str | None = "tml-k"
) -> tuple[int, str, str, list[str]]:
    """Status, what was written to both streams, and the calls that were made."""
    calls: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/api/v1/")
        calls.append(f"{request.method} {name}")
        if name == "create_session":
            return httpx.Response(200, json={"session_id": "s"})
        answer = answers.get(f"{request.method} {name}", httpx.Response(404, json={"detail": "no such run"}))
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    def connect() -> ServiceClient:
        config = resolve(dialect, {} if key is None else {"TINKER_API_KEY": key}, base_url="http://service")
        config = replace(config, telemetry=False, max_retries=0)
        return ServiceClient(config, clock=NotedClock(), transport=httpx.MockTransport(handle))

    out, err = io.StringIO(), io.StringIO()
    status = asyncio.run(run(words.split(), Terminal(out, err, lambda _: yes, 150), connect, dialect))
    return status, out.getvalue(), err.getvalue(), calls


def page(*runs: Any, total: int | None = None) -> Any:
    return {
        "training_runs": list(runs),
        "cursor": {"offset": 0, "limit": 20, "total_count": len(runs) if total is None else total},
    }


def test_version() -> None:
    assert tinker("version", {}) == (0, "tinker 0.4.1\n", "", [])


def test_runs_as_a_table() -> None:
    status, out, _, calls = tinker("run list", {"GET training_runs": page(RUN, total=1)})
    assert status == 0
    assert "1 training run" in out and "Rank 8" in out and "Corrupted" in out
    assert calls == ["POST create_session", "GET training_runs"]


def test_the_newer_has_other_columns_and_no_session() -> None:
    _, out, _, calls = tinker("run list", {"POST client/config": {}, "GET training_runs": page(RUN)}, dialect=NEW)
    assert "Status" in out and "Owner" not in out
    assert calls == ["GET training_runs"]


def test_runs_as_json() -> None:
    _, out, _, _ = tinker("-f json run list", {"GET training_runs": page(RUN)})
    (shown,) = json.loads(out)["runs"]
    assert (shown["training_run_id"], shown["corrupted"], shown["user_metadata"]) == ("run", False, None)
    assert shown["last_request_time"] == "2026-01-01 00:00:00+00:00"


def test_more_than_is_shown() -> None:
    _, out, _, _ = tinker("run list --limit 1", {"GET training_runs": page(RUN, total=3)})
    assert "1 training run (2 more not shown, use --limit to see more)" in out


def test_checkpoint_info() -> None:
    listed = {"GET training_runs/run/checkpoints": {"checkpoints": [CHECKPOINT]}}
    _, out, _, _ = tinker(f"checkpoint info {PATH}", listed)
    assert "2.0 KB" in out and "Training Run ID" in out
    status, _, err, _ = tinker("checkpoint info tinker://run/weights/b", listed)
    assert (status, err) == (1, "Error: Checkpoint not found: tinker://run/weights/b\n")


@pytest.mark.parametrize(("words", "yes", "deleted"), [("", False, False), ("", True, True), ("-y", False, True)])
def test_delete(words: str, yes: bool, deleted: bool) -> None:
    answers = {
        "GET training_runs/run/checkpoints": {"checkpoints": [CHECKPOINT]},
        "DELETE training_runs/run/checkpoints/weights/a": httpx.Response(204),
    }
    status, out, _, calls = tinker(f"checkpoint delete {words} {PATH}", answers, yes=yes)
    assert status == 0
    assert ("DELETE training_runs/run/checkpoints/weights/a" in calls) is deleted
    assert ("Deletion cancelled." in out) is not deleted


def test_bad_path_is_not_sent() -> None:
    status, out, err, calls = tinker("checkpoint publish bad", {})
    assert (status, out, calls) == (1, "", [])
    assert err == (
        "Error: Invalid checkpoint path: bad\nCheckpoint path must be in the format: tinker://run-id/weights/0001\n"
    )


@pytest.mark.parametrize(
    ("status", "title"),
    [(400, "Invalid request"), (401, "Authentication failed"), (403, "Permission denied"), (404, "Resource not found"),
     (422, "Invalid data provided"), (418, "API error (status 418)")],
)  # fmt: skip
def test_errors(status: int, title: str) -> None:
    answer = {"GET training_runs/x": httpx.Response(status, json={"detail": "why"})}
    code, out, err, _ = tinker("run info x", answer)
    assert (code, out) == (1, "")
    assert err.startswith(f"Error: {title}\n")
    assert err.endswith(f"Details: Error code: {status} - {{'detail': 'why'}}\n")


def test_no_key() -> None:
    status, _, err, calls = tinker("run list", {}, key=None)
    assert (status, calls) == (1, [])
    assert err.startswith("Error: Configuration error: no API key")


@pytest.mark.parametrize(("words", "status"), [("run", 2), ("odd", 2), ("run list --limit x", 2), ("--help", 0)])
def test_usage(words: str, status: int) -> None:
    code, out, err, _ = tinker(words, {})
    assert code == status
    assert ("example: tinker" in out) is (status == 0)
    assert (err == "") is (status == 0)
