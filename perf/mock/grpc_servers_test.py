from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from perf.mock import chat, grpc_servers, payload, scenarios
from perf.mock.grpc_servers import AIO, POINTS, SYNC, Figures
from perf.mock.servers import OURS, Go


def _figures(**per_cpu: float) -> Figures:
    return {
        {"ours": OURS, "sync": SYNC, "aio": AIO}[name]: {
            point: [Go(1.0, figure * factor, 0.0001, 0.0002) for factor in (0.9, 1.0, 1.1)] for point in POINTS
        }
        for name, figure in per_cpu.items()
    }


def _row(figures: Figures, name: str) -> str:
    text = grpc_servers.table(figures, dict.fromkeys(figures, (0.1, 30_000_000)), 3, 1)
    [row] = [line for line in text.splitlines() if line.startswith(f"| {name} |")]
    return row


def test_ours_stands_beside_theirs_and_a_missed_goal_is_said() -> None:
    assert _row(_figures(ours=50_000, sync=10_000), SYNC).endswith("| 5.0× | 5.0× | 5.0× | ≥ 0.85×; aimed at ≥ 4.5× |")
    assert _row(_figures(ours=20_000, sync=10_000), SYNC).endswith("| ≥ 0.85×; aimed at ≥ 4.5×: **missed** |")
    assert "≥ 0.85×: **missed**" in _row(_figures(ours=8_000, sync=10_000), SYNC)
    assert "50,000 (45,000–55,000)" in _row(_figures(ours=50_000, sync=10_000), OURS)
    assert _row(_figures(ours=50_000, aio=5_000), AIO).endswith("| 10.0× | 10.0× | 10.0× | – |")


def test_the_messages_are_those_of_the_file() -> None:
    text = re.sub(r"\s+", " ", (Path(__file__).parent / "chat.proto").read_text())
    for name, fields in chat.MESSAGES.items():
        [body] = re.findall(rf"message {name} {{(.*?)}}", text)
        numbered = [f"{field.replace('*', '')} = {number};" for number, field in enumerate(fields.split(", "), 1)]
        assert body.replace("repeated ", "").strip() == " ".join(numbered)
        assert body.count("repeated") == fields.count("*")
    assert f"service {chat.SERVICE.rpartition('.')[2]} " in text


def test_requests_are_alike_or_not() -> None:
    same, other = grpc_servers.requests(unique=False), grpc_servers.requests(unique=True)
    assert same(0) == same(1)
    assert other(0) != other(1)
    read = chat.message("ChatRequest").FromString(other(255))
    assert (read.model, read.user.tier, read.request_id) == (payload.MODEL, payload.TIER, f"{256:016x}")
    assert len(other(0)) == len(same(0))


def test_every_peer_gets_the_reply(tmp_path: Path) -> None:
    for server in grpc_servers.peers(Path("program")):
        words = [str(word) for word in server.command(1234, tmp_path)]
        assert "1234" in words and json.loads(words[-1]) == payload.REPLY
    assert scenarios.over_grpc("a.B/C")["stubs"][0]["request"]["rpc"] == "a.B/C"


@pytest.mark.parametrize("words", [["--rounds", "0"], ["--seconds", "0"], ["--write", "/nowhere/file.md"]])
def test_misuse(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    given = [word for name in ("mock", "definitions", "annotations", "peer") for word in (f"--{name}", "x")]
    with pytest.raises(SystemExit) as caught:
        grpc_servers.main([*given, *words])
    assert caught.value.code == 2
    assert "--" in capsys.readouterr().err
