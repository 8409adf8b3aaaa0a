"""What a command says to people when it cannot do what it was asked. Source: tinker.md section 3.11."""

from __future__ import annotations

from parity.reference.config import BadKeyError, NoKeyError
from parity.reference.errors import ConnectionFailed, Kind, StatusError, TimedOut
from parity.reference.path import PathError

FORM = "Checkpoint path must be in the format: tinker://run-id/weights/0001"
_TITLES: dict[Kind, tuple[str, str]] = {
    "bad_request": ("Invalid request", ""),
    "authentication": ("Authentication failed", "Please check your API key or authentication credentials."),
    "billing": ("Billing issue", ""),
    "permission_denied": ("Permission denied", "You don't have permission to access this resource."),
    "not_found": ("Resource not found", ""),
    "unprocessable": ("Invalid data provided", ""),
    "rate_limit": ("Rate limit exceeded", "Please wait a moment before trying again."),
    "server": (
        "Internal server error",
        "The Tinker API encountered an internal error. Please try again later.",
    ),
}


class Complaint(Exception):
    """`details`: further lines, or ""."""

    def __init__(self, message: str, details: str = "") -> None:
        self.details = details
        super().__init__(message)


def of(error: Exception) -> Complaint:
    """Of whatever a command can meet."""
    match error:
        case Complaint():
            return error
        case StatusError():
            title, hint = _TITLES.get(error.kind, (f"API error (status {error.status})", ""))
        case TimedOut():
            title, hint = "Request timeout", "The request to Tinker API timed out. Please try again."
        case ConnectionFailed():
            title = "Connection failed"
            hint = "Could not connect to the Tinker API. Please check your network connection."
        case NoKeyError() | BadKeyError():
            return Complaint(f"Configuration error: {error}", "Please check your Tinker API credentials.")
        case PathError():
            return Complaint(f"Invalid checkpoint path: {error}", FORM)
        case _:
            return Complaint(f"Unexpected error occurred: {error}")
    return Complaint(title, "\n".join(line for line in (hint, f"Details: {error}") if line))
