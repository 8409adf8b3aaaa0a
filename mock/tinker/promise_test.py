import asyncio

from tinker.v1.model_wire import CreateModelResponse

from mock.engine.clock import Clock
from mock.tinker import promise
from mock.tinker.promise import Failed, Promises, Result

RESULT = Result(lambda: CreateModelResponse(model_id="m"))


def test_waiting_ends_with_the_outcome_or_the_time() -> None:
    async def run() -> None:
        clock = Clock(0.0)
        promises = Promises(clock)
        made = promises.make("create_model")
        waiting = asyncio.ensure_future(made.wait(clock, 30))
        while not clock.waiting:
            await asyncio.sleep(0)
        await clock.advance(31)
        assert await waiting is False
        waiting = asyncio.ensure_future(made.wait(clock, 30))
        await asyncio.sleep(0)
        promises.settle(made, RESULT)
        assert await waiting is True
        promises.settle(made, Failed("too late"))
        assert made.failed is None

    asyncio.run(run())


def test_expired_ones_are_forgotten_but_known() -> None:
    async def run() -> None:
        clock = Clock(0.0)
        promises = Promises(clock)
        made = promises.make("create_model", key="k")
        await clock.advance(9999)
        assert promises.find(made.id) is made  # not done, not forgotten
        promises.settle(made, RESULT)
        await clock.advance(3599)
        assert promises.repeated("k") is made
        await clock.advance(2)
        assert promises.find(made.id) is None
        assert promises.repeated("k") is None
        assert [promises.known(each) for each in (made.id, "req-2", "req-0", "req-x", "other")] == [
            True, False, False, False, False,
        ]  # fmt: skip

    asyncio.run(run())


def test_memory_stays_flat() -> None:
    promises = Promises(Clock(0.0))
    for number in range(promise._KEEP_DONE + promise._KEEP_KEYS):
        made = promises.make("asample", key=str(number))
        promises.settle(made, RESULT)
        if number % 2:
            promises.fetched(made)
    assert len(promises) <= promise._KEEP_DONE
    assert len(promises._by_key) == promise._KEEP_KEYS
    fetched = [each for each in promises._done.values() if each.fetched]
    assert len(fetched) == promise._KEEP_FETCHED
    assert promises.find(made.id) is made
