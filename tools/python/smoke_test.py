"""Wheels with and without binaries import in a sandboxed test, from one folder, with bytecode that was made before."""

import importlib.util
import sys
import unittest
from pathlib import Path


class Wheels(unittest.TestCase):
    def test_import(self) -> None:
        for name in ("grpc", "httpx", "pydantic", "pytest"):
            with self.subTest(name):
                self.assertIsNotNone(importlib.import_module(name))

    def test_what_is_not_declared_is_not_there(self) -> None:
        self.assertIsNone(importlib.util.find_spec("hypothesis"), "not among this test's deps")

    def test_one_folder(self) -> None:
        folders = [path for path in sys.path if path.endswith("site-packages") and "pypi" in path]
        self.assertEqual(len(folders), 1, folders)

    def test_bytecode_was_made_before(self) -> None:
        import pydantic.main

        cached = pydantic.main.__cached__
        self.assertTrue(cached and Path(cached).exists(), cached)
        # Flags 1: a hash instead of a timestamp, never checked (PEP 552).
        self.assertEqual(Path(cached).read_bytes()[4:8], b"\x01\x00\x00\x00")


if __name__ == "__main__":
    unittest.main()
