from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from perf.mock import usage
from perf.mock.server import Running, Server

PROGRAM = """
import os, sys, subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = str(sorted(os.sched_getaffinity(0))).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_a_server_runs_on_its_core_and_ends(tmp_path: Path) -> None:
    ours = os.sched_getaffinity(0)
    core = min(ours)
    server = Server("plain", lambda port, _: [sys.executable, "-c", PROGRAM, str(port)])
    running = Running(server, tmp_path / "one", core)
    try:
        assert os.sched_getaffinity(0) == ours
        assert 0 < running.first_s < 60
        used = running.usage()
        assert used.cpu > 0
        assert used.memory > 1 << 20
    finally:
        running.stop()
    with pytest.raises(ProcessLookupError):
        running.usage()


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    server = Server("broken", lambda *_: [sys.executable, "-c", "raise SystemExit('no such port')"])
    with pytest.raises(RuntimeError, match=r"broken: the server ended.*no such port"):
        Running(server, tmp_path, min(os.sched_getaffinity(0)))


def test_usage_counts_children() -> None:
    child = "import time\\nuntil = time.process_time() + 0.2\\nwhile time.process_time() < until: pass\\ntime.sleep(60)"
    program = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', '{child}'])"
    with subprocess.Popen([sys.executable, "-c", program], start_new_session=True) as process:
        try:
            until = time.monotonic() + 30
            while usage.tree(process.pid).cpu < 0.2 and time.monotonic() < until:
                time.sleep(0.02)
            assert usage.tree(process.pid).cpu >= 0.2
        finally:
            os.killpg(process.pid, 9)
