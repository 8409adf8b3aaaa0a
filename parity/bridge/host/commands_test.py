"""Every row of facts A2."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from bridge.v1.frame_wire import Request

from parity.bridge.host.commands import COMMANDS, Commands

SIGNATURE = {"inputs": [{"name": "query", "type": "string"}], "outputs": [{"name": "answer"}]}
LM = {"model": "gemini-1.5-flash", "api_key": "key"}
POOLED: dict[str, Any] = {"session_id": "s1"}


class Worker:
    """Commands, and answers as a client sees them."""

    def __init__(self, mode: Any = "pool-worker", dialect: str = "bridge-v1", **settings: Any) -> None:
        self.time = 1_795_207_561.5
        self.slept: list[float] = []
        self.commands = Commands(mode, "w1", dialect, now=lambda: self.time, sleep=self.slept.append, **settings)

    def __call__(self, command: str, args: dict[str, Any] | None = None) -> Any:
        answer = self.commands.answer(Request(id=7, command=command, args=args))
        told = orjson.loads(answer.to_wire(self.commands.dialect))
        assert told["id"] == 7
        return told["result"] if told["success"] else told["error"]


def made(mode: str = "pool-worker", dialect: str = "bridge-v1") -> Worker:
    worker = Worker(mode, dialect)
    worker("configure_lm", LM)
    assert worker("create_program", {"id": "p1", "signature": SIGNATURE, **POOLED})["status"] == "created"
    return worker


def test_every_command_of_the_definition_is_there() -> None:
    for dialect in ("bridge-v1", "bridge-v2", "bridge-seed"):
        worker = Worker(dialect=dialect)
        for command, dialects in COMMANDS.items():
            assert (worker(command) == f"Unknown command: {command}") == (dialect not in dialects)


def test_arguments_may_be_left_out() -> None:
    answer = Commands().answer(Request(id=7, command="ping"))
    assert answer.success


def test_ping_tells_of_itself() -> None:
    worker = Worker()
    worker.time += 2
    assert worker("ping", {"anything": 1}) == {
        "status": "ok",
        "timestamp": worker.time,
        "dspy_available": True,
        "gemini_available": False,
        "uptime": 2.0,
        "mode": "pool-worker",
        "worker_id": "w1",
        "current_session": None,
    }
    assert "current_session" not in Worker("standalone")("ping")


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ({}, "Model name is required"),
        ({"model": ""}, "Model name is required"),
        ({"model": "gpt"}, "API key is required"),
        ({"model": "gpt", "api_key": "k"}, "Unsupported provider/model combination: google/gpt"),
        ({"provider": "openai", **LM}, "Unsupported provider/model combination: openai/gemini-1.5-flash"),
    ],
)
def test_a_refused_lm_is_a_success_that_holds_an_error(args: dict[str, Any], text: str) -> None:
    worker = Worker()
    assert worker("configure_lm", args) == {"error": text}
    assert worker.commands.error_count == 1


def test_a_configured_lm() -> None:
    assert Worker()("configure_lm", LM) == {
        "status": "configured",
        "model": "gemini-1.5-flash",
        "provider": "google",
        "temperature": 0.7,
    }


@pytest.mark.parametrize(
    ("command", "args", "text"),
    [
        ("create_program", POOLED, "Program ID is required"),
        ("create_program", {"id": "p2"}, "Session ID required in pool-worker mode"),
        ("create_program", {"id": "p1", **POOLED}, "Program with ID 'p1' already exists in session s1"),
        (
            "create_program",
            {"id": "p2", "signature": {"inputs": [{}], "outputs": []}, **POOLED},
            "Failed to create program: Input field must have a name",
        ),
        (
            "create_program",
            {"id": "p2", "signature": {"inputs": [], "outputs": [{"type": "int"}]}, **POOLED},
            "Failed to create program: Output field must have a name",
        ),
        ("execute_program", POOLED, "Program ID is required"),
        ("execute_program", {"program_id": "p1"}, "Session ID required in pool-worker mode"),
        ("execute_program", {"program_id": "p1", "session_id": "s9"}, "Session not found: s9"),
        ("execute_program", {"program_id": "p9", **POOLED}, "Program not found in session s1: p9"),
        ("delete_program", {"program_id": "p9", **POOLED}, "Program not found in session s1: p9"),
        ("get_program_info", {"program_id": "p9", **POOLED}, "Program not found in session s1: p9"),
        ("cleanup_session", {}, "Session ID required for cleanup"),
        ("create_gemini_program", {"id": "g"}, "Gemini not available - cannot create Gemini programs"),
        ("execute_gemini_program", {"program_id": "g"}, "Program g is not a Gemini program"),
        ("nope", {}, "Unknown command: nope"),
    ],
)
def test_errors_word_for_word(command: str, args: dict[str, Any], text: str) -> None:
    worker = made()
    assert worker(command, args) == text
    assert worker.commands.error_count == 1


def test_errors_without_a_session_in_standalone_mode() -> None:
    worker = made("standalone")
    assert worker("create_program", {"id": "p1"}) == "Program with ID 'p1' already exists"
    assert worker("execute_program", {"program_id": "p9"}) == "Program not found: p9"
    assert worker("cleanup_session", POOLED) == {"status": "not_applicable", "mode": "standalone"}


def test_without_dspy_or_lm() -> None:
    assert Worker(dspy=False)("create_program", {}) == "DSPy not available - cannot create programs"
    worker = Worker()
    worker("create_program", {"id": "p1", "signature": SIGNATURE, **POOLED})
    assert worker("execute_program", {"program_id": "p1", **POOLED}) == "No LM is loaded."


def test_a_program_lives() -> None:
    worker = made()
    ran = worker("execute_program", {"program_id": "p1", "inputs": {"query": "?"}, **POOLED})
    assert ran["program_id"] == "p1"
    assert ran["outputs"]["answer"].startswith("mock_answer_")
    assert ran["execution_time"] == worker.time
    info = worker("get_program_info", {"program_id": "p1", **POOLED})
    assert (info["execution_count"], info["last_executed"]) == (1, worker.time)
    listed = worker("list_programs", POOLED)
    assert [(each["id"], each["session_id"]) for each in listed["programs"]] == [("p1", "s1")]
    assert worker("delete_program", {"program_id": "p1", **POOLED}) == {"program_id": "p1", "status": "deleted"}
    assert worker("list_programs", POOLED) == {"programs": [], "total_count": 0}


@pytest.mark.parametrize("args", [{}, {"session_id": "s2"}, {"session_id": "ghost"}])
def test_no_list_shows_what_is_another_sessions(args: dict[str, Any]) -> None:
    assert made()("list_programs", args)["programs"] == []


def test_an_unknown_type_of_program_is_named_as_it_came() -> None:
    args = {"id": "p2", "signature": SIGNATURE, "program_type": "odd", **POOLED}
    assert made()("create_program", args)["program_type"] == "odd"


def test_a_session_is_cleaned_once() -> None:
    worker = made()
    assert worker("cleanup_session", POOLED) == {"status": "cleaned", "session_id": "s1", "programs_removed": 1}
    assert worker("cleanup_session", POOLED) == {"status": "not_found", "session_id": "s1"}


def test_counters_count_every_command_and_every_error() -> None:
    worker = made()
    worker("nope")
    stats = worker("get_stats")
    assert (stats["programs_count"], stats["command_count"], stats["error_count"]) == (1, 4, 1)
    assert stats["memory_usage"]["rss"] > 0
    assert worker("reset_state") == {"status": "reset", "programs_cleared": 1, "commands_reset": 5, "errors_reset": 1}
    assert worker("get_stats")["command_count"] == 1
    assert worker("cleanup") == {"status": "cleaned", "programs_removed": 0}


def test_shutdown_is_only_a_word() -> None:
    worker = made()
    assert worker("shutdown", {"worker_id": "w1"}) == {
        "status": "shutting_down",
        "worker_id": "w1",
        "mode": "pool-worker",
        "sessions_cleaned": 1,
    }
    assert worker("ping")["status"] == "ok"


def test_sleep_and_echo() -> None:
    worker = Worker()
    assert worker("sleep", {"duration": 250}) == worker("slow_op", {"duration": 250}) == {"slept": 250}
    assert worker.slept == [0.25, 0.25]
    assert worker("echo", {"value": 1})["echoed"] == {"value": 1}
    assert Worker(dialect="bridge-seed")("echo", {"value": 1}) == {"value": 1}


def test_seed_004_lets_the_worker_give_names_and_wants_bare_outputs() -> None:
    worker = Worker(dialect="bridge-seed")
    bare = {"signature": {"inputs": ["query"], "outputs": ["answer"]}, **POOLED}
    name = worker("create_program", bare)["program_id"]
    assert name != worker("create_program", bare)["program_id"]
    assert list(worker("execute_program", {"program_id": name, **POOLED})) == ["answer"]


def test_v2_keeps_nothing_of_a_session() -> None:
    worker = Worker(dialect="bridge-v2")
    assert worker("get_session_data", POOLED)["status"] == "not_stored_locally"
    assert worker("update_session_data", POOLED)["status"] == "acknowledged"
    assert worker("get_session_data") == {"error": "session_id is required"}


def test_bad_arguments_are_an_error_and_no_end() -> None:
    worker = Worker()
    assert "$.duration" in worker("sleep", {"duration": "long"})
    assert worker("ping", None)["status"] == "ok"
