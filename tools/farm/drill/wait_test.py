"""One shard of the drill: waits, and so needs no core. In a network of its own: each shard binds the same port."""

import os
import socket
import time
from pathlib import Path

if place := os.environ.get("TEST_SHARD_STATUS_FILE"):
    Path(place).touch()
with socket.socket() as taken:
    taken.bind(("127.0.0.1", 8000))
    time.sleep(4)
