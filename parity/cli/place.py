"""Where what was built with the command stands: testees, cases, lists, the corpus."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """`root`: the folder that holds this repository's files, in the runfiles or in a checkout. Paths in variables
    are below it."""

    root: Path

    @classmethod
    def here(cls) -> Place:
        return cls(Path(__file__).absolute().parents[2] if "RUNFILES_DIR" not in os.environ else cls._runfiles())

    @staticmethod
    def _runfiles() -> Path:
        return Path(os.environ["RUNFILES_DIR"]).absolute() / "_main"

    @property
    def cases(self) -> Path:
        return self.root / "parity" / "cases"

    @property
    def known(self) -> Path:
        return self.root / "parity" / "known"

    @property
    def contract(self) -> Path:
        return self.root / "parity" / "contract" / "cases"

    @property
    def mutant(self) -> Path:
        """The reference client that takes the name of a fault."""
        return self.root / os.environ.get("SAMEWIRE_MUTANT", "parity/mutants/testee")

    @property
    def manifest(self) -> Path:
        return self.root / "parity" / "manifest" / "tinker.yaml"

    @property
    def testees(self) -> Path:
        return self.root / os.environ.get("SAMEWIRE_TESTEES", "parity/testees/testees.json")

    @property
    def fixtures(self) -> Path:
        return self.root / os.environ.get("SAMEWIRE_FIXTURES", "proto/fixtures_dir")
