"""Inputs that actions had, kept in the history's database: table `input` and what it names, migration 0002.

Bounded: of every action the newest few, each manifest and each folder once, compressed.
"""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from tools.runs.history.database import Database
from tools.runs.inputs.action import Action
from tools.runs.inputs.manifest import Manifest

KEPT_OF_A_TEST = 5
KEPT_OF_OTHERS = 2
# Actions that are not seen any more go when there are this many; some four kilobytes each.
MOST_ACTIONS = 20_000


class Store:
    """What is known of earlier inputs. Every method raises HistoryError when the database can't."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._folders: dict[str, dict[str, str]] = {}

    def previous(self, action: Action) -> Manifest | None:
        """What this action had when it was last seen; None when it never was, or too long ago."""
        sql = "SELECT manifest FROM input WHERE action = ? ORDER BY seen DESC LIMIT 1"
        found = self._database.one(sql, (_identity(action.name),))
        return self._manifest(bytes(found[0])) if found else None

    def kept(self, label: str, shard: int = 0) -> list[tuple[float, Manifest]]:
        """When, and with what, a test last ran, newest first; other inputs each time. Of all its configurations."""
        sql = "SELECT seen, manifest FROM input WHERE label = ? AND shard = ? ORDER BY seen DESC"
        return [(seen, self._manifest(bytes(key))) for seen, key in self._database.rows(sql, (label, shard))]

    def remember(self, spawns: Iterable[Action], now: float) -> None:
        """Keeps what they had, all of it or nothing. `now`: seconds since 1970; a clock that went back is held up."""
        latest = {action.name: action for action in spawns}
        with self._database.writing():
            found = self._database.one("SELECT max(seen) FROM input")
            if found and found[0] is not None:
                now = max(now, math.nextafter(found[0], math.inf))
            for action in latest.values():
                self._remember(action, now)
            self._forget()

    def _remember(self, action: Action, now: float) -> None:
        database, manifest = self._database, action.manifest
        identity, key = _identity(action.name), bytes.fromhex(manifest.key)
        if database.one("SELECT 1 FROM input_manifest WHERE digest = ?", (key,)) is None:
            content = _pack([
                manifest.arguments,
                manifest.deciding_environment,
                dict(manifest.platform),
                dict(manifest.files),
            ])  # fmt: skip
            database.execute("INSERT INTO input_manifest (digest, content) VALUES (?, ?)", (key, content))
            for folder in {digest for path, digest in manifest.files.items() if path.endswith("/")}:
                inside = manifest.folders.get(folder)
                if inside is not None:
                    self._remember_folder(key, bytes.fromhex(folder), dict(inside))
        label = action.label if action.test else ""
        database.execute(
            "INSERT INTO input (action, manifest, label, shard, seen) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (action, manifest) DO UPDATE SET seen = excluded.seen",
            (identity, key, label, action.shard, now),
        )
        sql = "SELECT manifest FROM input WHERE action = ? ORDER BY seen DESC"
        rows = list(database.rows(sql, (identity,)))
        for (old,) in rows[KEPT_OF_A_TEST if action.test else KEPT_OF_OTHERS :]:
            database.execute("DELETE FROM input WHERE action = ? AND manifest = ?", (identity, old))

    def _remember_folder(self, key: bytes, folder: bytes, inside: dict[str, str]) -> None:
        if self._database.one("SELECT 1 FROM input_folder WHERE digest = ?", (folder,)) is None:
            content = _pack(inside)
            self._database.execute("INSERT INTO input_folder (digest, content) VALUES (?, ?)", (folder, content))
        self._database.execute("INSERT INTO input_part (manifest, folder) VALUES (?, ?)", (key, folder))

    def _forget(self) -> None:
        """Actions over the limit, then manifests and folders that nothing names any more."""
        found = self._database.one("SELECT count(*) FROM input")
        over = int(found[0]) - MOST_ACTIONS if found else 0
        if over > 0:
            sql = "SELECT action, manifest FROM input ORDER BY seen, action LIMIT ?"
            rows = list(self._database.rows(sql, (over,)))
            self._database.many("DELETE FROM input WHERE action = ? AND manifest = ?", rows)
        for sql in (
            "DELETE FROM input_manifest WHERE digest NOT IN (SELECT manifest FROM input)",
            "DELETE FROM input_part WHERE manifest NOT IN (SELECT digest FROM input_manifest)",
            "DELETE FROM input_folder WHERE digest NOT IN (SELECT folder FROM input_part)",
        ):
            self._database.execute(sql)

    def _manifest(self, key: bytes) -> Manifest:
        database = self._database
        found = database.one("SELECT content FROM input_manifest WHERE digest = ?", (key,))
        arguments, environment, platform, files = _unpack(found[0]) if found else ([], {}, {}, {})
        sql = "SELECT digest, content FROM input_part JOIN input_folder ON digest = folder WHERE manifest = ?"
        for digest, content in _new(database.rows(sql, (key,)), self._folders):
            self._folders[digest] = _unpack(content)
        return Manifest(tuple(arguments), environment, platform, files, self._folders)


def _new(rows: Iterator[tuple[Any, ...]], known: dict[str, dict[str, str]]) -> Iterator[tuple[str, bytes]]:
    for digest, content in rows:
        if (name := bytes(digest).hex()) not in known:
            yield name, content


def _identity(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:16]


def _pack(data: Any) -> bytes:
    return zlib.compress(json.dumps(data, separators=(",", ":")).encode())


def _unpack(data: bytes) -> Any:
    return json.loads(zlib.decompress(data))
