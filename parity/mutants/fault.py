"""A planted fault: a module of the reference client with one piece of its text changed as it is imported."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

REFERENCE = "parity.reference."


class StaleFault(LookupError):
    """The text that a fault changes does not stand in its module, or not once."""


@dataclass(frozen=True)
class Fault:
    """`old` stands once in the module REFERENCE + `module`; `features`: where cases must notice that it is `new`."""

    name: str
    module: str
    old: str
    new: str
    features: tuple[str, ...]

    def apply(self, text: str) -> str:
        """Raises StaleFault."""
        if (count := text.count(self.old)) != 1:
            raise StaleFault(f"{self.name}: {self.old!r} stands {count} times in {REFERENCE}{self.module}, not once")
        return text.replace(self.old, self.new)

    def plant(self) -> None:
        """From now on, in this process. Raises StaleFault, ImportError; ValueError once the client is imported."""
        full = REFERENCE + self.module
        if full in sys.modules:
            raise ValueError(f"{self.name}: {full} is imported already")
        spec = importlib.util.find_spec(full)
        if spec is None or not isinstance(spec.loader, importlib.abc.InspectLoader):
            raise ImportError(f"{self.name}: there is no {full}")
        text = spec.loader.get_source(full)
        if text is None or spec.origin is None:
            raise ImportError(f"{self.name}: {full} has no text")
        loader = _Changed(full, self.apply(text), spec.origin)
        sys.meta_path.insert(0, _Finder(importlib.machinery.ModuleSpec(full, loader, origin=spec.origin)))


class _Changed(importlib.abc.InspectLoader):
    def __init__(self, name: str, text: str, origin: str) -> None:
        self._name = name
        self._text = text
        self._origin = origin

    def get_source(self, fullname: str) -> str:
        return self._text

    def exec_module(self, module: ModuleType) -> None:
        exec(self.source_to_code(self._text, self._origin), module.__dict__)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, spec: importlib.machinery.ModuleSpec) -> None:
        self._spec = spec

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return self._spec if fullname == self._spec.name else None
