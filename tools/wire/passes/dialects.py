"""Which dialects a package has, and which of them a thing with `only` is in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tools.wire.descriptors.tree import FileDecl, MessageDecl, Tree
from tools.wire.findings import Findings
from tools.wire.ir import DEFAULT, PROTOJSON, Dialect, Source, WhenUnset

NAMELESS = Dialect(name=DEFAULT, unset=WhenUnset.OMIT, write_null=True, write_literals=True, source="")
# What the rules of the built-in dialect would be; nothing of it shows, since ProtoJSON has neither null nor literals.
CANONICAL = Dialect(name=PROTOJSON, unset=WhenUnset.OMIT, write_null=False, write_literals=True, source="")


@dataclass(frozen=True, slots=True)
class Dialects:
    """The declared dialects by package; a package without any has NAMELESS."""

    by_package: dict[str, tuple[Dialect, ...]]

    def of(self, file: FileDecl) -> tuple[Dialect, ...]:
        return self.by_package[file.package]

    def names(self, file: FileDecl) -> tuple[str, ...]:
        return tuple(dialect.name for dialect in self.of(file))

    def inside(self, file: FileDecl, dialect: str) -> str | None:
        """The dialect that speaks for `file` when a message of another package is read in `dialect`.

        The same name where the package has it, "default" where it declares none, else None.
        """
        names = self.names(file)
        if dialect == PROTOJSON or dialect in names:
            return dialect
        return DEFAULT if names == (DEFAULT,) else None

    def having(self, message: MessageDecl) -> tuple[Dialect, ...]:
        """The dialects that have a message."""
        only = message.rule.only if message.rule else ()
        return tuple(dialect for dialect in self.of(message.file) if not only or dialect.name in only)


def collect(tree: Tree, findings: Findings) -> Dialects:
    """Finds each package's dialects; names that are taken, malformed, declared twice or in two files are findings."""
    by_package: dict[str, tuple[Dialect, ...]] = {}
    home: dict[str, FileDecl] = {}
    for file in tree.files.values():
        declared = file.rules.dialects
        if not declared:
            continue
        if file.package in home:
            other = home[file.package].name
            findings.add(
                file.dialect_source(0),
                "",
                f"package {file.package} has its dialects in {other} already",
                f"declare all dialects of a package in one file and import {other} here",
            )
            continue
        home[file.package] = file
        by_package[file.package] = declared
        _check_names(file, findings)
    for file in tree.files.values():
        by_package.setdefault(file.package, (NAMELESS,))
        declares = home.get(file.package)
        if declares and file is not declares and declares.name not in _imports(tree, file):
            findings.add(
                Source(file.name, 0),
                "",
                f"package {file.package} has its dialects in {declares.name}, which this file does not import",
                f'import public "{declares.name}"',
            )
    return Dialects(by_package)


def _check_names(file: FileDecl, findings: Findings) -> None:
    seen: set[str] = set()
    for index, dialect in enumerate(file.rules.dialects):
        at = file.dialect_source(index)
        if dialect.name in (DEFAULT, PROTOJSON):
            findings.add(at, "", f'the dialect name "{dialect.name}" is taken by the generator', "give it another name")
        elif not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", dialect.name):
            findings.add(
                at, "", f'"{dialect.name}" is no dialect name', "use lower case letters, digits, dots and hyphens"
            )
        if dialect.name in seen:
            findings.add(at, "", f'the dialect "{dialect.name}" is declared twice', "remove one of the two")
        seen.add(dialect.name)


def _imports(tree: Tree, file: FileDecl) -> set[str]:
    """The files that `file` imports, directly or not."""
    seen: set[str] = set()
    todo: list[str] = list(file.proto.dependency)
    while todo:
        name = todo.pop()
        if name not in seen and name in tree.files:
            seen.add(name)
            todo.extend(tree.files[name].proto.dependency)
    return seen


def check_known(
    names: Iterable[str], known: tuple[str, ...], at: Source, where: str, option: str, findings: Findings
) -> None:
    """A finding for each name that is none of the package's dialects, or that stands twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            findings.add(at, where, f'`{option}` names the dialect "{name}" twice', "remove one of the two")
        seen.add(name)
        if known == (DEFAULT,):
            findings.add(
                at,
                where,
                f'`{option}` names the dialect "{name}", but the package declares none',
                "declare it with option (wire.v1.dialects), or remove the rule",
            )
        elif name not in known:
            findings.add(at, where, f'`{option}` names the unknown dialect "{name}"', f"use one of: {', '.join(known)}")
