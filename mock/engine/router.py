"""From HTTP method and path to a method of the definitions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

from mock.engine.api import Method, Route

_CACHE = 4096  # paths with variables that are remembered
Found = tuple[Method, Route, dict[str, str]]


class Router:
    """Paths without variables come first, then longer templates before shorter ones: "x/{id}/y" is not an {id} of
    "x".
    """

    def __init__(self, methods: Sequence[Method]) -> None:
        self._literal: dict[tuple[str, str], Found] = {}
        self._templates: list[tuple[str, re.Pattern[str], Method, Route]] = []
        for method in methods:
            for route in method.routes:
                if route.fields or "*" in route.path:
                    self._templates.append((route.verb, re.compile(route.match), method, route))
                else:
                    self._literal.setdefault((route.verb, route.path), (method, route, {}))
        self._templates.sort(key=lambda each: -len(each[3].path.split("/")))
        self._seen: dict[tuple[str, str], Found | None] = {}

    def find(self, verb: str, path: str) -> Found | None:
        """The values of variables are percent-decoded, their slashes kept as they came."""
        found = self._literal.get((verb, path))
        if found is not None:
            return found
        key = (verb, path)
        if key in self._seen:
            return self._seen[key]
        if len(self._seen) >= _CACHE:
            self._seen.clear()
        self._seen[key] = found = self._match(verb, path)
        return found

    def verbs(self, path: str) -> list[str]:
        """The HTTP methods that the path has."""
        literal = {verb for verb, each in self._literal if each == path}
        return sorted(literal | {verb for verb, pattern, _, _ in self._templates if pattern.match(path)})

    def _match(self, verb: str, path: str) -> Found | None:
        for each, pattern, method, route in self._templates:
            if each == verb and (match := pattern.match(path)):
                return method, route, dict(zip(route.fields, map(unquote, match.groups()), strict=True))
        return None
