"""What goes wrong between a test and its mock, each told in a line or with what came nearest."""

from __future__ import annotations

from mock.client.shapes import Verdict
from mock.client.text import verdict_text


class MockError(Exception):
    """The mock refuses: `status` (HTTP), `reason`, and `path` (JSON path of what is wrong, "" where there is none)."""

    def __init__(self, what: str, status: int, reason: str, path: str = "") -> None:
        super().__init__(f"{what}: {path + ': ' if path else ''}{reason} (status {status})")
        self.status = status
        self.reason = reason
        self.path = path


class MockUnreachable(MockError, ConnectionError):
    """Nobody answers there; `status` is 0."""

    def __init__(self, what: str, reason: str) -> None:
        super(MockError, self).__init__(f"{what}: {reason}")
        self.status, self.reason, self.path = 0, reason, ""


class VerificationFailed(AssertionError):
    """`verdict`: what the mock said."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict_text(verdict))
        self.verdict = verdict
