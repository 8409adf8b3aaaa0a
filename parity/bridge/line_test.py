from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from parity.bridge.line import Line, Waiter
from parity.bridge.sessions import Session

SESSION: Session[str] = Session("s", 0, 0)

# Who joins (pinned to a worker or not), who leaves, and for which worker the next is asked.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("join"), st.sampled_from([None, "x", "y"])),
        st.tuples(st.just("leave"), st.integers(0, 20)),
        st.tuples(st.just("next"), st.sampled_from(["x", "y", "z"])),
        st.tuples(st.just("back"), st.sampled_from(["x", "y", "z"])),
        st.tuples(st.just("gone"), st.sampled_from(["x", "y"])),
    ),
    max_size=40,
)


@given(STEPS)
def test_the_next_is_always_who_came_first_of_those_it_suits(steps: list[tuple[str, object]]) -> None:
    """Against a plain list that is searched."""

    async def story() -> None:
        line: Line[str] = Line()
        model: list[Waiter[str]] = []
        for step, what in steps:
            if step == "join":
                model.append(line.join(SESSION, what))  # type: ignore[arg-type]
            elif step == "leave" and model:
                leaver = model.pop(what % len(model))  # type: ignore[operator]
                line.leave(leaver)
                line.leave(leaver)
            elif step == "gone":
                line.release(str(what))
            elif step in ("next", "back"):
                wanted = next((it for it in model if it.pinned in (None, what)), None)
                found = line.next(str(what))
                assert found is wanted
                if found is not None and step == "next":
                    model.remove(found)
                elif found is not None:
                    line.pin(found, "x")
            assert len(line) == len(model)
            assert line.for_any == sum(it.pinned is None for it in model)
        assert line.dismiss() == model
        assert (len(line), line.for_any, line.dismiss()) == (0, 0, [])

    asyncio.run(story())


def test_who_was_cancelled_is_passed_over_before_it_has_left() -> None:
    async def story() -> None:
        line: Line[str] = Line()
        first, second = line.join(None, None), line.join(None, None)
        first.worker.cancel()
        assert line.next("x") is second
        line.leave(first)
        assert len(line) == 0

    asyncio.run(story())


def test_those_without_a_session_want_only_the_worker_that_is_gone() -> None:
    async def story() -> None:
        line: Line[str] = Line()
        other, bereft, session = line.join(None, "y"), line.join(None, "x"), line.join(SESSION, "x")
        assert line.release("x") == [bereft]
        assert (len(line), line.for_any) == (2, 1)
        assert line.next("z") is session
        assert line.next("z") is None
        assert line.next("y") is other

    asyncio.run(story())


def test_who_wanted_one_that_is_gone_keeps_its_place() -> None:
    async def story() -> None:
        line: Line[str] = Line()
        first, second, third = line.join(SESSION, "x"), line.join(SESSION, None), line.join(SESSION, "x")
        assert line.release("x") == []
        assert [line.next("y") for _ in range(3)] == [first, second, third]

    asyncio.run(story())


def test_only_those_who_take_any_are_dismissed_when_asked_so() -> None:
    async def story() -> None:
        line: Line[str] = Line()
        line.join(None, "x")
        any_one = line.join(None, None)
        assert line.dismiss(pinned=False) == [any_one]
        assert len(line) == 1

    asyncio.run(story())
