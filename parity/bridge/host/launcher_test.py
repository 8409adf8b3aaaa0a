from __future__ import annotations

import orjson
import pytest
from bridge.v1.frame_wire import Request, Response
from bridge.v1.worker_wire import SleepArgs

from parity.bridge.fault import Fault
from parity.bridge.host.commands import Commands
from parity.bridge.host.launcher import Ask, Frames, PythonWorkers, ask, result
from parity.bridge.launcher import Undecodable


def test_a_request_as_it_goes_out() -> None:
    sent = orjson.loads(Frames("bridge-v1").encode(3, ask("sleep", SleepArgs(duration=5), "bridge-v1")))
    stamp = sent.pop("timestamp")
    assert sent == {"id": 3, "command": "sleep", "args": {"duration": 5}}
    assert stamp.startswith("20")
    assert stamp.endswith("Z")


@pytest.mark.parametrize("stamp", ["", ',"timestamp":1795207561.71', ',"timestamp":"2026-01-01T00:00:00Z"'])
def test_answers_are_read_with_any_time_and_with_none(stamp: str) -> None:
    number, answer = Frames("bridge-v1").decode(b'{"id":4,"success":true,"result":[1]' + stamp.encode() + b"}")
    assert (number, answer.result) == (4, [1])


@pytest.mark.parametrize(
    ("body", "number", "says"),
    [
        (b"\x83m", None, "binary_data"),
        (b"{", None, "decode_error"),
        (b"\xff", None, "decode_error"),
        (b"[]", None, "malformed_response"),
        (b"{}", None, "malformed_response"),
        (b'{"id":"4","success":true,"result":1}', None, "malformed_response"),
        (b'{"id":true,"success":true,"result":1}', None, "malformed_response"),
        (b'{"id":4}', 4, "Malformed response structure"),
        (b'{"id":4,"success":true}', 4, "Malformed response structure"),
        (b'{"id":4,"success":"yes","result":1}', 4, "Malformed response structure"),
        (b'{"id":4,"success":false,"error":5}', 4, "Malformed response structure"),
        (b'{"id":4,"result":1,"error":null}', 4, "Malformed response structure"),
    ],
)
def test_what_is_no_answer(body: bytes, number: int | None, says: str) -> None:
    with pytest.raises(Undecodable, match=says) as caught:
        Frames("bridge-v1").decode(body)
    assert caught.value.id == number


def test_a_result_or_the_workers_own_no() -> None:
    assert result(Response(id=1, success=True, result=None)) is None
    with pytest.raises(Fault) as caught:
        result(Response(id=1, success=False, error="No LM is loaded."), command="execute_program")
    assert (caught.value.type, caught.value.message) == ("python_error", "No LM is loaded.")
    assert caught.value.context == {"command": "execute_program"}


@pytest.mark.parametrize("dialect", ["bridge-v1", "bridge-v2", "bridge-seed"])
def test_health_is_a_ping_that_says_ok(dialect: str) -> None:
    workers = PythonWorkers(dialect)
    probe = workers.probe("w1", "s1")
    assert probe is not None
    answer = Commands("pool-worker", "w1", dialect).answer(Request(id=1, command=probe.command, args=dict(probe.args)))
    assert workers.healthy(answer)
    assert isinstance(answer.result, dict)
    assert not workers.healthy(Response(id=1, success=True, result={**answer.result, "status": "ill"}))
    assert not workers.healthy(Response(id=1, success=True, result="ok"))
    assert not workers.healthy(Response(id=1, success=False, error="no"))


def test_how_a_worker_is_started_and_left() -> None:
    workers = PythonWorkers("bridge-seed", words=("--without-dspy",), settings={"grace": 0.5})
    command = workers.command("w1")
    assert command.argv[1:3] == ("-m", "parity.bridge.host.serve")
    assert command.argv[3:] == (
        *("--mode", "pool-worker", "--worker-id", "w1", "--dialect", "bridge-seed"),
        "--without-dspy",
    )
    assert command.grace == 0.5
    assert workers.farewell("w1") == Ask("shutdown", {"worker_id": "w1"})
    assert workers.forget("s1") == Ask("cleanup_session", {"session_id": "s1"})
