"""Logs that are cut off, damaged or something else: one line each, and nothing of what stood before is lost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import zstandard

from tools.runs.inputs import LogError, TestInputs, actions, read
from tools.runs.inputs.conftest import Writer
from tools.runs.inputs.frames import LARGEST_ENTRY


def _read(path: Path) -> tuple[list[TestInputs], str]:
    found: list[TestInputs] = []
    problem = f"{path}: "
    try:
        found.extend(read(path))
    except LogError as error:
        problem = str(error)
    assert problem.startswith(f"{path}: ")
    assert "\n" not in problem
    return found, problem.removeprefix(f"{path}: ")


def test_cut_off_anywhere(log: Writer) -> None:
    for number in range(300):
        log.test(
            f"//a:{number}_test", log.inputs(log.file(f"{number}.py", f"{random.Random(number).getrandbits(256):064x}"))
        )
    path = log.save()
    whole, problem = _read(path)
    assert (len(whole), problem) == (300, "")
    data = path.read_bytes()
    for length in (1, 100, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        part, problem = _read(path)
        assert [test.label for test in part] == [test.label for test in whole[: len(part)]]
        assert problem.startswith("ends in the middle")


def test_empty(log: Writer) -> None:
    log.path.touch()
    assert _read(log.path) == ([], "ends in the middle: the build was killed, or still runs")


@pytest.mark.parametrize("content", [b"no log at all\n", b'{"id": 1}\n', b"\0" * 5000])
def test_no_log(log: Writer, content: bytes) -> None:
    log.path.write_bytes(content)
    assert _read(log.path) == ([], "no compact execution log: it is not in zstd's format")


def test_zstd_of_something_else(log: Writer) -> None:
    log.path.write_bytes(zstandard.compress(b"\x05hello" * 3))
    assert "no entry of an execution log" in _read(log.path)[1]
    log.path.write_bytes(zstandard.compress(b"\x02\x08\x01"))
    assert "does not begin with an invocation" in _read(log.path)[1]


def test_a_length_beyond_all_measure(log: Writer) -> None:
    for claim in (b"\xff" * 12, b"\xff\xff\xff\xff\x7f"):
        log.path.write_bytes(zstandard.compress(claim))
        assert "damaged after entry 0: the next one claims" in _read(log.path)[1]
    assert LARGEST_ENTRY < 2**32


def test_garbage_in_the_middle_never_gives_a_traceback(log: Writer) -> None:
    for number in range(50):
        log.test(f"//a:{number}_test", log.inputs(log.file(f"{number}.py")))
    data = log.bytes()
    dice = random.Random(7)
    for _ in range(60):
        broken = bytearray(data)
        for _ in range(dice.randint(1, 4)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        log.path.write_bytes(broken)
        _read(log.path)
    plain = zstandard.decompress(data)
    for _ in range(60):
        broken = bytearray(plain)
        broken[dice.randrange(len(broken))] = dice.randrange(256)
        log.path.write_bytes(zstandard.compress(bytes(broken)))
        _read(log.path)


def test_two_frames(log: Writer) -> None:
    log.test("//a:x_test")
    plain = zstandard.decompress(log.bytes())
    log.path.write_bytes(zstandard.compress(plain[:20]) + zstandard.compress(plain[20:]))
    assert [action.label for action in actions(log.path)] == ["//a:x_test"]
