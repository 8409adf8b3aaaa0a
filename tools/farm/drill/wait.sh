#!/usr/bin/env bash
# One shard of the drill: waits, and so needs no core. A network of its own: each shard binds the same port.
set -euo pipefail
touch "${TEST_SHARD_STATUS_FILE:-/dev/null}"
python3 -c 'import socket, time; s = socket.socket(); s.bind(("127.0.0.1", 8000)); time.sleep(4)'
