"""A real server, from the wheel, in whatever sandbox the test runs."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from tools.postgres.server import CouldNotStart, Server

BINARIES = Path(os.environ["POSTGRES"])


def test_it_answers_keeps_its_data_and_ends(tmp_path: Path) -> None:
    with Server(BINARIES, tmp_path) as server, psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE seen (what TEXT)")
        connection.execute("INSERT INTO seen VALUES ('ä')")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url)
    with Server(BINARIES, tmp_path) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT what FROM seen").fetchall() == [("ä",)]


def test_what_hinders_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(CouldNotStart, match="postgres: "):
        Server(BINARIES, tmp_path).start()
