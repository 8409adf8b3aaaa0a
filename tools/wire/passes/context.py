"""What every check looks at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tools.wire.descriptors.tree import FileDecl, Tree
from tools.wire.findings import Findings
from tools.wire.ir import Source
from tools.wire.passes import dialects as dialects_pass
from tools.wire.passes.dialects import Dialects


@dataclass(frozen=True, slots=True)
class Context:
    """The declarations, their dialects, and where findings go."""

    tree: Tree
    dialects: Dialects
    findings: Findings

    def known(self, names: Iterable[str], file: FileDecl, at: Source, where: str, option: str) -> None:
        """A finding for each name that is no dialect of the file's package, or that stands twice."""
        dialects_pass.check_known(names, self.dialects.names(file), at, where, option, self.findings)

    def only(self, names: tuple[str, ...], file: FileDecl, at: Source, where: str) -> None:
        """As `known`, for `only`, which changes nothing when it lists every dialect."""
        self.known(names, file, at, where, "only")
        every = self.dialects.names(file)
        if names and len(every) > 1 and set(every) <= set(names):
            self.findings.add(at, where, "`only` lists every dialect, which changes nothing", "remove it")

    def per(
        self, entries: Iterable[tuple[str, ...]], there: Iterable[str], file: FileDecl, at: Source, where: str
    ) -> None:
        """Each entry of `per` (given by its dialects) must name dialects that have the thing, and no two the same."""
        there = tuple(there)
        seen: set[str] = set()
        for names in entries:
            if not names:
                self.findings.add(
                    at, where, "an entry of `per` names no dialect", 'say for which: per: {dialects: "…" …}'
                )
            self.known(names, file, at, where, "per")
            for name in names:
                if name in seen:
                    self.findings.add(
                        at, where, f'two entries of `per` speak for the dialect "{name}"', "put them into one"
                    )
                elif name in self.dialects.names(file) and name not in there:
                    self.findings.add(
                        at,
                        where,
                        f'`per` speaks for the dialect "{name}", which `only` leaves out',
                        "add it to `only`, or remove it from `per`",
                    )
            seen.update(names)
