"""History in PostgreSQL: the same statements, one writer at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString
from urllib.parse import urlsplit

from tools.runs.history import HistoryError
from tools.runs.history.database import APPLICATION, WAIT_SECONDS, Database, Row


class Postgres(Database):
    """A connection by URL, `postgresql://user@host:port/name`; what libpq reads from the environment counts too."""

    def __init__(self, url: str, wait: float = WAIT_SECONDS) -> None:
        import psycopg  # costs its time only where it is used

        self._errors = psycopg.Error
        parts = urlsplit(url)
        self.where = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
        with self._translated():
            self._connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
            self._connection.execute(f"SET lock_timeout = '{int(wait)}s'")
            self._connection.execute("SET client_min_messages = warning")
            self.migrate()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        with self._translated():
            yield from self._connection.execute(_statement(sql), values)

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._translated(), self._connection.cursor() as cursor:
            cursor.executemany(_statement(sql), rows)

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        with self._translated():
            self._connection.execute(_statement(sql), values)

    def close(self) -> None:
        self._connection.close()

    def _tables(self) -> set[str]:
        return {name for (name,) in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")}

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (APPLICATION,))
            yield

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            state = error.sqlstate or ""
            text = " ".join(str(error).split())
            if state == "55P03":
                text = (
                    "another run has been writing for too long; nothing of this run was kept. Try again when it ended"
                )
            elif state.startswith("53"):
                text = f"the server is out of room ({text}); nothing of this run was kept"
            elif not state:
                text = f"can't be reached ({text}); see that it runs, or name another history in SAMEWIRE_HISTORY"
            raise HistoryError(f"{self.where}: {text}") from None


def _statement(sql: str) -> LiteralString:
    """`?` is nowhere in our statements but for a value, and `%` nowhere at all."""
    return sql.replace("?", "%s")
