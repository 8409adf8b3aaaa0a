"""A request while it is looked at: what several conditions need is read once."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, Final
from urllib.parse import parse_qsl

from mock.engine.request import Request


class _Nothing(Enum):
    NOTHING = "nothing"


# What a path selects where there is nothing; JSON has no such value.
NOTHING: Final = _Nothing.NOTHING
_UNREAD: Any = object()


class View:
    """Lives as long as one request is looked at; a body that is no JSON is not read again for each stub."""

    __slots__ = ("_json", "_query", "request")

    def __init__(self, request: Request) -> None:
        self.request = request
        self._json: Any = _UNREAD
        self._query: dict[str, list[str]] | None = None

    def json(self) -> Any:
        """The body as JSON values; NOTHING where it is no JSON and has no form in it."""
        if self._json is _UNREAD:
            try:
                self._json = self.request.json()
            except (ValueError, LookupError):
                self._json = NOTHING
        return self._json

    def query(self, name: str) -> Sequence[str]:
        """All values of a parameter, percent-decoded."""
        if self._query is None:
            self._query = {}
            for key, value in parse_qsl(self.request.query, keep_blank_values=True):
                self._query.setdefault(key, []).append(value)
        return self._query.get(name, ())

    def header(self, name: bytes) -> Sequence[str]:
        """All values of a header; `name` in lower case."""
        return [text(value) for key, value in self.request.headers if key == name]


def text(value: bytes) -> str:
    """Header values are UTF-8 where they can be (what clients send today), else Latin-1 (RFC 9110 section 5.5)."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
