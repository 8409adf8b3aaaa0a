"""Every test is an island: the sandbox is really Bazel's linux-sandbox, and no packet leaves it.

Bazel falls back to weaker sandboxes without a word; this is the test that would be red then.
"""

import errno
import os
import socket
import struct
import unittest
from pathlib import Path


class Island(unittest.TestCase):
    def test_linux_sandbox(self) -> None:
        self.assertEqual(
            Path("/proc/1/comm").read_text().strip(), "linux-sandbox", "process 1 of the test's PID namespace"
        )

    def test_no_route(self) -> None:
        self.assertEqual(Path("/proc/net/route").read_text().splitlines()[1:], [])

    def test_nothing_reaches_out(self) -> None:
        somewhere = socket.inet_ntoa(struct.pack("!I", 0xC0000201))  # TEST-NET-1, RFC 5737: nobody lives there
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.settimeout(3)
            with self.assertRaises(OSError) as refused:
                sock.connect((somewhere, 80))
        self.assertEqual(refused.exception.errno, errno.ENETUNREACH)

    def test_loopback_works_on_any_port(self) -> None:
        with (
            socket.create_server(("127.0.0.1", 8000)) as server,
            socket.create_connection(("127.0.0.1", 8000)) as client,
        ):
            connection, _ = server.accept()
            client.sendall(b"ping")
            self.assertEqual(connection.recv(4), b"ping")
            connection.close()

    def test_only_its_own_folders_can_be_written(self) -> None:
        Path(os.environ["TEST_TMPDIR"], "mine").write_text("")
        with self.assertRaises(OSError) as refused:
            Path("/etc/samewire-was-here").write_text("")
        self.assertIn(refused.exception.errno, (errno.EROFS, errno.EACCES, errno.EPERM))


if __name__ == "__main__":
    unittest.main()
