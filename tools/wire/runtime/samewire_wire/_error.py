"""The one error that readers and writers raise on bad data."""

from __future__ import annotations


class WireError(ValueError):
    """Data that is not what the definition says.

    `path`: where in the JSON, `$.prompt.chunks[0].tokens`; `message`: full name of the message that was read or
    written;
    `owner` and `field`: the message and field (names in the .proto) that the path leads to, "" where there is none;
    `reason`: what is wrong. `str()` is one line.
    """

    def __init__(self, message: str, path: str, reason: str, *, owner: str = "", field: str = "") -> None:
        self.message = message
        self.path = path
        self.reason = " ".join(reason.split())
        self.owner = owner
        self.field = field
        about = f" (field {field} of {owner})" if field else f" ({owner})" if owner and owner != message else ""
        super().__init__(f"{message} at {path}: {self.reason}{about}")

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (self.message, self.path, self.reason, self.owner, self.field)


def _restore(message: str, path: str, reason: str, owner: str, field: str) -> WireError:
    return WireError(message, path, reason, owner=owner, field=field)
