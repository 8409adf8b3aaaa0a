"""PostgreSQL for the scheduler: a server in a folder of its own, reached through a socket there and no port."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.farm import process
from tools.farm.process import Process

NAME = "buildgrid"


@dataclass(frozen=True, slots=True)
class Database:
    """A database server; everything in it is thrown away with the folder, so nothing is forced to disk."""

    folder: Path
    programs: Path

    @property
    def url(self) -> str:
        """For SQLAlchemy. psycopg2 by name: BuildGrid's notifier knows no other."""
        return f"postgresql+psycopg2:///{NAME}?host={self.folder}&user={NAME}"

    @property
    def _uid(self) -> int | None:
        """PostgreSQL refuses to run as root: then as the user that Debian's package makes, else `nobody`."""
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            try:
                return pwd.getpwnam(name).pw_uid
            except KeyError:
                continue
        raise RuntimeError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")

    def start(self) -> Process:
        """Makes the database and starts its server.

        Raises:
            RuntimeError: it did not come up; with what it said.
        """
        uid = self._uid
        self.folder.mkdir(mode=0o700, parents=True)
        if uid is not None:
            os.chown(self.folder, uid, uid)
        self._run(
            "initdb",
            "--pgdata=data",
            f"--username={NAME}",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
        )
        server = process.start(
            "postgres",
            [
                self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, "-h", "",
                "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
            ],
            self.folder.with_suffix(".log"),
            env=self._env(),
            uid=uid,
        )  # fmt: skip
        ready = [str(self.programs / "pg_isready"), "-q", "-h", str(self.folder)]
        process.wait(lambda: subprocess.run(ready, check=False).returncode == 0, [server], 60, "the database answers")
        self._run("createdb", "-h", str(self.folder), "-U", NAME, NAME)
        return server

    def column(self, query: str) -> list[str]:
        """The one column that a query asks for.

        Raises:
            RuntimeError: the server does not answer, or does not understand.
        """
        return self._run("psql", "-h", str(self.folder), "-U", NAME, "-tAc", query, NAME).splitlines()

    def _env(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"}

    def _run(self, program: str, *words: str) -> str:
        uid = self._uid
        done = subprocess.run(
            [str(self.programs / program), *words],
            cwd=self.folder,
            env=self._env(),
            user=uid,
            group=uid,
            extra_groups=None if uid is None else [],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {(done.stderr or done.stdout).strip()}")
        return done.stdout


def find() -> Path | None:
    """The folder of PostgreSQL's programs: Debian keeps them off PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).resolve().parent if there else None
