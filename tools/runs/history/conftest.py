"""Where the tests of this room keep their history: a file, or a database where POSTGRES names a server's binaries."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

_schemas = count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from tools.postgres.server import NotHere, Server

    started = Server(Path(os.environ["POSTGRES"]), tmp_path_factory.mktemp("postgres"))
    try:
        started.check()
    except NotHere as error:
        pytest.skip(str(error))
    with started:
        yield started.url


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if "POSTGRES" not in os.environ:
        return str(tmp_path / "state" / "history.sqlite")
    import psycopg

    url: str = request.getfixturevalue("server")
    schema = f"test_{next(_schemas)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    return f"{url}?options=-csearch_path%3D{schema}"
