"""tinker://RUN/KIND/NAME: where weights are. Source: tinker.md section 2.5."""

from __future__ import annotations

from dataclasses import dataclass

from parity.reference.dialect import Dialect

_SCHEME = "tinker://"


class PathError(ValueError):
    """No path of weights."""


@dataclass(frozen=True)
class TinkerPath:
    run: str
    kind: str
    name: str

    @property
    def checkpoint_id(self) -> str:
        """As in the routes of REST: two segments."""
        return f"{self.kind}/{self.name}"

    def __str__(self) -> str:
        return f"{_SCHEME}{self.run}/{self.checkpoint_id}"


def parse(text: str, dialect: Dialect) -> TinkerPath:
    """Raises PathError."""
    parts = text.removeprefix(_SCHEME).split("/") if text.startswith(_SCHEME) else []
    if len(parts) != 3 or not all(parts) or parts[1] not in dialect.path_kinds:
        kinds = " or ".join(dialect.path_kinds)
        raise PathError(f"{text!r} is no path of weights: {_SCHEME}RUN/KIND/NAME, where KIND is {kinds}")
    return TinkerPath(*parts)
