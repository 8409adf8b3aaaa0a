from __future__ import annotations

import pytest

from parity.reference import category, errors
from parity.reference.dialect import NEW, OLD, TINKEX
from parity.reference.errors import RequestFailed, StatusError, ValidationError


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "bad_request"), (401, "authentication"), (402, "status"), (403, "permission_denied"), (404, "not_found"),
     (409, "conflict"), (410, "status"), (422, "unprocessable"), (429, "rate_limit"), (503, "server")],
)  # fmt: skip
def test_kind(status: int, kind: str) -> None:
    assert errors.kind(status, OLD) == kind


def test_billing() -> None:
    assert errors.kind(402, NEW) == "billing"


@pytest.mark.parametrize(
    ("body", "text"),
    [('{"detail":"x"}', "Error code: 404 - {'detail': 'x'}"), (" gone ", "gone"), ("", "Error code: 404")],
)
def test_message(body: str, text: str) -> None:
    assert str(StatusError(404, body, {}, OLD)) == text


def test_retryable() -> None:
    assert RequestFailed("", "r", "server").retryable and not RequestFailed("", "r", "user").retryable
    assert not ValidationError("").retryable
    assert [category.retryable("unknown", status) for status in (None, 404, 408, 410, 429, 503)] == [
        True,
        False,
        True,
        True,
        True,
        True,
    ]


def test_category() -> None:
    assert (category.parse("User", OLD), category.parse("USER", TINKEX), category.parse("odd", OLD)) == (
        "unknown",
        "user",
        "unknown",
    )
