import asyncio
from time import monotonic

import orjson
import pytest
from samewire.mock.v1.journal_wire import Verdict, Verification

from mock.engine.journal.journal import Journal
from mock.engine.journal.testing import apis, exchange, request
from mock.engine.stubs.error import StubError


async def verify(journal: Journal, **said: object) -> Verdict:
    verdict = await journal.verify(Verification.from_wire(orjson.dumps(said)), apis())
    assert verdict.ok == (verdict.problem == "")
    return verdict


def chat(journal: Journal, *prompts: str) -> None:
    for prompt in prompts:
        exchange(journal, request("POST", "/v1/chat", orjson.dumps({"prompt": prompt, "stream": True})))


CHAT = {"rpc": "shop.v1.ShopService/Chat"}


def prompted(text: str) -> dict[str, object]:
    return {**CHAT, "body": [{"path": "$.prompt", "equals": text}]}


@pytest.mark.parametrize(
    ("said", "ok", "problem"),
    [
        ({}, True, ""),
        ({"request": CHAT}, True, ""),
        ({"request": {"path": "/x"}}, False, "wanted at least 1, but none came"),
        ({"request": CHAT, "count": {"min": 3}}, True, ""),
        ({"request": CHAT, "count": {"min": 4}}, False, "wanted at least 4, but 3 came"),
        ({"request": CHAT, "count": {"max": 3}}, True, ""),
        ({"request": CHAT, "count": {"max": 2}}, False, "wanted at most 2, but 3 came: entries 1, 2, 3"),
        ({"request": CHAT, "count": {"min": 3, "max": 3}}, True, ""),
        ({"request": CHAT, "count": {"min": 2, "max": 2}}, False, "wanted 2, but 3 came: entries 1, 2, 3"),
        ({"request": CHAT, "count": {"min": 5, "max": 6}}, False, "wanted 5 to 6, but 3 came"),
        ({"request": CHAT, "never": True}, False, "wanted none, but 3 came: entries 1, 2, 3"),
        ({"request": {"path": "/x"}, "never": True}, True, ""),
        ({"request": CHAT, "count": {"min": 1, "max": 1}, "after": 2}, True, ""),
        ({"request": CHAT, "never": True, "after": 3}, True, ""),
        ({"order": [prompted("a"), prompted("c")]}, True, ""),
        ({"order": [prompted("a"), prompted("b"), prompted("c")]}, True, ""),
        ({"order": [prompted("c"), prompted("a")]}, False, "order[1] of 2 did not come after entry 3 (order[0])"),
        ({"order": [prompted("x")]}, False, "order[0] of 1 did not come at all"),
        ({"order": [prompted("a"), prompted("a")]}, False, "order[1] of 2 did not come after entry 1 (order[0])"),
        ({"request": {**CHAT, "calls": {"from": 2}}, "count": {"min": 2, "max": 2}}, True, ""),
    ],
)
async def test_verdicts(said: dict[str, object], ok: bool, problem: str) -> None:
    journal = Journal()
    chat(journal, "a", "b", "c")
    verdict = await verify(journal, **said)
    assert (verdict.ok, verdict.problem) == (ok, problem)


async def test_the_nearest_requests_say_all_that_differs() -> None:
    journal = Journal()
    exchange(journal, request("GET", "/health"))
    chat(journal, "b")
    exchange(journal, request("POST", "/v1/chat", b'{"prompt":"a","stream":false}'))
    exchange(journal, request("POST", "/v1/items", b'{"id":"a"}'))
    body = [{"path": "$.prompt", "equals": "a"}, {"path": "$.stream", "equals": True}]
    verdict = await verify(journal, request={**CHAT, "body": body, "headers": {"x-a": {"equals": "1"}}})
    assert [near.entry for near in verdict.near_misses] == [3, 2, 4]
    assert [(each.where, each.got) for each in verdict.near_misses[0].differences] == [
        ("header x-a", "nothing"),
        ("body $.stream", "false"),
    ]
    assert len(verdict.near_misses[2].differences) == 4


async def test_one_that_came_too_early_is_the_nearest() -> None:
    journal = Journal()
    chat(journal, "b", "a")
    verdict = await verify(journal, order=[prompted("a"), prompted("b")])
    nearest = verdict.near_misses[0]
    assert nearest.entry in (1, 2) and nearest.differences
    early = next(near for near in verdict.near_misses if near.entry == 1)
    assert [(each.where, each.wanted, each.got) for each in early.differences] == [
        ("order", "after entry 2", "entry 1")
    ]


async def test_too_many_names_the_last_ones() -> None:
    journal = Journal()
    chat(journal, *"abcdef")
    verdict = await verify(journal, request=CHAT, never=True)
    assert verdict.problem == "wanted none, but 6 came: entries …, 4, 5, 6"
    assert [(near.entry, near.differences) for near in verdict.near_misses] == [(6, []), (5, []), (4, [])]


@pytest.mark.parametrize(
    ("said", "ok"),
    [
        ({"request": CHAT}, True),
        ({"request": CHAT, "count": {"min": 2}}, True),
        ({"request": CHAT, "count": {"min": 500}}, False),
        ({"request": CHAT, "count": {"max": 500}}, False),
        ({"request": {"path": "/x"}, "never": True}, False),
        ({"request": CHAT, "never": True}, False),
        ({"order": [prompted("first")]}, False),
        ({"order": [prompted("late"), prompted("late")]}, True),
        ({"request": {"path": "/x"}, "never": True, "after": 300}, True),
    ],
)
async def test_what_was_evicted_is_never_guessed(said: dict[str, object], ok: bool) -> None:
    journal = Journal(30_000)
    chat(journal, "first", *["late"] * 300)
    assert 1 < journal.evicted < 299
    verdict = await verify(journal, **said)
    assert verdict.ok is ok, verdict.problem
    after = said.get("after", 0)
    assert isinstance(after, int)
    assert verdict.evicted == max(journal.evicted - after, 0)
    if (not ok and said.get("request") != CHAT | {}) or said.get("count") in ({"min": 500}, {"max": 500}):
        assert f"{journal.evicted} entries were evicted unseen" in verdict.problem


async def test_eventually_wakes_when_it_comes() -> None:
    journal = Journal()
    waiting = asyncio.ensure_future(verify(journal, request=CHAT, count={"min": 2}, within_s=20))
    await asyncio.sleep(0.01)
    chat(journal, "a")
    await asyncio.sleep(0.01)
    assert not waiting.done()
    chat(journal, "b")
    begin = monotonic()
    verdict = await waiting
    assert (verdict.ok, verdict.matched) == (True, 2)
    assert monotonic() - begin < 1
    assert not journal.watched


async def test_eventually_gives_up() -> None:
    journal = Journal()
    begin = monotonic()
    verdict = await verify(journal, request=CHAT, within_s=0.05)
    assert not verdict.ok
    assert 0.05 <= monotonic() - begin < 2


async def test_never_is_watched_to_the_end_and_fails_at_once() -> None:
    journal = Journal()
    begin = monotonic()
    assert (await verify(journal, request=CHAT, never=True, within_s=0.05)).ok
    assert monotonic() - begin >= 0.05
    waiting = asyncio.ensure_future(verify(journal, request=CHAT, never=True, within_s=20))
    await asyncio.sleep(0.01)
    chat(journal, "a")
    begin = monotonic()
    assert not (await waiting).ok
    assert monotonic() - begin < 1


async def test_exactly_is_true_as_soon_as_it_is() -> None:
    journal = Journal()
    chat(journal, "a")
    begin = monotonic()
    assert (await verify(journal, request=CHAT, count={"min": 1, "max": 1}, within_s=20)).ok
    assert monotonic() - begin < 1


async def test_what_was_seen_while_waiting_counts_when_it_is_gone() -> None:
    journal = Journal(30_000)
    waiting = asyncio.ensure_future(verify(journal, request=CHAT, count={"min": 200}, within_s=20))
    for _ in range(200):
        chat(journal, "a")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    verdict = await waiting
    assert journal.evicted > 100
    assert (verdict.ok, verdict.matched) == (True, 200)


async def test_a_request_counts_before_it_is_answered() -> None:
    from mock.engine.journal.testing import CLOCK

    journal = Journal()
    journal.open(request("POST", "/v1/chat", b'{"prompt":"a"}'), CLOCK)
    assert (await verify(journal, request=CHAT)).ok


async def test_others_may_work_while_a_large_journal_is_searched() -> None:
    journal = Journal()
    chat(journal, *["a"] * 3000)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(others())
    assert not (await verify(journal, request=prompted("b"))).ok
    task.cancel()
    assert turns >= 20


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"count": {"min": 1}, "never": True}, "count and never are said; a verification has one"),
        ({"never": True, "order": [CHAT]}, "never and order are said"),
        ({"order": [CHAT], "request": CHAT}, "request and order are said"),
        ({"count": {"min": 2, "max": 1}}, "at least 2 and at most 1"),
        ({"count": {}}, "neither min nor max"),
    ],
)
async def test_a_verification_that_makes_no_sense(said: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        await verify(Journal(), **said)


async def test_a_match_that_makes_no_sense_says_where() -> None:
    with pytest.raises(StubError) as error:
        await verify(Journal(), order=[CHAT, {"rpc": "shop.v1.ShopService/Chatt"}])
    assert error.value.path == "$.order[1].rpc"
