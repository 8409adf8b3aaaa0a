"""Whose fault a failed request was. Source: tinker.md sections 2.2 and 3.8; seed 000 section 3.1."""

from __future__ import annotations

from tinker.v1.future_wire import RequestErrorCategory

from parity.reference.dialect import Dialect

_BY_NAME: dict[str, RequestErrorCategory] = {"unknown": "unknown", "server": "server", "user": "user"}
_CLIENT_RETRIED = frozenset({408, 410, 429})


def parse(text: str, dialect: Dialect) -> RequestErrorCategory:
    """Anything else is unknown."""
    return _BY_NAME.get(text.lower() if dialect.folds_category else text, "unknown")


def retryable(category: RequestErrorCategory, status: int | None) -> bool:
    """Whether it makes sense to ask again: not where the user is to blame, by category or by status."""
    if category == "user":
        return False
    return status is None or not 400 <= status < 500 or status in _CLIENT_RETRIED
