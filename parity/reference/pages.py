"""Listings by limit and offset. Source: tinker.md sections 3.11 and 3.12."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
Fetch = Callable[[int, int], Awaitable[tuple[list[T], int]]]
"""(limit, offset) → items, and how many there are in all."""


async def collect(fetch: Fetch[T], limit: int, batch: int) -> tuple[list[T], int]:
    """Items up to `limit` (0: all), asked for in batches, and how many there are in all."""
    items, total = await fetch(min(batch, limit) if limit > 0 else batch, 0)
    wanted = min(limit, total) if limit > 0 else total
    while len(items) < wanted:
        asked = min(batch, wanted - len(items))
        page, _ = await fetch(asked, len(items))
        items = [*items, *page]
        if len(page) < asked:
            break
    return items, total
