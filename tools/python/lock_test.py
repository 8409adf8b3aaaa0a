"""Every set: its lock answers its .in, every entry has hashes, and nothing names a package index."""

import re
import unittest
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FOLDER = Path(__file__).parent


def wanted(text: str) -> list[Requirement]:
    return [Requirement(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def locked(text: str) -> list[tuple[Requirement, list[str]]]:
    entries = re.split(r"\n(?=\S)", text.strip())
    return [(Requirement(entry.split("\\")[0]), re.findall(r"--hash=sha256:[0-9a-f]{64}", entry)) for entry in entries]


class Locks(unittest.TestCase):
    def test_sets(self) -> None:
        names = sorted(path.stem for path in FOLDER.glob("*.in"))
        self.assertIn("requirements", names)
        for name in names:
            with self.subTest(name):
                text = (FOLDER / f"{name}.txt").read_text()
                entries = locked(text)
                versions = {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r, _ in entries}
                for requirement in wanted((FOLDER / f"{name}.in").read_text()):
                    version = versions.get(canonicalize_name(requirement.name))
                    self.assertIsNotNone(version, f"{name}.in has {requirement}, {name}.txt not: ./samewire deps lock")
                    self.assertIn(version, requirement.specifier, f"{requirement}: ./samewire deps lock {name}")
                for requirement, hashes in entries:
                    self.assertTrue(hashes, f"{name}.txt: {requirement.name} has no hash")
                self.assertNotIn("://", text, f"{name}.txt names a package index")


if __name__ == "__main__":
    unittest.main()
