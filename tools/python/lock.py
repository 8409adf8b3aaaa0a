"""Renews the locks of wheels: NAME.txt from NAME.in, for Python 3.11 to 3.14 and every platform, with hashes.

Run as `./samewire deps lock` or `./bazelw run //tools/python:lock`. A version that is locked stays where it is as
long as it fits; `--upgrade` takes the newest of everything, `--upgrade NAME` of one distribution.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

from tools.python.private import registry

EXAMPLE = """example:
  ./samewire deps lock                   after adding a line to tools/python/requirements.in
  ./samewire deps lock tinker_0_38       one set
"""


def excluded(requirements: Path) -> list[str]:
    """The distributions that a `# exclude: NAME NAME` line of the .in leaves out, with what only they need."""
    names: list[str] = []
    for line in requirements.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"#\s*exclude:\s*(.*)", line):
            names += found[1].split()
    return names


def compile_set(uv: Path, folder: Path, name: str, upgrade: list[str], scratch: Path) -> str | None:
    """Writes NAME.txt, or leaves it as it is and returns why."""
    source, lock = folder / f"{name}.in", folder / f"{name}.txt"
    command: list[str | Path] = [
        uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
        "--no-strip-extras", "--no-header", "--no-annotate", "--only-binary", ":all:",
    ]  # fmt: skip
    if names := excluded(source):
        excludes = scratch / f"{name}.excludes"
        excludes.write_text("\n".join(names), encoding="utf-8")
        command += ["--excludes", excludes]
    for distribution in upgrade:
        command += ["--upgrade"] if distribution == "*" else ["--upgrade-package", distribution]
    env = registry.environment(uv.with_name("python"))
    done = subprocess.run(
        [*command, "--output-file", lock.name, source.name],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    return None if done.returncode == 0 else " ".join(done.stderr.split())


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="samewire deps lock", description=__doc__.splitlines()[0] if __doc__ else None, epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("sets", nargs="*", metavar="SET", help="names of .in files in tools/python (default: all)")
    parser.add_argument("--upgrade", action="append", nargs="?", const="*", default=[], metavar="NAME",
                        help="take the newest version of NAME, of everything without a name")  # fmt: skip
    args = parser.parse_args()

    workspace = os.environ.get("BUILD_WORKSPACE_DIRECTORY")
    uv = Path(os.environ["SAMEWIRE_UV"]).absolute().resolve()
    if workspace is None:
        print("deps lock: run it through Bazel: ./bazelw run //tools/python:lock", file=sys.stderr)
        return 3
    folder = Path(workspace, "tools", "python")
    known = sorted(path.stem for path in folder.glob("*.in"))
    if unknown := sorted(set(args.sets) - set(known)):
        print(f"deps lock: no such set: {', '.join(unknown)} (there are: {', '.join(known)})", file=sys.stderr)
        return 2
    failed = False
    scratch = Path(os.environ.get("TMPDIR", "/tmp"))
    for name in args.sets or known:
        lock = folder / f"{name}.txt"
        before = lock.read_bytes() if lock.exists() else b""
        problem = compile_set(uv, folder, name, args.upgrade, scratch)
        if problem:
            failed = True
            print(f"tools/python/{name}.in: cannot be locked: {problem}", file=sys.stderr)
        else:
            print(f"tools/python/{name}.txt: {'as it was' if lock.read_bytes() == before else 'renewed'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
