"""Inputs of actions as the log tells them: sets of sets, shared between actions; each is looked at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bazel.log.spawn_pb2 import ExecLogEntry

# Of each file's digest so many hexadecimal digits are kept: 96 bits tell files apart, and a history stays small.
DIGITS = 24


class Graph:
    """Entries by id. Paths are below the execution root; those of folders end in `/`.

    Attributes:
        folders: digest of a folder → relative path → digest of each file in it.
    """

    def __init__(self) -> None:
        self.folders: dict[str, Mapping[str, str]] = {}
        self._leaves: dict[int, tuple[str, str]] = {}
        self._sets: dict[int, tuple[list[int], list[int]]] = {}
        self._runfiles: dict[int, ExecLogEntry.RunfilesTree] = {}
        self._links: dict[int, tuple[list[int], dict[str, int]]] = {}

    def add(self, entry: ExecLogEntry) -> None:
        """Takes up what other entries may refer to."""
        match entry.WhichOneof("type"):
            case "file":
                self._leaves[entry.id] = (entry.file.path, entry.file.digest.hash[:DIGITS])
            case "directory":
                self._leaves[entry.id] = (entry.directory.path + "/", self._folder(entry.directory))
            case "unresolved_symlink":
                self._leaves[entry.id] = (entry.unresolved_symlink.path, "-> " + entry.unresolved_symlink.target_path)
            case "input_set":
                inputs = entry.input_set
                self._sets[entry.id] = (list(inputs.transitive_set_ids), list(inputs.input_ids))
            case "symlink_entry_set":
                links = entry.symlink_entry_set
                self._links[entry.id] = (list(links.transitive_set_ids), dict(links.direct_entries))
            case "runfiles_tree":
                self._runfiles[entry.id] = entry.runfiles_tree

    def files(self, set_id: int) -> dict[str, str]:
        """Path → digest of everything in a set; 0 is the empty one. What the log does not hold is left out."""
        found: dict[str, str] = {}
        seen: set[int] = set()
        stack = [set_id]
        while stack:
            here = stack.pop()
            if here in seen or here not in self._sets:
                continue
            seen.add(here)
            below, inputs = self._sets[here]
            stack += below
            for ident in inputs:
                if ident in self._leaves:
                    path, digest = self._leaves[ident]
                    found[path] = digest
                elif ident in self._runfiles and ident not in seen:
                    seen.add(ident)
                    tree = self._runfiles[ident]
                    stack.append(tree.input_set_id)
                    self._placed(tree, found)
        return found

    def path(self, ident: int) -> str:
        """Path of one file or folder, empty when the log does not hold it."""
        return self._leaves.get(ident, ("", ""))[0]

    def _placed(self, tree: ExecLogEntry.RunfilesTree, found: dict[str, str]) -> None:
        """What of a runfiles tree has a place of its own: links, empty files, the mapping of repositories."""
        for first in (tree.symlinks_id, tree.root_symlinks_id):
            seen: set[int] = set()
            stack = [first]
            while stack:
                here = stack.pop()
                if here in seen or here not in self._links:
                    continue
                seen.add(here)
                below, direct = self._links[here]
                stack += below
                for relative, ident in direct.items():
                    if ident in self._leaves:
                        path, digest = self._leaves[ident]
                        found[path] = digest
                        found[f"{tree.path}/{relative}"] = f"-> {path}"
        for relative in tree.empty_files:
            found[f"{tree.path}/{relative}"] = ""
        if tree.HasField("repo_mapping_manifest"):
            found[f"{tree.path}/_repo_mapping"] = tree.repo_mapping_manifest.digest.hash[:DIGITS]

    def _folder(self, folder: ExecLogEntry.Directory) -> str:
        files = {file.path: file.digest.hash[:DIGITS] for file in folder.files}
        name = digest(f"{path}\0{hashed}" for path, hashed in sorted(files.items()))
        self.folders.setdefault(name, files)
        return name


def digest(lines: Iterable[str]) -> str:
    """Names a list of texts: 32 hexadecimal digits."""
    hashed = hashlib.sha256()
    for line in lines:
        data = line.encode("utf-8", "surrogatepass")
        hashed.update(len(data).to_bytes(8, "big"))
        hashed.update(data)
    return hashed.hexdigest()[:32]
