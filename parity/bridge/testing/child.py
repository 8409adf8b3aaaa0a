"""A child process for tests, polite or not: `child.py [FAULT]`. A body is an id, a blank, and what to do.

Words that it knows: `sleep SECONDS`; `crash STATUS`; `silent` gives no answer, `twice` two, `other` one for an id that
nobody used, `noise` a body that is no answer, `text` text that is no frame, `long` a header of 4 GiB, `half` half a
frame, `close` closes stdout, `flood BYTES` fills stderr first, `orphan` starts a process that would outlive it and says
its pid. All others are said back.

FAULT holds for all its life: it `dies`, is `mute`, is `stubborn` (SIGTERM and the end of its stdin do not move it), is
`tidy` (SIGTERM ends it, after a moment, with status 5), `greets` by saying something first, or is `chatty` and says two
things.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time


def say(body: bytes) -> None:
    write(len(body).to_bytes(4, "big") + body)


def write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


def read(size: int) -> bytes:
    data = sys.stdin.buffer.read(size)
    return data if len(data) == size else b""


def do(number: bytes, words: list[bytes]) -> None:
    match words:
        case [b"sleep", seconds]:
            time.sleep(float(seconds))
        case [b"crash", status]:
            print("about to crash", file=sys.stderr, flush=True)
            os._exit(int(status))
        case [b"silent"]:
            return
        case [b"twice"]:
            say(number + b" twice")
        case [b"other"]:
            number = b"999"
        case [b"noise"]:
            say(b"!")
            return
        case [b"text"]:
            write(b"print left in\n")
        case [b"long"]:
            write(b"\xff\xff\xff\xff")
        case [b"half"]:
            write(b"\0\0\0\7abc")
            os._exit(0)
        case [b"close"]:
            os.close(1)
            time.sleep(3600)
        case [b"flood", size]:
            sys.stderr.write("x" * int(size))
            sys.stderr.flush()
        case [b"orphan"]:
            orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
            words = [b"%d" % orphan.pid]
    say(number + b" " + b" ".join(words))


def tidy_up(*_: object) -> None:
    time.sleep(0.2)
    os._exit(5)


def main(fault: str) -> None:
    if fault == "dies":
        sys.exit("no such module")
    if fault == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if fault == "tidy":
        signal.signal(signal.SIGTERM, tidy_up)
    for _ in range({"greets": 1, "chatty": 2}.get(fault, 0)):
        say(b"0 hello")
    while header := read(4):
        number, *words = read(int.from_bytes(header, "big")).split(b" ")
        if fault != "mute":
            do(number, words)
    while fault in ("stubborn", "tidy"):
        time.sleep(3600)


if __name__ == "__main__":
    main(*sys.argv[1:] or [""])
