"""tinker:// paths of checkpoints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["weights", "sampler_weights", "external_weights"]
KINDS: tuple[Kind, ...] = ("weights", "sampler_weights", "external_weights")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class BadPath(ValueError):
    """Not a path or a name of a checkpoint."""


@dataclass(frozen=True, slots=True)
class CheckpointPath:
    """tinker://RUN/KIND/NAME"""

    run: str
    kind: Kind
    name: str

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}"

    def __str__(self) -> str:
        return f"tinker://{self.run}/{self.kind}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> CheckpointPath:
        """Raises BadPath."""
        scheme, slashes, rest = text.partition("://")
        parts = rest.split("/")
        if scheme != "tinker" or not slashes or len(parts) != 3 or not all(parts):
            raise BadPath(f"Invalid checkpoint path: {text!r}; it must look like tinker://run-id/weights/0001")
        return cls.of(parts[0], f"{parts[1]}/{parts[2]}")

    @classmethod
    def of(cls, run: str, checkpoint_id: str) -> CheckpointPath:
        """Raises BadPath."""
        kind, _, name = checkpoint_id.partition("/")
        for each in KINDS:
            if kind == each:
                return cls(run, each, check_name(name))
        raise BadPath(f"Invalid checkpoint id: {checkpoint_id!r}; it begins with {', '.join(KINDS)}")


def check_name(name: str) -> str:
    """Raises BadPath."""
    if not _NAME.fullmatch(name):
        raise BadPath(
            f"Invalid checkpoint name: {name!r}; it has up to 128 letters, digits, '.', '_', '-', no sign first"
        )
    return name
