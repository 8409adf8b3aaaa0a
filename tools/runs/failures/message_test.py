"""What is taken out of messages, what stays, and that no text is too much."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.runs.failures import normalise, plain, signature
from tools.runs.failures.message import KEPT

SAME = {
    "addresses": ("<Pool object at 0x7f3a12bc> is closed", "<Pool object at 0x55D0AA> is closed"),
    "figures": ("assert 3 == 4.5e-3", "assert -17 == 1,024"),
    "durations": ("gave up after 2.5 s", "gave up after 31ms"),
    "times": ("2026-11-21T18:20:01.5Z late", "2025-01-02 03:04:05,678 late"),
    "mail's times": ("Sat, 21 Nov 2026 18:20:00 GMT", "Sun, 1 Jan 2023 00:00:00 GMT"),
    "uuids": ("session 1f0e8a9c-5b7d-4f7e-9e9c-0a1b2c3d4e5f", "session AAAAAAAA-5B7D-4F7E-9E9C-0A1B2C3D4E5F"),
    "ports": ("connect to 127.0.0.1:43817: refused", "connect to 127.0.0.1:5: refused"),
    "ports of localhost": ("http://localhost:8080/x", "http://localhost:41/x"),
    "ports of IPv6": ("[::1]:4000 refused", "[::1]:50999 refused"),
    "digests": ("blob 5d41402abc4b2a76b9719d911017c592 is gone", "blob aaaa402abc4b2a76b9719d911017c5ff is gone"),
    "tokens": ("run 01HZX3Y8K9QWERTYUIOPASDF12 lost", "run 01J0ABCDEFGHJKMNPQRSTVWXYZ lost"),
    "temporary folders": (
        "No such file: '/tmp/pytest-of-me/pytest-3/test_a0/in.yaml'",
        "No such file: '/var/tmp/q/in.yaml'",
    ),
    "Bazel's temporary folders": ("open /b/execroot/_main/_tmp/3fb21/x/in.yaml", "open /c/_tmp/99/y1/in.yaml"),
    "Bazel's sandboxes": (
        "/c/bazel/x/sandbox/linux-sandbox/12/execroot/_main/mock/tinker/app.py:31: KeyError",
        "/b/execroot/_main/mock/tinker/app.py:77: KeyError",
    ),
    "runfiles": ("/b/bin/a/x_test.runfiles/_main/a/x_test.py:3", "/q/a/x_test.runfiles/_main/a/x_test.py:51"),
    "outputs": ("in bazel-out/k8-opt/bin/a/x_test.runfiles/_main/a/x.py", "in bazel-out/k8-fastbuild/bin/a/x.py"),
    "advice": ("assert 'a' == 'b'\nUse -v to get more diff", "assert 'a' == 'b'"),
    "colours": ("\x1b[31mred\x1b[0m fox", "red fox"),
    "blank lines": ("one\n\n\n  two  ", "one\r\ntwo"),
    "long quoted values": (f"bad value '{'a' * 100}' here", f"bad value '{'b' * 700}' here"),
    "what follows the part that is read": ("x" * 20_000, "x" * 30_000),
}
DIFFERENT = {
    "keys": ("KeyError: 'model_id'", "KeyError: 'session_id'"),
    "types": ("expected int64", "expected int32"),
    "exit status": ("returned non-zero exit status 1.", "returned non-zero exit status 2."),
    "exit codes": ("exit code 3", "exit code 4"),
    "HTTP": ("HTTP 503 from the mock", "HTTP 404 from the mock"),
    "errno": ("[Errno 111] Connection refused", "[Errno 104] Connection refused"),
    "files": ("No such file: '/tmp/a/in.yaml'", "No such file: '/tmp/a/out.yaml'"),
    "sources": ("/b/execroot/_main/a/x.py:3: boom", "/b/execroot/_main/b/x.py:3: boom"),
    "words": ("assert 3 == 4", "assert 3 < 4"),
}
PIECES = st.sampled_from(
    "0x1f|12|.5|1e9| |\n|'|\"|/tmp/|/_tmp/|a.py|:|127.0.0.1|localhost|[::1]|2026-11-21|18:20:01|ms|s|<|>|<number>|_|[|"
    "31m|/|deadbeef1|exit code |\x1b|1f0e8a9c-5b7d-4f7e-9e9c-0a1b2c3d4e5f|/execroot/_main/|bazel-out/k/bin/|.runfiles/|"
    "C:\\|\\Temp\\|x|\u202e|,|-|\\|é".split("|")
)
MESSAGES = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join), st.text("0123456789abc. :-'\"/\\\n<>"))


@pytest.mark.parametrize("name", SAME)
def test_what_changes_is_taken_out(name: str) -> None:
    one, other = SAME[name]
    assert normalise(one) == normalise(other)
    assert signature(one) == signature(other)


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_names_the_fault_stays(name: str) -> None:
    one, other = DIFFERENT[name]
    assert normalise(one) != normalise(other)
    assert signature(one) != signature(other)


def test_as_people_read_it() -> None:
    assert normalise("no answer from 127.0.0.1:43817 within 2.5 s") == "no answer from <host>:<port> within <duration>"
    assert normalise("open /tmp/x1/in.yaml: [Errno 2]") == "open <temporary>/in.yaml: [Errno 2]"
    assert normalise("/b/execroot/_main/mock/app.py:31: KeyError: 'a'") == "mock/app.py:<number>: KeyError: 'a'"
    assert normalise("it isn't 5, it's 6") == "it isn't <number>, it's <number>"


def test_plain_text() -> None:
    assert plain("\x1b[1;31mE  \x1b]8;;http://x\x07link\x1b]8;;\x07\x1b[0m\r\nrtl\u202eexe\x00") == "E  link\nrtlexe"
    assert plain("\x1b\x1b[0m[0m") == "[0m", "what is left of a sequence is no new one"


def test_signature() -> None:
    assert signature("") == "e3b0c44298fc1c14"
    assert len(signature("\ud800")) == 16, "half a surrogate pair"


@given(MESSAGES)
def test_once_is_enough(message: str) -> None:
    once = normalise(message)
    assert normalise(once) == once
    assert len(once) <= KEPT


@given(MESSAGES)
def test_plain_is_plain(text: str) -> None:
    assert plain(plain(text)) == plain(text)


LONG = "'|\"|\\|/|/a|/_tmp|/tmp/|0|a0|1.|1,|:|<|\x1b|\x1b[|-|1f-| |\n|2026-11-21 |e1|.5|C:\\|0x|[:|'a' |exit code |1 s"


@pytest.mark.parametrize("piece", LONG.split("|"))
def test_no_text_takes_long(piece: str) -> None:
    start = time.process_time()
    normalise(piece * (200_000 // len(piece)))
    normalise("x " + piece * (200_000 // len(piece)) + " x")
    assert time.process_time() - start < 5
