from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

PROGRAM = """
from parity.testees.tinker_sdk.answer import Rejected, Unsupported
from parity.testees.tinker_sdk.serve import serve

def refuse(given):
    raise Rejected("bad_path", "no path: " + given)

def lack(given):
    raise Unsupported("no such thing")

def chat(given):
    print("what the SDK says to people")
    return given

serve({"name": "t"}, {"chat": chat, "refuse": refuse, "lack": lack, "break": lambda given: given["nothing"]})
"""


def _frame(message: Any) -> bytes:
    body = json.dumps(message).encode()
    return len(body).to_bytes(4, "big") + body


def _frames(data: bytes) -> list[Any]:
    found = []
    while data:
        size = int.from_bytes(data[:4], "big")
        found.append(json.loads(data[4 : 4 + size]))
        data = data[4 + size :]
    return found


def ask(*requests: tuple[str, Any]) -> tuple[list[Any], subprocess.CompletedProcess[bytes]]:
    said = b"".join(
        _frame({"id": number, "call": call, "input": given}) for number, (call, given) in enumerate(requests, 1)
    )
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=said,
        capture_output=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)},
    )
    return _frames(done.stdout), done


def test_hello_names_the_calls() -> None:
    [hello], done = ask()
    assert hello == {"name": "t", "calls": ["break", "chat", "lack", "refuse"]}
    assert done.returncode == 0


def test_what_is_printed_is_no_frame() -> None:
    (_, answer), done = ask(("chat", {"text": "é\ud83d"}))
    assert answer == {"id": 1, "result": {"text": "é\ud83d"}}
    assert done.stderr == b"what the SDK says to people\n"


def test_refusals_and_gaps_are_told_apart() -> None:
    (_, refused, lacking), _ = ask(("refuse", "x"), ("lack", {}))
    assert refused == {"id": 1, "rejected": {"reason": "no path: x", "kind": "bad_path"}}
    assert lacking == {"id": 2, "unsupported": "no such thing"}


def test_one_that_breaks_is_told_and_the_next_is_answered() -> None:
    (_, broken, answer), done = ask(("break", {}), ("chat", 1))
    assert broken == {"id": 1, "failed": "KeyError: 'nothing'"}
    assert answer["result"] == 1
    assert b"Traceback" in done.stderr
