"""Installs a locked set of wheels into the current folder and writes one Bazel target per distribution.

Run by wheels.bzl inside a new repository, with the Python whose `pip` installed uv (its vendored `packaging` evaluates
markers). What it leaves:

    site-packages/   everything that the lock names for this machine, with bytecode that never looks at timestamps
    entry/NAME.py    the main of a console script
    BUILD.bazel      NAME         py_library: the distribution and everything it needs
                     NAME.files   filegroup: its own files and nothing else
                     bin/COMMAND  its executables: a binary as it is, a console script as a py_binary

A label names a folder of a distribution, not its files: sandboxes and runfiles then hold one link per folder. A remote
worker gets no such folder when it lies in runfiles; with --//tools/python:remote the files are named one by one.
"""

from __future__ import annotations

import argparse
import compileall
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path, PurePosixPath
from py_compile import PycInvalidationMode

import registry
from pip._vendor.packaging.requirements import Requirement

SITE = Path("site-packages")
# That compile bytecode; the same number everywhere, see compile_all.
PROCESSES = 4


def normalised(name: str) -> str:
    """`Foo.Bar-baz` is `foo_bar_baz`: the distribution's name as a Bazel name."""
    return re.sub(r"[-_.]+", "_", name).lower()


def install(uv: Path, lock: Path) -> str:
    """Fills SITE; returns what uv says when it cannot. Without a network first: what the cache has needs no asking."""
    command: list[str | Path] = [
        uv, "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:",
        "--python", sys.executable, "--target", SITE, "--requirement", lock,
    ]  # fmt: skip
    env = registry.environment(Path(sys.executable))
    for more in (["--offline"], []):
        shutil.rmtree(SITE, ignore_errors=True)
        done = subprocess.run([*command, *more], env=env, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return ""
    return done.stderr or f"uv ended with {done.returncode}"


def explain(stderr: str, lock: Path, lock_name: str) -> str:
    """One line for people about why uv could not install: file, line, package, what to do."""
    text = " ".join(stderr.split())
    found = re.search(r"[Hh]ash mismatch for `([^`=]+)==([^`]+)`", text)
    if found:
        name, version = found.groups()
        start = re.compile(rf"{re.escape(name)}(\[[^]]*\])?==", re.IGNORECASE)
        number = next((n for n, line in enumerate(lock.read_text().splitlines(), 1) if start.match(line)), 1)
        return (
            f"{lock_name}:{number}: none of the hashes of {name} {version} is that of the file which the package index "
            f"delivers; renew the lock with './samewire deps lock', or find out who changed the file"
        )
    if re.search(r"error sending request|dns error|Connect|offline|disabled", text):
        return f"{lock_name}: the package index cannot be reached, and these wheels are not in uv's cache: {text[:300]}"
    return f"{lock_name}: uv could not install it: {text[:600]}"


def owned_paths(distributions: Iterable[metadata.Distribution]) -> dict[str, list[str]]:
    """For each distribution, by normalised name, the fewest files and folders under site-packages that are its own.

    A folder that several distributions write into (google/) is taken apart, one level at a time.
    """
    files: dict[str, list[PurePosixPath]] = {}
    owners: dict[PurePosixPath, set[str]] = defaultdict(set)
    for distribution in distributions:
        name = normalised(distribution.metadata["Name"])
        files[name] = []
        for entry in distribution.files or []:
            path = PurePosixPath(entry)
            if path.is_absolute() or ".." in path.parts or not (SITE / path).exists():
                continue
            files[name].append(path)
            for folder in path.parents:
                owners[folder].add(name)
    owned: dict[str, list[str]] = {}
    for name, paths in files.items():
        found: set[str] = set()
        for path in paths:
            folders = [f for f in reversed(path.parents) if f.parts and f.parts != ("bin",) and len(owners[f]) == 1]
            found.add(str(folders[0] if folders else path))
        owned[name] = sorted(found)
    return owned


def closure(distributions: Iterable[metadata.Distribution], lock: Path) -> dict[str, list[str]]:
    """For each distribution everything it needs, itself included; markers and extras evaluated for this interpreter."""
    known = {normalised(d.metadata["Name"]): d for d in distributions}
    extras: dict[str, set[str]] = {name: set() for name in known}
    for line in lock.read_text().splitlines():
        if found := re.match(r"([A-Za-z0-9._-]+)\[([^]]*)\]==", line):
            extras.setdefault(normalised(found[1]), set()).update(found[2].replace(" ", "").split(","))

    def needs(name: str) -> set[str]:
        wanted = set()
        for text in known[name].requires or []:
            requirement = Requirement(text)
            to = normalised(requirement.name)
            contexts: list[dict[str, str]] = [{"extra": extra} for extra in ("", *sorted(extras[name]))]
            if to in known and (requirement.marker is None or any(requirement.marker.evaluate(c) for c in contexts)):
                extras[to].update(requirement.extras)
                wanted.add(to)
        return wanted

    # Extras spread along dependencies, so the direct needs are computed until nothing changes.
    while True:
        before = {name: set(of) for name, of in extras.items()}
        direct = {name: needs(name) for name in known}
        if extras == before:
            break
    result = {}
    for name in known:
        seen, queue = {name}, [name]
        while queue:
            fresh = direct[queue.pop()] - seen
            seen |= fresh
            queue.extend(fresh)
        result[name] = sorted(seen)
    return result


def strings(values: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{v}"' for v in values) + "]"


def build_file(distributions: list[metadata.Distribution], lock: Path, remote: str) -> str:
    """The text of BUILD.bazel; writes the mains of console scripts on the way.

    Args:
        distributions: what is installed.
        lock: the lock.
        remote: label of the config_setting in which folders are named file by file.
    """
    owned, needed = owned_paths(distributions), closure(distributions, lock)
    exported = sorted({path for paths in owned.values() for path in paths})
    out = [
        '"""Wheels; written by //tools/python/private:install.py."""\n',
        'load("@rules_python//python:defs.bzl", "py_binary", "py_library")\n',
        'package(default_visibility = ["//visibility:public"])\n',
        f"exports_files({strings(f'{SITE}/{path}' for path in exported)})\n",
    ]
    commands: set[str] = set()
    for distribution in distributions:
        name = normalised(distribution.metadata["Name"])
        paths = [f"{SITE}/{path}" for path in owned[name]]
        # Scripts hold the path of this output base's interpreter; entry points take their place.
        importable = [path for path in paths if not path.startswith(f"{SITE}/bin/")]
        modules = [path for path in importable if path.endswith(".py")]
        rest = [path for path in importable if not path.endswith(".py")]
        folders = [path for path in rest if Path(path).is_dir()]
        more = [path for path in rest if path not in folders]
        files = f"glob({strings(f'{folder}/**' for folder in folders)}, allow_empty = True)"
        by_setting = f'select({{"{remote}": {files}, "//conditions:default": {strings(folders)}}})'
        own = f'srcs = {strings(modules)}, data = {strings(more)} + {by_setting}, imports = ["{SITE}"]'
        out.append(
            f'py_library(name = "{name}.own", {own})\n'
            f'py_library(name = "{name}", deps = {strings(f":{n}.own" for n in needed[name])})\n'
            f'filegroup(name = "{name}.files", srcs = {strings(paths)})\n'
        )
        scripts = {e.name: e for e in distribution.entry_points if e.group == "console_scripts"}
        for path in owned[name]:
            command = path.removeprefix("bin/")
            if path.startswith("bin/") and command not in scripts and command not in commands:
                commands.add(command)
                out.append(f'alias(name = "bin/{command}", actual = "{SITE}/{path}")\n')
        for command, entry in sorted(scripts.items()):
            if command in commands:
                continue
            commands.add(command)
            main = Path("entry", f"{command}.py")
            main.parent.mkdir(exist_ok=True)
            first = entry.attr.split(".")[0]
            main.write_text(f"import sys\n\nfrom {entry.module} import {first}\n\nsys.exit({entry.attr}())\n")
            out.append(f'py_binary(name = "bin/{command}", srcs = ["{main}"], main = "{main}", deps = [":{name}"])\n')
    return "\n".join(out)


def settle() -> None:
    """Takes away what differs between two installations of the same wheels: when uv fetched them, and the hashes of the
    scripts that it wrote, which hold a path of this output base. Nobody else would find a result in a shared cache.
    """
    for record in SITE.glob("*.dist-info/RECORD"):
        (record.parent / "uv_cache.json").unlink(missing_ok=True)
        text = record.read_text(encoding="utf-8")
        text = re.sub(r"(?m)^[^,\n]*/uv_cache\.json,[^\n]*\n", "", text)
        text = re.sub(r"(?m)^((?:\.\./)*bin/[^,\n]*),[^\n]*$", r"\1,,", text)
        record.unlink()  # it may be a link into uv's cache
        record.write_text(text, encoding="utf-8")


def clean() -> None:
    """Takes away what would mislead Bazel: a package boundary inside a wheel."""
    for name in ("BUILD", "BUILD.bazel", "WORKSPACE", "WORKSPACE.bazel", "MODULE.bazel"):
        for path in SITE.rglob(name):
            if path.is_file():
                path.unlink()


def compile_all() -> None:
    """Bytecode without timestamps and without absolute paths, so that it is the same, and valid, everywhere.

    Python writes a constant another way when the same process holds it a second time, from a file before: so each of a
    fixed number of processes gets its files by a rule, and in order, whatever the machine and whoever is faster.
    """
    files = sorted(str(path) for path in SITE.rglob("*.py"))
    command = [sys.executable, "-B", "-s", __file__, "--compile-these"]
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    parts = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, text=True, encoding="utf-8", env={**theirs, "PYTHONHASHSEED": "0"}
        )
        for _ in range(PROCESSES)
    ]
    for number, part in enumerate(parts):
        assert part.stdin is not None
        part.stdin.write("\n".join(files[number::PROCESSES]))
        part.stdin.close()
    if any(part.wait() for part in parts):
        sys.exit("wheels: bytecode could not be compiled; see above")


def compile_these(files: Iterable[str]) -> None:
    """What is no Python of this version (templates, tests of parsers) is passed over, as compileall does."""
    for file in files:
        compileall.compile_file(file, quiet=2, stripdir=".", invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)


def main() -> None:
    if sys.argv[1:] == ["--compile-these"]:
        compile_these(sys.stdin.read().splitlines())
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--uv", type=Path, required=True)
    parser.add_argument("--lock", type=Path, required=True)
    parser.add_argument("--lock-name", required=True, help="the lock as people know it, for messages")
    parser.add_argument("--remote", required=True, help="label of the setting in which folders are named file by file")
    parser.add_argument("--compile", action="store_true")
    args = parser.parse_args()

    problem = install(args.uv, args.lock)
    if problem:
        sys.exit(explain(problem, args.lock, args.lock_name))
    shutil.rmtree(SITE / "__pycache__", ignore_errors=True)
    clean()
    settle()
    if args.compile:
        compile_all()
    distributions = sorted(metadata.distributions(path=[str(SITE)]), key=lambda d: normalised(d.metadata["Name"]))
    Path("BUILD.bazel").write_text(build_file(distributions, args.lock, args.remote))


if __name__ == "__main__":
    main()
