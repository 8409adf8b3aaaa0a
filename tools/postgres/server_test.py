"""A real server, from the wheel, in whatever sandbox the test runs."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from tools.postgres.server import CouldNotStart, NotHere, Server

BINARIES = Path(os.environ["POSTGRES"])


@pytest.fixture(autouse=True)
def here(request: pytest.FixtureRequest) -> None:
    if request.function is test_where_nobody_else_can_be_had:
        return
    try:
        Server(BINARIES, Path()).check()
    except NotHere as error:
        pytest.skip(str(error))


def test_it_answers_keeps_its_data_and_ends(tmp_path: Path) -> None:
    with Server(BINARIES, tmp_path) as server, psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE seen (what TEXT)")
        connection.execute("INSERT INTO seen VALUES ('ä')")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url)
    with Server(BINARIES, tmp_path) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT what FROM seen").fetchall() == [("ä",)]


def test_where_nobody_else_can_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    unshare = tmp_path / "unshare"
    unshare.write_text("#!/bin/sh\necho 'unshare: Operation not permitted' >&2\nexit 1\n")
    unshare.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotHere, match="refused: unshare: Operation not permitted"):
        Server(BINARIES, tmp_path / "server").start()
    unshare.unlink()
    with pytest.raises(NotHere, match="no `unshare`"):
        Server(BINARIES, tmp_path / "server").start()


def test_what_hinders_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(CouldNotStart, match="postgres: "):
        Server(BINARIES, tmp_path).start()
