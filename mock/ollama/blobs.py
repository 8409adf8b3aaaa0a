"""Files that clients upload by their SHA-256 (bridge_tinyllm_ollama.md C1). Sizes are kept, contents are not."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator

from mock.ollama import refusal
from mock.ollama.library import Layer

_DIGEST = re.compile(r"sha256[:-][0-9a-fA-F]{64}")


def check(digest: str) -> str:
    """In the usual form. Raises Refusal 400."""
    if not _DIGEST.fullmatch(digest):
        raise refusal.native(400, "invalid digest format")
    return "sha256:" + digest[7:].lower()


class Blobs:
    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}

    def find(self, digest: str) -> Layer | None:
        size = self._sizes.get(check(digest))
        return None if size is None else Layer(check(digest), size)

    async def put(self, digest: str, pieces: AsyncIterator[bytes]) -> None:
        """Raises Refusal 400 where the content is another one."""
        sha, size = hashlib.sha256(), 0
        async for piece in pieces:
            sha.update(piece)
            size += len(piece)
        self._keep(digest, sha.hexdigest(), size)

    def put_whole(self, digest: str, data: bytes) -> None:
        """As `put`."""
        self._keep(digest, hashlib.sha256(data).hexdigest(), len(data))

    def _keep(self, digest: str, found: str, size: int) -> None:
        real = f"sha256:{found}"
        if check(digest) != real:
            text = f"digest mismatch, expected {refusal.quoted(digest)}, got {refusal.quoted(real)}"
            raise refusal.native(400, text)
        self._sizes[real] = size
