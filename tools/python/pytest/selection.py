"""Chooses, among the collected cases, those that this process runs, and their order: filter first, then shard."""

import random
from collections.abc import Collection, Generator, Mapping

import pytest

from tools.python.pytest import filter as test_filter
from tools.python.pytest import shard as sharding
from tools.python.pytest.invocation import Invocation


class Selection:
    """A pytest plugin.

    Attributes:
        collected: how many cases the files hold.
        problem: why nothing could be chosen, in words for a person; None where all is well (an empty shard is well).
    """

    def __init__(
        self,
        invocation: Invocation,
        *,
        durations: Mapping[str, float] | None = None,
        nodes: Collection[str] | None = None,
    ) -> None:
        """
        Args:
            invocation: filter, shard and label.
            durations: node id → seconds, for balanced shards.
            nodes: run these node ids and no others; filter and shard are then not asked.
        """
        self.problem: str | None = None
        self._invocation = invocation
        self._durations = durations
        self._nodes = nodes
        self.collected = 0

    @property
    def expression(self) -> str | None:
        """The filter, where it is an expression for pytest's `-k`."""
        only = self._invocation.only
        return only if only and self._nodes is None and test_filter.is_expression(only) else None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None, None, None]:
        """Sees the cases before and after pytest's own `-k`."""
        before = [item.nodeid for item in items]
        self.collected = len(before)
        yield
        chosen = set(self._choose(before, [item.nodeid for item in items]))
        dropped = [item for item in items if item.nodeid not in chosen]
        if dropped:
            config.hook.pytest_deselected(items=dropped)
            items[:] = [item for item in items if item.nodeid in chosen]
        if self._invocation.order is not None:
            random.Random(self._invocation.order).shuffle(items)

    def _choose(self, collected: list[str], left: list[str]) -> list[str]:
        if self._nodes is not None:
            return [node for node in left if node in self._nodes]
        label, only, shard = self._invocation.label, self._invocation.only, self._invocation.shard
        if not collected:
            self.problem = f"{label} has no tests: a test is a function named test_… or a method of a class Test…"
            return []
        matched = test_filter.matching(only, left) if only and not self.expression else left
        if not matched:
            near = "".join(f"\n  {node}" for node in test_filter.nearest(only or "", collected))
            self.problem = (
                f"--test_filter={only!r} matches none of the {len(collected)} tests in {label}, such as{near}"
            )
            return []
        return sharding.split(matched, shard.total, self._durations)[shard.index] if shard else matched
