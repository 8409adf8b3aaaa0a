"""A farm of workers here, by Bazel's remote execution protocol.

    ./samewire farm up --workers 4
    ./samewire farm run -- test //...       what Bazel is told, with --config=farm and the farm's address added
    ./samewire farm status
    ./samewire farm drill                   kills workers while they work; nothing may be lost
    ./samewire farm down                    nothing is left

Workers share this machine's cores: what waits gets faster, what computes does not. Everything listens on the loopback
or on sockets of this user; for a team's farm see docs/farm.md.
Exit code: 0 done, 1 no farm runs (status) or the drill was lost, 2 misuse, 3 could not run; `run` has Bazel's.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.farm import drill
from tools.farm.database import find
from tools.farm.farm import PACKAGES, Farm, private_root, properties

HERE = Path(__file__).parent


def default_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "samewire" / "farm"


def provide() -> None:
    """Sees to PostgreSQL and buildbox: into the private root, and nowhere else, they are installed.

    Raises:
        RuntimeError: they are missing, with what to do.
    """
    if shutil.which("buildbox-worker") and shutil.which("buildbox-casd") and find():
        return
    root = private_root()
    if root is None:
        raise RuntimeError(
            f"a farm needs {' and '.join(PACKAGES)} (Debian's names): install them, and unshare (util-linux)"
        )
    print(f"adding {', '.join(PACKAGES)} to the private root (once, some 20 s)", file=sys.stderr)
    # A cluster of its own, started at every boot, is Debian's habit; here each farm makes one.
    Path("/etc/postgresql-common").mkdir(exist_ok=True)
    Path("/etc/postgresql-common/createcluster.conf").write_text("create_main_cluster = false\n", encoding="utf-8")
    with (root.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            ["bash", HERE.parent / "toolbox" / "install.sh", *PACKAGES], capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        raise RuntimeError(f"apt could not install {' '.join(PACKAGES)}: {(done.stdout + done.stderr).strip()[-800:]}")


def up(farm: Farm, workers: int) -> None:
    provide()
    programs = Path(os.environ["SAMEWIRE_BGD"]), Path(os.environ["SAMEWIRE_BAZEL_REMOTE"])
    farm.up(workers, *programs, HERE, properties())
    if private_root() is None:
        print("no private root here: workers see this machine's files", file=sys.stderr)


def status(farm: Farm, as_json: bool) -> int:
    rows = [(each.name, each.pid, "up" if each.alive else "gone", each.log) for each in farm.processes]
    if as_json:
        found: dict[str, object] = {"running": farm.running, "processes": [list(row) for row in rows]}
        print(json.dumps(found | ({"executor": farm.executor} if rows else {})))
    else:
        for name, pid, state, log in rows:
            print(f"{name:<12} {state:<5} {pid:>8}  {log}")
        print(farm.executor if farm.running else "no farm runs")
    return 0 if farm.running else 1


def bazel(farm: Farm, words: list[str], own: list[str] | None = None) -> list[str]:
    """Bazel's words with what makes it use the farm: `test //x` becomes `test --config=farm … //x`.

    Raises:
        RuntimeError: no command among them.
    """
    at = next((n for n, word in enumerate(words) if not word.startswith("-")), None)
    if at is None:
        raise RuntimeError("farm run: what shall Bazel do? e.g. farm run -- test //...")
    jobs = max(1, sum(each.alive for each in farm.workers))
    more = ["--config=farm", f"--remote_cache={farm.cache}", f"--remote_executor={farm.executor}", f"--jobs={jobs}"]
    # What this farm keeps is gone with it; a result that Bazel left there would be missed by its next build.
    more += ["--remote_download_outputs=all", *(own or [])]
    return [*words[: at + 1], *more, *words[at + 1 :]]


def run_drill(farm: Farm, workspace: Path, as_json: bool) -> int:
    scratch = farm.folder / "drill"
    scratch.mkdir(exist_ok=True)

    def say(line: str) -> None:
        print(line, file=sys.stderr if as_json else sys.stdout, flush=True)

    found = drill.drill(farm, lambda words, own: bazel(farm, words, own), workspace, scratch, say)
    if as_json:
        print(json.dumps(found, indent=1))
    return 0 if found["good"] else 1


def main(arguments: list[str] | None = None) -> int:
    doc = (__doc__ or "").splitlines()
    parser = argparse.ArgumentParser(
        prog="samewire farm", description=doc[0], epilog="\n".join(doc[1:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--folder", type=Path, default=default_folder(), help="what it keeps (%(default)s)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="up|status|run|drill|down")
    of_up = commands.add_parser("up", help="bring a farm up")
    of_up.add_argument("--workers", type=int, default=2, metavar="N", help="how many (%(default)s)")
    of_status = commands.add_parser("status", help="who runs")
    of_status.add_argument("--json", action="store_true")
    of_run = commands.add_parser("run", help="Bazel on the farm")
    of_run.add_argument("words", nargs="*", metavar="-- COMMAND ...", help="e.g. -- test //tools/...")
    of_drill = commands.add_parser("drill", help="kill a worker at work; nothing may be lost")
    of_drill.add_argument("--json", action="store_true", help="the figures, for scripts")
    commands.add_parser("down", help="end it; nothing is left")
    args = parser.parse_args(arguments)
    farm = Farm(args.folder.absolute())
    try:
        if args.command == "up":
            if not 1 <= args.workers <= 64:
                parser.error("--workers is between 1 and 64")
            up(farm, args.workers)
            return status(farm, False)
        if args.command == "status":
            return status(farm, args.json)
        if args.command == "down":
            print(f"ended: {', '.join(farm.down()) or 'nobody'}")
            return 0
        if not farm.running:
            raise RuntimeError("no farm runs: ./samewire farm up --workers 2")
        workspace = Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY") or Path.cwd())
        os.chdir(workspace)
        if args.command == "drill":
            return run_drill(farm, workspace, args.json)
        words = bazel(farm, args.words)
        os.execv(workspace / "bazelw", ["bazelw", *words])
    except (RuntimeError, OSError) as error:
        print(f"samewire farm: {error}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
