import asyncio
import gc

import pytest
from samewire.mock.v1.match_wire import Match

from mock.engine.answer import Answer
from mock.engine.journal import watch as module
from mock.engine.journal.journal import Journal
from mock.engine.journal.testing import CLOCK, apis, exchange, request
from mock.engine.journal.watch import Watch
from mock.engine.stubs.matcher import Matcher


async def ready(watch: Watch) -> list[tuple[int, str]]:
    """What comes without waiting."""
    found: list[tuple[int, str]] = []
    while True:
        coming = asyncio.ensure_future(anext(watch))
        await asyncio.sleep(0.005)
        if not coming.done():
            coming.cancel()
            return found
        found.append((coming.result().seq, coming.result().ended))


async def test_entries_come_from_a_place_on_and_then_as_they_come() -> None:
    journal = Journal()
    for _ in range(3):
        exchange(journal)
    from_one, to_come = journal.watch(1), journal.watch()
    assert [seq for seq, _ in await ready(from_one)] == [2, 3]
    assert await ready(to_come) == []
    coming = asyncio.ensure_future(anext(to_come))
    await asyncio.sleep(0)
    exchange(journal)
    assert (await coming).seq == 4
    assert [seq for seq, _ in await ready(from_one)] == [4]
    await to_come.aclose()
    await from_one.aclose()
    assert not journal.watched


async def test_an_open_entry_comes_again_when_it_is_over() -> None:
    journal = Journal()
    watch = journal.watch()
    record = journal.open(request(), CLOCK)
    exchange(journal)
    assert await ready(watch) == [(1, "open"), (2, "complete")]
    record.answered(Answer(200))
    record.close("client gone")
    assert await ready(watch) == [(1, "client gone")]


async def test_a_slow_reader_misses_and_is_told_and_costs_nothing() -> None:
    journal = Journal(20_000)
    watch = journal.watch()
    exchange(journal)
    assert (await anext(watch)).seq == 1
    for _ in range(500):
        exchange(journal)
    first = journal.evicted + 1
    assert (await anext(watch)).seq == first
    assert watch.missed == first - 2
    assert journal.bytes <= 22_000


async def test_only_what_matches() -> None:
    journal = Journal()
    watch = journal.watch(0, Matcher(Match(path="/a"), apis()))
    for path in ("/a", "/b", "/a"):
        exchange(journal, request("GET", path))
    assert [seq for seq, _ in await ready(watch)] == [1, 3]


async def test_after_a_reset_it_goes_on_from_1() -> None:
    journal = Journal()
    exchange(journal)
    watch = journal.watch()
    journal.clear()
    exchange(journal)
    assert [seq for seq, _ in await ready(watch)] == [1]


async def test_a_watch_that_is_dropped_is_forgotten() -> None:
    journal = Journal()
    watch = journal.watch()
    assert journal.watched
    del watch
    gc.collect()
    assert not journal.watched


async def test_the_ends_that_are_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_OPEN", 20)
    journal = Journal()
    watch = journal.watch()
    records = [journal.open(request(), CLOCK) for _ in range(module._OPEN + 5)]
    for _ in records:
        await anext(watch)
    assert watch.missed == 5
    for record in records:
        record.close()
    ends = [await anext(watch) for _ in range(module._OPEN)]
    assert ends[0].seq == 6
    assert await ready(watch) == []
