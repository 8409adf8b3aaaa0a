"""A make-believe machine for the tests of bazelw: a copy of the scripts, a HOME of its own, and a PATH that holds only
what is put there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
# What the scripts may use of a real machine.
TOOLS = """bash basename cat chmod comm cp cut date df dirname du env find flock grep head id kill ls mkdir mktemp
    mv readlink rm sed sha256sum sleep sort tail touch tr true uname xargs""".split()

# Makes the smallest thing that root.sh takes for a Debian; FAKE_DEBOOTSTRAP=slow|broken makes trouble.
DEBOOTSTRAP = """#!/bin/bash
echo debootstrap >>"$FAKE_LOG"
for dir; do [[ $dir == /*root.new ]] && break; done
[[ ! -e $dir/half ]] || { echo "E: $dir is not empty"; exit 1; }
mkdir -p "$dir/half"
[[ ${FAKE_DEBOOTSTRAP:-} != slow ]] || sleep 3
[[ ${FAKE_DEBOOTSTRAP:-} != hang ]] || sleep 60
[[ ${FAKE_DEBOOTSTRAP:-} != broken ]] || { echo "E: Couldn't download dists/forky/main"; exit 1; }
mkdir -p "$dir/etc/bazel" "$dir/var/lib/dpkg"
printf 'startup --x\\nbuild --sandbox_debug\\n' >"$dir/etc/bazel/bazelrc"
printf 'Package: bazel-bootstrap\\nVersion: %s\\n\\n' "${FAKE_VERSION:-7.7.1-1}" >"$dir/var/lib/dpkg/status"
rm -rf "$dir/half"
"""

# Namespaces are not to be had inside a test: runs what follows, and stands in for what would run inside the root.
UNSHARE = """#!/bin/bash
[[ -z ${FAKE_NO_NAMESPACES:-} ]] || { echo "unshare: unshare failed: Operation not permitted" >&2; exit 1; }
while [[ $1 != -- ]]; do shift; done
shift
if [[ " $* " != *" bash "*/enter.sh* ]]; then exec "$@"; fi
while [[ $1 != -- ]]; do shift; done
shift
echo "in root: $*" >>"$FAKE_LOG"
[[ $* == *install.sh* || $* == update-ca-certificates || $* == localedef* ]] || echo "in root: $*"
"""

# apt and dpkg bring Debian's keys where the machine has none.
APT_GET = """#!/bin/bash
touch "${!#}_1_all.deb"
"""
DPKG = """#!/bin/bash
mkdir -p "$3/usr/share/keyrings" && touch "$3/usr/share/keyrings/debian-archive-keyring.gpg"
"""


class Machine:
    """The make-believe machine, in a temporary folder whose name has a space and letters beyond ASCII."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="a machine with ü ", dir=os.environ.get("TEST_TMPDIR")))
        self.clone = self.folder / "clöne"
        self.cache = self.folder / "cache"
        self.toolbox = self.cache / "samewire" / "toolbox"
        self.log = self.folder / "log"
        self.log.touch()
        shutil.copytree(REPOSITORY / "tools" / "toolbox", self.clone / "tools" / "toolbox")
        for name in ("bazelw", ".bazelversion"):
            shutil.copy(REPOSITORY / name, self.clone / name)
        (self.clone / "MODULE.bazel").touch()
        (self.folder / "bin").mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            if found:
                (self.folder / "bin" / tool).symlink_to(found)
        self.env = {
            "PATH": str(self.folder / "bin"),
            "HOME": str(self.folder),
            "XDG_CACHE_HOME": str(self.cache),
            "FAKE_LOG": str(self.log),
        }

    def debian(self) -> None:
        """Gives the machine what a private root is made with."""
        for name, text in (("debootstrap", DEBOOTSTRAP), ("unshare", UNSHARE), ("apt-get", APT_GET), ("dpkg", DPKG)):
            self.program(name, text)

    def program(self, name: str, text: str) -> None:
        """Puts a program on PATH."""
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def start(self, *args: str, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", str(self.clone / "bazelw"), *args],
            env=self.env | env,
            cwd=self.clone,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def bazelw(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*args, **env)
        out, err = process.communicate(timeout=50)
        return subprocess.CompletedProcess(args, process.returncode, out, err)

    def logged(self, word: str) -> list[str]:
        """The lines of what the fake programs were asked to do that hold WORD."""
        return [line for line in self.log.read_text().splitlines() if word in line]
