from __future__ import annotations

import json
from pathlib import Path

import pytest

from perf.mock import lineup, scenarios, servers
from perf.mock.payload import MODEL, REPLY
from perf.mock.servers import OURS, POINTS, Figures, Go, Point


def _figures(per_cpu: float, first_s: float = 0.1) -> Figures:
    gos = {point: [Go(1.0, per_cpu * factor, 0.0001, 0.0002) for factor in (0.9, 1.0, 1.1)] for point in POINTS}
    return Figures(first_s, gos, 30_000_000)


def test_table_sets_our_median_beside_the_best_of_a_peer() -> None:
    text = servers.table(
        {OURS: _figures(50_000), "mountebank": _figures(5_000), "FastAPI on uvicorn": _figures(20_000)}, 3, 1
    )
    rows = {line.split(" | ")[0].strip("| "): line for line in text.splitlines() if line.startswith("| ")}
    assert "50,000 (45,000–55,000)" in rows[OURS]
    assert "≥ 45,000 |" in rows[OURS]
    assert "| 9.1× | ≥ 9× |" in rows["mountebank"]
    assert "| 2.3× | ≥ 4×: **missed** |" in rows["FastAPI on uvicorn"]
    assert "0.10 / 0.20" in rows[OURS]


def test_a_peer_that_cannot_do_a_scenario_has_a_dash_and_ours_can_be_left_out() -> None:
    figures = _figures(5_000)
    del figures.gos[Point(64, unique=True)]
    assert "| – |" in servers.table({"pytest-httpserver": figures}, 3, 1)


def test_scenario_has_ours_among_others() -> None:
    stubs = scenarios.scenario(3, stream=2)["stubs"]
    assert [stub["id"] for stub in stubs] == [MODEL, "other-000001", "other-000002", "watch"]
    assert stubs[0]["answers"] == [{"json": REPLY}]


def test_every_peer_gets_the_reply(tmp_path: Path) -> None:
    made = [
        *lineup.python(Path("asgi"), Path("httpserver")),
        *lineup.node(Path("node"), Path("modules"), Path("fastify")),
        *lineup.java("java", Path("wiremock"), Path("mockserver")),
    ]
    assert set(servers.GOALS) <= {server.name for server in made}
    for number, server in enumerate(made):
        folder = tmp_path / str(number)
        words = [str(word) for word in server.command(1234, folder)]
        files = [path.read_text() for path in folder.rglob("*.json")] if folder.is_dir() else []
        told = " ".join([*words, *files]).replace("\\", "")
        assert json.dumps(REPLY["message"]["content"])[1:-1] in told, server.name
        assert any("1234" in text for text in (*words, *files)), server.name


@pytest.mark.parametrize("words", [["--rounds", "0"], ["--seconds", "0"], ["--write", "/nowhere/file.md"]])
def test_misuse(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    given = [word for name in ("mock", "definitions", "annotations", "asgi", "httpserver", "node", "modules", "fastify")
             for word in (f"--{name}", "x")]  # fmt: skip
    with pytest.raises(SystemExit):
        servers.main([*given, *words])
    assert words[0] in capsys.readouterr().err or "two cores" in capsys.readouterr().err
