"""A run while it goes on: a few calm lines on a terminal, one line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from tools.runs.check.state import State

T = TypeVar("T")

PLAIN_SECONDS = 15.0  # between two lines where there is no terminal
REDS = 8
REFRESHES = 4  # a second: each costs time that tests want


def watch(console: Console, work: Callable[[Callable[[State], None]], T]) -> T:
    """Does the work, which is given what to call with its state."""
    if not console.is_terminal:
        return work(Lines(console).show)
    with Live(console=console, refresh_per_second=REFRESHES, transient=True) as live:
        return work(lambda state: live.update(view(state)))


class Lines:
    """Progress for logs: what turns red at once, the rest now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told = 0.0
        self._red: set[str] = set()

    def show(self, state: State) -> None:
        for result in state.red:
            if result.label not in self._red:
                self._red.add(result.label)
                self._say(state, f"red: {result.label} ({result.status.lower()})")
        if state.seconds - self._told >= PLAIN_SECONDS:
            self._told = state.seconds
            self._say(state, counts(state))

    def _say(self, state: State, text: str) -> None:
        self._console.print(f"{state.seconds:6.0f} s  {text}", markup=False, highlight=False, soft_wrap=True)


def view(state: State) -> RenderableType:
    """What is red first, then how far it is, then what takes longest."""
    lines = [Text(f"✗ {result.label} ({result.status.lower()})", style="red") for result in state.red]
    if len(lines) > REDS:
        lines[REDS - 1 :] = [Text(f"✗ and {len(lines) - REDS + 1} more", style="red")]
    lines.append(Text(f"{state.seconds:5.0f} s  {counts(state)}", style="bold"))
    if state.slow:
        lines.append(Text(f"         longest: {state.slow[0]}, {state.slow[1]:.0f} s", style="dim"))
    elif state.total or state.done:
        lines.append(Text(f"         {state.doing}", style="dim"))
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return Group(*lines)


def counts(state: State) -> str:
    """`83 of 120 test targets, 2 red, 40 from cache, about 30 s left`; before the first test what Bazel says."""
    if not state.total and not state.done:
        return state.doing
    total = f" of {state.total:,}" if state.total else ""
    parts = [f"{state.done:,}{total} test targets"]
    if red := len(state.red):
        parts.append(f"{red} red")
    if state.cached:
        parts.append(f"{state.cached:,} from cache")
    if state.running:
        parts.append(f"{state.running} running")
    if state.eta is not None:
        parts.append(f"about {_about(state.eta)} left")
    return ", ".join(parts)


def _about(seconds: float) -> str:
    if seconds < 60:
        return f"{max(5, round(seconds / 5) * 5)} s"
    return f"{round(seconds / 60)} min"
