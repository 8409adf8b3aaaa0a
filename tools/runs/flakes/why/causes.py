"""What is changed, one thing at a time, and how: each cause is a few lines of shell before the test begins."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from glob import glob

from tools.runs.flakes.why.bench import AS_EVER, Arm

_BUSY = 8
_WATCH_SECONDS = 0.02
_LOOK = "cat /proc/net/tcp /proc/net/tcp6 2>/dev/null"
# Days on which dates go wrong: a leap day, the last second of a year, the hour that summer time skips in the EU, 2038.
_DAYS = (
    "@2028-02-29T12:00:00",
    "@2026-12-31T23:59:58",
    "@2027-03-28T00:59:58",
    "@2038-01-19T03:14:06",
    "@2027-01-31T23:59:58",
)
# POSIX's own notation needs no data base of zones. West of Greenwich is positive there.
_ZONES = {
    "UTC+14 (Kiritimati)": "UTC-14",
    "UTC-11 (Pago Pago)": "UTC+11",
    "UTC+5:45 (Kathmandu)": "NPT-5:45",
    "New York with summer time": "EST5EDT,M3.2.0,M11.1.0",
}
_FAKETIME = ("/usr/lib/faketime/libfaketime.so.1", "/usr/local/lib/faketime/libfaketime.so.1")
_FAKED = '[ "$(FAKETIME=@2030-05-05T12:00:00 date +%Y)" = 2030 ]'
_NO_FAKETIME = "libfaketime is not installed (Debian: faketime); --faketime names its file elsewhere"
_LOCALES = ("C", "C.UTF-8", "POSIX", "tr_TR.UTF-8", "de_DE.UTF-8", "ja_JP.UTF-8")


@dataclass(frozen=True, slots=True)
class Varied:
    """A cause that has values; every run has another.

    Attributes:
        name: of the cause.
        words: for a sentence: "`words` decides whether it is red".
        variable: of the environment.
        values: in turn; None for the number of the run.
        also: further lines of shell. names: of values, for people. proof: see Arm.
        needs_cases: asks only something of targets that tell their cases.
    """

    name: str
    words: str
    variable: str
    values: tuple[str, ...] | None = None
    also: str = ""
    proof: str = ""
    names: Mapping[str, str] | None = None
    needs_cases: bool = False

    def each(self) -> Arm:
        """A value for each run."""
        if self.values is None:
            value = "$TEST_RUN_NUMBER"
        else:
            list_ = " ".join(self.values)
            value = f'$(echo "{list_}" | cut -d " " -f $((1 + (TEST_RUN_NUMBER - 1) % {len(self.values)})))'
        return Arm(f"{self.name}: another for each run", self._shell(value), proof=self.proof)

    def always(self, value: str) -> Arm:
        """One value for all runs."""
        return Arm(f"{self.name}: always {self.say(value)}", self._shell(value), proof=self.proof)

    def value(self, run: int) -> str:
        """What the run of that number had."""
        return str(run) if self.values is None else self.values[(run - 1) % len(self.values)]

    def say(self, value: str) -> str:
        return (self.names or {}).get(value, value)

    def _shell(self, value: str) -> str:
        # The value is read before AS_EVER takes the number away.
        return f"samewire={value}; {AS_EVER}; export {self.variable}=$samewire{self.also}"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A cause that is there or not."""

    name: str
    words: str
    arm: Arm


@dataclass(frozen=True, slots=True)
class Skipped:
    """A cause that cannot be looked at here."""

    name: str
    reason: str


Cause = Varied | Fixed | Skipped

CAUSES = ("order", "alone", "seed", "hash", "zone", "locale", "cpu", "port", "clock", "network")

ORDER = Varied("order", "the order of the cases", "TEST_ORDER_SEED", needs_cases=True)
SEED = Varied("seed", "TEST_RANDOM_SEED", "TEST_RANDOM_SEED")
HASH = Varied("hash", "Python's hash seed (the order of sets)", "PYTHONHASHSEED")
ZONE = Varied(
    "zone",
    "the time zone",
    "TZ",
    tuple(_ZONES.values()),
    names={value: name for name, value in _ZONES.items()},
)
# The test shares one core with others that never rest; they end with it, or after ten minutes.
CPU = Fixed(
    "cpu",
    "a busy machine",
    Arm(
        f"cpu: one core, shared with {_BUSY} busy loops",
        f"{AS_EVER}; taskset -cp $(taskset -cp $$ | sed 's/.*: *//; s/[-,].*//') $$ >/dev/null; "
        + "".join(f"timeout 600 sh -c 'while :; do :; done' & samewire{n}=$!; " for n in range(_BUSY)).rstrip("; "),
        proof='[ "$(nproc)" = 1 ]',
        after=f"kill {' '.join(f'$samewire{n}' for n in range(_BUSY))} 2>/dev/null",
        flags=("--local_test_jobs=1",),
    ),
)
# Two looks a frame; what listens for less was never needed by anybody.
WATCH = Arm(
    "port: watching which ones it listens on",
    # Without a sandbox others listen too: what was there before is not the test's.
    f'{AS_EVER}; samewire1="$TEST_UNDECLARED_OUTPUTS_DIR/samewire-ports"; {_LOOK} > "$samewire1-before"; '
    f'(while :; do {_LOOK}; sleep {_WATCH_SECONDS}; done) > "$samewire1" & samewire0=$!',
    after="kill $samewire0",
)


def taken(ports: list[int]) -> Arm:
    """These ports have another listener before the test begins."""
    listener = (
        "import socket,sys,time\n"
        "held=[]\n"
        "for port in sys.argv[2:]:\n"
        "    held.append(socket.socket()); held[-1].bind((str(),int(port))); held[-1].listen()\n"
        "open(sys.argv[1],chr(119)).close()\n"
        "time.sleep(3600)\n"
    )
    held = '"$TEST_UNDECLARED_OUTPUTS_DIR/samewire-held"'
    return Arm(
        f"port: {', '.join(map(str, ports))} taken by another",
        f'{AS_EVER}; python3 -c "{listener}" {held} {" ".join(map(str, ports))} & samewire0=$!; '
        f"until [ -e {held} ] || ! kill -0 $samewire0; do sleep 0.02; done",
        after="kill $samewire0 2>/dev/null",
        proof=f"[ -e {held} ]",
    )


def locales() -> Cause:
    """Those that this machine has."""
    here = {name.casefold().replace("-", "") for name in _installed_locales()}
    found = tuple(name for name in _LOCALES if name.casefold().replace("-", "") in here)
    if len(found) < 2:
        return Skipped("locale", "this machine has one locale only")
    return Varied("locale", "the locale", "LC_ALL", found)


def clock(library: str = "") -> Cause:
    """By libfaketime: the file that is named, or where it is installed."""
    places = [library] if library else [*glob("/usr/lib/*/faketime/libfaketime.so.1"), *_FAKETIME]
    library = next((place for place in places if os.path.exists(place)), "")
    if not library:
        return Skipped("clock", f"there is no {places[0]}" if len(places) == 1 else _NO_FAKETIME)
    also = f"; export FAKETIME_FMT=%Y-%m-%dT%H:%M:%S FAKETIME_DONT_FAKE_MONOTONIC=1 LD_PRELOAD={library}"
    return Varied("clock", "the date and the time of day", "FAKETIME", _DAYS, also=also, proof=_FAKED)


def cpu() -> Cause:
    """One core for the test, where Linux lets us choose."""
    return CPU if shutil.which("taskset") and shutil.which("timeout") else Skipped("cpu", "there is no taskset here")


def _installed_locales() -> list[str]:
    import subprocess

    try:
        said = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False, timeout=20)
    except OSError:
        return []
    return [*said.stdout.split(), "C", "POSIX"]
