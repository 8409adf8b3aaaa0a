"""One worker: buildbox-casd and buildbox-worker, as a machine of its own. Runs as the first process of new namespaces.

    unshare --mount --net --pid --fork --kill-child -- python3 worker.py --name w1 --scheduler … --store … --folder …

The network namespace has a loopback and nothing else: an action can bind any port, and reach nobody; the servers are
reached through sockets in the file system. When this process ends, by whatever signal, the kernel ends every process of
the namespace: a worker that is killed is gone like a machine that lost its power. With --root it sees that root,
read-only, and of this machine nothing but its own folder and the servers' sockets. Standard library only.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

_IFF_UP, _SIOCSIFFLAGS = 0x1, 0x8914
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC = 1, 32, 4096, 16384
_MNT_DETACH = 2


def loopback_up() -> None:
    """What `ip link set lo up` does (netdevice(7)): a new network namespace has its loopback down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))


def call(name: str, *words: str | int | None) -> None:
    """A function of the C library that returns 0 or sets errno: mount(2), umount2(2), pivot_root(2).

    Raises:
        OSError: it is not allowed.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    values = [
        word.encode() if isinstance(word, str) else None if word is None else ctypes.c_ulong(word) for word in words
    ]
    if getattr(libc, name)(*values) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name} {' '.join(map(str, words))}: {os.strerror(error)}")


def enter(root: Path, places: list[Path], hosts: Path) -> None:
    """Makes `root` the root, read-only, with a /tmp of its own, `places` under their own names, `hosts` as /etc/hosts.

    pivot_root, as enter.sh of the toolbox has it and for its reason: sandboxes nest in it, in a chroot they do not.
    """
    call("mount", str(root), str(root), None, _MS_BIND, None)
    for name in ("dev", "sys"):
        call("mount", f"/{name}", str(root / name), None, _MS_BIND | _MS_REC, None)
    call("mount", "proc", str(root / "proc"), "proc", 0, None)
    for place in places:
        target = root / place.relative_to("/")
        target.mkdir(parents=True, exist_ok=True)
        call("mount", str(place), str(target), None, _MS_BIND, None)
    (root / "etc" / "hosts").touch()
    call("mount", str(hosts), str(root / "etc" / "hosts"), None, _MS_BIND, None)
    (root / ".host").mkdir(exist_ok=True)
    os.chdir(root)
    call("pivot_root", ".", ".host")
    os.chdir("/")
    call("umount2", "/.host", _MNT_DETACH)
    for own in ("/tmp", "/var/tmp", "/run"):
        call("mount", "tmpfs", own, "tmpfs", 0, "mode=1777")
    call("mount", None, "/", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY, None)


def run(name: str, scheduler: str, store: str, folder: Path, runner: str, properties: list[str]) -> int:
    """Starts both programs and waits for either to end; returns an exit code that is never 0."""
    cache = f"unix:{folder / 'casd.sock'}"
    # A worker has no home; it knows no more of the machine than an action is told.
    env = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/nonexistent",
        "TMPDIR": str(folder / "tmp"),
        "LC_ALL": "C.UTF-8",
    }
    (folder / "tmp").mkdir(exist_ok=True)
    programs = [
        subprocess.Popen(
            ["buildbox-casd", f"--cas-remote={store}", f"--ac-remote={store}", f"--bind={cache}", "--quota-high=8G",
             "--log-level=warning", str(folder / "casd")],
            env=env,
        )
    ]  # fmt: skip
    end = time.monotonic() + 30
    while not (folder / "casd.sock").exists():
        if programs[0].poll() is not None or time.monotonic() > end:
            print(f"{name}: buildbox-casd did not come up", file=sys.stderr)
            return 1
        time.sleep(0.05)
    programs.append(
        subprocess.Popen(
            ["buildbox-worker", f"--bots-remote={scheduler}", f"--cas-remote={cache}", f"--buildbox-run={runner}",
             "--concurrent-jobs=1", "--max-wait-time=3", *[f"--platform={each}" for each in properties], name],
            env=env,
        )
    )  # fmt: skip
    ended = watch({programs[0].pid: "buildbox-casd", programs[1].pid: "buildbox-worker"})
    print(f"{name}: {ended}", file=sys.stderr)
    return 1


def watch(mine: dict[int, str]) -> str:
    """Waits until one of our programs, by process id, has ended; says which, and how.

    The first process of a namespace is the parent of every orphan: actions leave some, which are reaped and no more.
    """
    while True:
        pid, status = os.wait()
        if pid in mine:
            return f"{mine[pid]} ended with {os.waitstatus_to_exitcode(status)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--name", required=True)
    parser.add_argument("--scheduler", required=True, help="its address, unix:PATH")
    parser.add_argument("--store", required=True, help="address of the cache, unix:PATH beside the scheduler's")
    parser.add_argument("--folder", type=Path, required=True, help="the worker's own")
    parser.add_argument("--runner", default="/usr/bin/buildbox-run-hosttools")
    parser.add_argument("--property", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--root", type=Path, help="what it sees instead of this machine's files")
    args = parser.parse_args()
    # As the first process of its namespace it would not be ended by a signal that it has not asked for.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    loopback_up()
    if args.root:
        hosts = args.folder / "hosts"
        hosts.write_text("127.0.0.1 localhost\n::1 localhost\n", encoding="utf-8")
        enter(args.root, [args.folder, Path(args.scheduler.removeprefix("unix:")).parent], hosts)
    return run(args.name, args.scheduler, args.store, args.folder, args.runner, args.property)


if __name__ == "__main__":
    sys.exit(main())
