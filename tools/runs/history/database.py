"""Where history is kept: one SQLite file, or a PostgreSQL database. The same statements on both, `?` for values."""

from __future__ import annotations

import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from tools.runs.history import HistoryError, is_url

APPLICATION = 0x53575248  # "SWRH": tells our file from another program's
WAIT_SECONDS = 60  # for another run that writes
MIGRATIONS = Path(__file__).parent / "migrations"

Row: TypeAlias = tuple[Any, ...]


class Database(ABC):
    """A connection. Reads see a whole state; writes happen inside `writing()` only. Errors are HistoryError.

    Attributes:
        where: path or URL (without its password), for messages.
    """

    where: str

    @abstractmethod
    def rows(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]: ...

    @abstractmethod
    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None: ...

    @abstractmethod
    def close(self) -> None: ...

    @abstractmethod
    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """One writer at a time; committed at the end, undone when an exception comes out."""
        yield

    @contextmanager
    @abstractmethod
    def _translated(self) -> Iterator[None]:
        """Errors of the driver become HistoryError."""
        yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._translated(), self._transaction():
            yield

    def one(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        return next(iter(self.rows(sql, values)), None)

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        self.many(sql, [values])

    def among(self, sql: str, values: Iterable[Any], before: Sequence[Any] = ()) -> Iterator[Row]:
        """Rows of `sql`, whose `IN (…)` is filled with the values, some hundreds at a time."""
        values = list(values)
        for start in range(0, len(values), 500):
            part = values[start : start + 500]
            yield from self.rows(sql.replace("…", ",".join("?" * len(part))), [*before, *part])

    def migrate(self) -> None:
        """Brings the tables up to date.

        Raises HistoryError when they are newer than this version of samewire, and leaves them as they are.
        """
        steps = migrations()
        if self._version(steps) == len(steps):
            return
        with self.writing():
            for number, (name, statements) in enumerate(steps, 1):
                if number > self._version(steps):
                    for statement in statements:
                        self.execute(self.dialect(statement))
                    self.execute("INSERT INTO migration (number, name) VALUES (?, ?)", (number, name))

    def dialect(self, statement: str) -> str:
        return statement

    @abstractmethod
    def _tables(self) -> set[str]: ...

    def _version(self, steps: Sequence[object]) -> int:
        if "migration" not in self._tables():
            return 0
        found = self.one("SELECT coalesce(max(number), 0) FROM migration")
        version = int(found[0]) if found else 0
        if version > len(steps):
            raise HistoryError(
                f"{self.where}: written by a newer samewire (format {version}, this one knows {len(steps)}); "
                "update samewire, or name another history in SAMEWIRE_HISTORY"
            )
        return version


def migrations(folder: Path = MIGRATIONS) -> list[tuple[str, list[str]]]:
    """Every step, `NNNN_name.sql` in the order of its number, as single statements; the first table comes first."""
    steps = []
    for number, path in enumerate(sorted(folder.glob("*.sql")), 1):
        if not path.name.startswith(f"{number:04}_"):
            raise HistoryError(f"{path}: expected number {number:04}; migrations are numbered without gaps")
        lines = [line.partition("--")[0].rstrip() for line in path.read_text(encoding="utf-8").splitlines()]
        text = "\n".join(line for line in lines if line)
        steps.append((path.stem, [part.strip() for part in text.split(";") if part.strip()]))
    if steps:
        steps[0][1].insert(0, "CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    return steps


class Sqlite(Database):
    """One file in WAL mode: readers never wait, writers take turns, a crash loses no committed run."""

    def __init__(self, path: Path, wait: float = WAIT_SECONDS) -> None:
        self.where = str(path)
        self._path = path
        with self._translated():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise HistoryError(f"{path}: its folder can't be made ({error.strerror}); {ELSEWHERE}") from None
            self._read_only = path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
            self._connection = sqlite3.connect(
                read_only_uri(path) if self._read_only else path,
                timeout=wait,
                isolation_level=None,
                uri=self._read_only,
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self) -> None:
        [(application,)] = self._connection.execute("PRAGMA application_id")
        [(tables,)] = self._connection.execute("SELECT count(*) FROM sqlite_master")
        if tables and application != APPLICATION:
            raise HistoryError(f"{self._path}: a SQLite file, but no history of samewire; {ELSEWHERE}")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA cache_size = -65536")
        [(mode,)] = self._connection.execute("PRAGMA journal_mode")
        if mode != "wal" and not self._read_only:
            self._connection.execute("PRAGMA journal_mode = WAL")
        if application != APPLICATION:
            self._connection.execute(f"PRAGMA application_id = {APPLICATION}")
        self.migrate()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        with self._translated():
            yield from self._connection.execute(sql, values)

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._translated():
            self._connection.executemany(sql, rows)

    def close(self) -> None:
        with self._translated():
            self._connection.close()

    def dialect(self, statement: str) -> str:
        return statement.replace("/*sqlite:", "").replace("*/", "")

    def _tables(self) -> set[str]:
        return {name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise HistoryError(f"{self.where}: {explain(error, self._path)}") from None


def read_only_uri(path: str | os.PathLike[str]) -> str:
    """For a place where nothing can be written.

    Beside a file in WAL mode readers, too, want to write; where they may not, nobody else does either.
    """
    name = os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{name}?" + ("mode=ro" if os.path.exists(f"{path}-wal") else "immutable=1")


ELSEWHERE = "name another place in SAMEWIRE_HISTORY"


def explain(error: sqlite3.Error, path: Path) -> str:
    """What SQLite's error means and what to do, in one line."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    text = " ".join(str(error).split())
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return (
            f"damaged ({text}); nothing was changed. Save what can be saved with "
            f"`sqlite3 {path.name} .recover`, move the file away and go on with a new one"
        )
    if code == sqlite3.SQLITE_FULL:
        return "the disk is full; nothing of this run was kept and nothing was lost. Make room and record it again"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "another run has been writing for too long; nothing of this run was kept. Try again when it ended"
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return f"can't be opened or written ({text}); make it writable, or {ELSEWHERE}"
    if code == sqlite3.SQLITE_IOERR:
        return f"the disk failed ({text}); nothing of this run was kept. Look at the disk, then record it again"
    return text


def connect(where: str) -> Database:
    """Opens the history with its tables up to date. Raises HistoryError."""
    if is_url(where):
        from tools.runs.history.postgres import Postgres

        return Postgres(where)
    return Sqlite(Path(where))
