"""A farm on this machine: bazel-remote, PostgreSQL, BuildGrid, and workers that share no network with anybody."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.farm import process, scheduler
from tools.farm.cache import Cache
from tools.farm.database import Database, find
from tools.farm.process import Process

# Debian's names of what a farm needs beyond the private root's packages.
PACKAGES = ["buildbox", "postgresql-18"]
_NAMESPACES = ["--mount", "--propagation", "private", "--net", "--pid", "--fork", "--kill-child"]
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# Seconds without a word until a worker is given up, and what it had goes to another.
PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Farm:
    """A farm in a folder: who runs, what they log, what they keep."""

    folder: Path

    @property
    def _state(self) -> Path:
        return self.folder / "processes.json"

    @property
    def facts(self) -> dict[str, str]:
        """Addresses and folders of a farm that was brought up."""
        facts: dict[str, str] = json.loads((self.folder / "facts.json").read_text(encoding="utf-8"))
        return facts

    @property
    def processes(self) -> list[Process]:
        """Everybody who was started, alive or not."""
        return process.load(self._state)

    @property
    def workers(self) -> list[Process]:
        return [each for each in self.processes if each.name.startswith("worker-")]

    @property
    def executor(self) -> str:
        """Address for Bazel's --remote_executor."""
        return self.facts["executor"]

    @property
    def cache(self) -> str:
        """Address for Bazel's --remote_cache."""
        return self.facts["cache"]

    def _socket(self, name: str) -> str:
        """Where workers find a server: sockets reach into their network namespaces, where no port does."""
        return f"unix:{self.folder / 'server' / name}"

    @property
    def running(self) -> bool:
        return any(each.alive for each in self.processes)

    def up(self, workers: int, buildgrid: Path, bazel_remote: Path, source: Path, properties: dict[str, str]) -> None:
        """Brings everything up.

        Args:
            workers: how many.
            buildgrid: the program bgd.
            bazel_remote: the program of the store.
            source: folder with worker.py.
            properties: of the platform, which Bazel asks for and a worker has.

        Raises:
            RuntimeError: it runs already, or something did not come up; nothing is left then.
        """
        if self.running:
            raise RuntimeError(f"a farm runs already in {self.folder}: farm status, farm down")
        self.down()
        self.folder.mkdir(parents=True)
        if len(str(self.folder)) > 70:
            raise RuntimeError(f"{self.folder}: too long for the sockets in it; name a shorter --folder")
        try:
            self._up(workers, buildgrid, bazel_remote, source, properties)
        except BaseException:
            self.down()
            raise

    def _up(self, workers: int, buildgrid: Path, bazel_remote: Path, source: Path, properties: dict[str, str]) -> None:
        programs = find()
        if programs is None:
            raise RuntimeError("there is no PostgreSQL here (initdb)")
        # Its user must get there: not below a home.
        data = Path(tempfile.mkdtemp(prefix="samewire-farm."))
        data.chmod(0o711)
        store = Cache(self.folder / "store")
        store.start(bazel_remote)
        port = _free_port()
        facts = {
            "cache": store.grpc,
            "executor": f"grpc://127.0.0.1:{port}",
            "data": str(data),
            "programs": str(programs),
            "properties": json.dumps(properties),
        }
        (self.folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
        (self.folder / "server").mkdir()

        database = Database(data / "postgres", programs)
        server = database.start()
        to_store = store.grpc.replace("grpc:", "http:")
        # What workers fetch is kept on their side of the socket, once for all of them.
        gate = process.start(
            "gate",
            ["buildbox-casd", f"--cas-remote={to_store}", f"--ac-remote={to_store}", f"--bind={self._socket('store')}",
             "--quota-high=8G", "--log-level=warning", self.folder / "gate"],
            self.folder / "gate.log",
        )  # fmt: skip
        process.save(self._state, [server, gate])
        shutil.copy(source / "worker.py", self.folder / "worker.py")
        config = self.folder / "buildgrid.yml"
        address = f"127.0.0.1:{port}"
        text = scheduler.config(
            address, self._socket("scheduler"), database.url, to_store, properties, workers, PATIENCE
        )
        config.write_text(text, encoding="utf-8")
        migrated = subprocess.run(
            [buildgrid.absolute(), "migrate", "apply", database.url], capture_output=True, text=True, check=False
        )
        if migrated.returncode != 0:
            raise RuntimeError(f"bgd migrate: {(migrated.stderr or migrated.stdout).strip()[-2000:]}")
        buildgrid_server = process.start(
            "buildgrid", [buildgrid.absolute(), "server", "start", config], self.folder / "buildgrid.log"
        )
        process.save(self._state, [*self.processes, buildgrid_server])
        process.wait(lambda: _listens(port), [buildgrid_server], 60, "BuildGrid answers")
        new = [self.add_worker() for _ in range(workers)]
        process.wait(
            lambda: len(database.column("select name from bots")) >= workers, new, 60, "the workers have said hello"
        )

    def add_worker(self) -> Process:
        """Starts one more worker."""
        taken = {each.name for each in self.workers}
        name = next(f"worker-{n}" for n in range(1, 10000) if f"worker-{n}" not in taken)
        folder, facts = self.folder / name, self.facts
        folder.mkdir()
        command: list[str | Path] = [
            "python3", "-E", "-s", "-B", self.folder / "worker.py", "--name", name,
            "--scheduler", self._socket("scheduler"), "--store", self._socket("store"), "--folder", folder,
        ]  # fmt: skip
        command += [f"--property={key}={value}" for key, value in json.loads(facts["properties"]).items()]
        prefix = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), *_NAMESPACES, "--"]
        if root := private_root():
            command += ["--root", root]
        worker = process.start(name, command, self.folder / f"{name}.log", env={"PATH": _PATH}, prefix=prefix)
        process.save(self._state, [*self.processes, worker])
        return worker

    def down(self) -> list[str]:
        """Ends everybody and removes the folder; the names of who was still alive."""
        ended = []
        for each in reversed(self.processes):
            if each.alive:
                ended.append(each.name)
            # The server of the database ends at once, and its children with it, when it is asked by SIGQUIT or killed.
            each.stop(grace=0 if each.name.startswith("worker-") else 10)
        if Cache(self.folder / "store").stop():
            ended.append("bazel-remote")
        with contextlib.suppress(OSError, ValueError, KeyError):
            shutil.rmtree(self.facts["data"], ignore_errors=True)
        subprocess.run(["chmod", "-R", "u+w", self.folder], stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
        # The places in the private root where workers had their folders mounted, in namespaces that are no more.
        if root := private_root():
            shutil.rmtree(root / self.folder.relative_to("/"), ignore_errors=True)
        return ended


def private_root() -> Path | None:
    """The private root of ./bazelw, where this process runs inside it; another one needs what the actions need."""
    if not os.environ.get("SAMEWIRE_INSIDE"):
        return None
    root = Path(os.environ["SAMEWIRE_INSIDE"]).parent / "toolbox" / "root"
    return root if (root / "etc" / "samewire-toolbox").is_dir() else None


def properties() -> dict[str, str]:
    """What Bazel asks a worker for: the defaults of --config=farm, and the private root's identity."""
    found = {"OSFamily": "linux"}
    try:
        line = Path("/etc/samewire-toolbox/identity.bazelrc").read_text(encoding="utf-8")
    except OSError:
        return found
    key, _, value = line.strip().rpartition("--remote_default_exec_properties=")[2].partition("=")
    return found | {key: value}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
