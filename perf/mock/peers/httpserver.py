"""The endpoint on pytest-httpserver, which compares the whole body: `httpserver.py PORT REQUEST REPLY`."""

from __future__ import annotations

import json
import sys
import threading

from pytest_httpserver import HTTPServer

if __name__ == "__main__":
    port, request, reply = sys.argv[1:]
    server = HTTPServer(host="127.0.0.1", port=int(port))
    server.expect_request("/v1/chat", method="POST", json=json.loads(request)).respond_with_json(json.loads(reply))
    server.start()
    threading.Event().wait()
