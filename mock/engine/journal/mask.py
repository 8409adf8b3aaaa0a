"""Credentials in headers, hidden in files that leave the journal (HAR, cases, stubs)."""

from __future__ import annotations

MASK = "***"
_SECRET = {"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie", "set-cookie"}
_SCHEMES = {"bearer", "basic", "digest", "token"}


def secret(name: str) -> bool:
    return name.lower() in _SECRET or "token" in name.lower()


def masked(name: str, value: str) -> str:
    """The value, or what is shown instead of it: a scheme such as Bearer stays."""
    if not secret(name):
        return value
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space and scheme.lower() in _SCHEMES else MASK
