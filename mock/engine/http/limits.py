"""How much a client may send before it is refused, and how long it may be silent."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes. `head`: request line and headers, or trailers, or what stands between two pieces of a body. `body`: the
    whole body, None for no limit. `whole`: bodies up to it come as `request.body`, longer ones as `request.incoming`.
    `waiting`: of `request.incoming`, before reading pauses.

    `idle_s` (HTTP/1.1): seconds that may pass without a byte while it is the client's turn, None for any number. Then
    the connection is closed; one that stopped within a request is told so first (status 408).
    """

    head: int = 64 * 1024
    body: int | None = 4096 * MEBIBYTE
    whole: int = MEBIBYTE
    waiting: int = MEBIBYTE
    idle_s: float | None = 300.0


LIMITS = Limits()
