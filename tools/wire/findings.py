"""What is wrong with a .proto, said to the person who wrote it: one line per finding, all findings at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tools.wire.ir import Source


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong.

    `file` as protoc was given it; `line` 1-based, 0 where it is not known; `where` the full name of the thing ("" for
    the file); `message` says what is wrong, `way_out` what to do about it; both without their last full stop.
    """

    file: str
    line: int
    where: str
    message: str
    way_out: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = f"{self.where}: " if self.where else ""
        return f"{place}: {where}{self.message}." + (f" Way out: {self.way_out}." if self.way_out else "")


class WireError(ValueError):
    """The definitions are not good. `str()` gives one line per finding, in the order of files and lines."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(str(finding) for finding in self.findings))


class Findings:
    """Collects findings while the passes run, so that one run shows all of them."""

    def __init__(self) -> None:
        self._found: list[Finding] = []

    def add(self, source: Source, where: str, message: str, way_out: str) -> None:
        self._found.append(Finding(source.file, source.line, where, message, way_out))

    def __bool__(self) -> bool:
        return bool(self._found)

    def raise_if_any(self) -> None:
        """Raises WireError when there are findings."""
        if self._found:
            raise WireError(self._found)
