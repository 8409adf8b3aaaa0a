"""Errors as Ollama words them (bridge_tinyllm_ollama.md C3, C6)."""

from __future__ import annotations

from typing import Literal

from ollama.openai.v1 import errors_wire as openai
from ollama.v1.errors_wire import ErrorResponse

from mock.engine.backend import Refusal

_TYPES: dict[int, Literal["invalid_request_error", "not_found_error"]] = {
    400: "invalid_request_error",
    404: "not_found_error",
}


def native(status: int, text: str) -> Refusal:
    return Refusal(status, ErrorResponse(error=text), message=text)


def compatible(status: int, text: str) -> Refusal:
    """In the form of the OpenAI-compatible API."""
    error = openai.Error(message=text, type=_TYPES.get(status, "api_error"), param=None, code=None)
    return Refusal(status, openai.ErrorResponse(error=error), message=text)


def made_compatible(refusal: Refusal) -> Refusal:
    """What the native API refused, as /v1 tells it; text stays text."""
    if isinstance(refusal.body, ErrorResponse):
        return compatible(refusal.status, refusal.body.error)
    return refusal


def quoted(text: str) -> str:
    """As Go's %q."""
    from json import dumps

    return dumps(text, ensure_ascii=False)


def not_found(name: str) -> Refusal:
    return native(404, f"model '{name}' not found")


def try_pulling(name: str) -> Refusal:
    return native(404, f"model {quoted(name)} not found, try pulling it first")


def invalid_name() -> Refusal:
    return native(400, "invalid model name")


def required() -> Refusal:
    return native(400, "model is required")


BUSY = "server busy, please try again.  maximum pending requests exceeded"
TOO_LONG = "the input length exceeds the context length"
