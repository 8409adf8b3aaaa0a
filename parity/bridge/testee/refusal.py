"""What a call of the bridge refuses."""

from __future__ import annotations


class Refusal(Exception):
    """`kind`: one of docs/cases.md."""

    def __init__(self, kind: str, reason: str = "") -> None:
        super().__init__(reason or kind)
        self.kind = kind
