"""Errors as this API says them: {"detail": …}, never without a body."""

from __future__ import annotations

from collections.abc import Mapping

from tinker.v1.server_wire import ErrorResponse

from mock.engine.backend import Refusal


def refusal(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Refusal:
    return Refusal(status, ErrorResponse(detail=detail), headers, message=detail)


def unknown(what: str, name: str) -> Refusal:
    return refusal(404, f"{what} not found: {name}")
