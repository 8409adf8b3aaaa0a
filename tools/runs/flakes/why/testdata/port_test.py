"""Wants one port and no other."""

import socket
import time


def test_server() -> None:
    with socket.create_server(("127.0.0.1", 8123)):
        time.sleep(0.1)
