from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from parity.reference import pages
from parity.reference.dialect import NEW, OLD
from parity.reference.path import PathError
from parity.reference.rest import RestClient

Connect = Callable[..., Any]
PATH = "tinker://run/sampler_weights/a"


def asked(service: Any, work: Callable[[RestClient], Any]) -> Any:
    async def run() -> Any:
        return await work(service.rest())

    return asyncio.run(run())


def test_pages(connect: Connect, server: Any) -> None:
    server.on("training_runs", {"training_runs": [], "cursor": {"offset": 0, "limit": 5, "total_count": 0}})
    asked(connect(OLD), lambda rest: rest.list_training_runs(5, 10))
    asked(connect(NEW), lambda rest: rest.list_training_runs())
    assert [str(request.url.query, "ascii") for request in server.requests] == [
        "limit=5&offset=10",
        "limit=20&offset=0&access_scope=owned",
    ]


@pytest.mark.parametrize(
    ("name", "method", "end"),
    [("publish", "POST", "/publish"), ("unpublish", "DELETE", "/publish"), ("delete", "DELETE", "")],
)
def test_checkpoint_spans_two_segments(connect: Connect, server: Any, name: str, method: str, end: str) -> None:
    server.on(f"training_runs/run/checkpoints/sampler_weights/a{end}", httpx.Response(204))
    asked(connect(), lambda rest: getattr(rest, f"{name}_checkpoint")(PATH))
    (request,) = server.requests
    assert (request.method, request.content) == (method, b"")


def test_archive(connect: Connect, server: Any) -> None:
    said = {"location": "http://archive/x", "expires": "Wed, 26 Nov 2025 12:00:00 GMT"}
    server.on("training_runs/run/checkpoints/sampler_weights/a/archive", httpx.Response(302, headers=said))
    found = asked(connect(), lambda rest: rest.get_checkpoint_archive_url(PATH))
    assert (found.url, str(found.expires)) == ("http://archive/x", "2025-11-26T12:00:00Z")
    assert server.requests[0].headers["accept"] == "application/gzip"


def test_bad_path(connect: Connect, server: Any) -> None:
    with pytest.raises(PathError, match="sampler_weights"):
        asked(connect(), lambda rest: rest.delete_checkpoint("tinker://run/a"))
    assert server.requests == []


@pytest.mark.parametrize(
    ("limit", "total", "requests"),
    [
        (20, 5, [(20, 0)]),
        (250, 1000, [(100, 0), (100, 100), (50, 200)]),
        (0, 150, [(100, 0), (50, 100)]),
        (0, 0, [(100, 0)]),
        (100, 100, [(100, 0)]),
    ],
)
def test_collect(limit: int, total: int, requests: list[tuple[int, int]]) -> None:
    made: list[tuple[int, int]] = []

    async def fetch(count: int, offset: int) -> tuple[list[int], int]:
        made.append((count, offset))
        return list(range(offset, min(offset + count, total))), total

    items, _ = asyncio.run(pages.collect(fetch, limit, 100))
    assert made == requests
    assert items == list(range(min(limit, total) if limit else total))


def test_collect_ends_at_a_short_page() -> None:
    pages_of = {0: [1] * 10, 10: [2] * 3}

    async def fetch(count: int, offset: int) -> tuple[list[int], int]:
        return pages_of[offset][:count], 50

    items, total = asyncio.run(pages.collect(fetch, 0, 10))
    assert (len(items), total) == (13, 50)
