"""A fault schedule at work: which requests are struck, by which rule."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from samewire.mock.v1.match_wire import Match

from mock.engine.faults.strike import Strike, Striker
from mock.engine.stubs.error import StubError
from mock.engine.stubs.matcher import Matcher

if TYPE_CHECKING:
    from samewire.mock.v1.fault_wire import FaultRule, FaultSchedule

    from mock.engine.api import Apis
    from mock.engine.clock import Clock
    from mock.engine.request import Request


class FaultPlan:
    """`seed` is the session's; a schedule with a seed of its own uses that. Raises StubError, with the JSON path in the
    schedule, for what can't be meant."""

    def __init__(self, schedule: FaultSchedule, clock: Clock, seed: int, apis: Apis) -> None:
        seed = seed if schedule.seed is None else schedule.seed
        self._clock = clock
        self._since = clock.now()
        self._rules = [_Rule(rule, index, seed, clock, apis) for index, rule in enumerate(schedule.rules)]
        names: dict[str, int] = {}
        for index, rule in enumerate(self._rules):
            if rule.id in names:
                raise StubError(f"$.rules[{index}].id", f"{rule.id!r} is the id of $.rules[{names[rule.id]}] too")
            names[rule.id] = index

    def strike(self, request: Request) -> Strike | None:
        """What happens to this request. Every rule that matches draws, also behind one that strikes: so what one rule
        does depends on the requests and its own place in the schedule, not on the other rules."""
        now = self._clock.now()
        # A clock that is set back to a day of its own is no time before the schedule.
        self._since = min(self._since, now)
        age = now - self._since
        found: Strike | None = None
        for rule in self._rules:
            strike = rule.strike(request, age)
            if found is None:
                found = strike
        return found


class _Rule:
    def __init__(self, rule: FaultRule, index: int, seed: int, clock: Clock, apis: Apis) -> None:
        where = f"$.rules[{index}]"
        self.id = f"rule-{index + 1}" if rule.id is None else rule.id
        self._clock = clock
        self._matcher = Matcher(Match() if rule.request is None else rule.request, apis, f"{where}.request")
        self._probability = 1.0 if rule.probability is None else rule.probability
        if not 0 <= self._probability <= 1:
            raise StubError(f"{where}.probability", f"{self._probability} is no probability: give 0 to 1")
        self._from = rule.from_s or 0.0
        self._to = rule.to_s
        if self._to is not None and self._to <= self._from:
            raise StubError(
                f"{where}.to_s", f"{self._to} is not after from_s, {self._from}: the rule would never strike"
            )
        self._striker = Striker(rule.fault, apis, f"{where}.fault")
        self._random = Random(f"{seed}/{index}")

    def strike(self, request: Request, age: float) -> Strike | None:
        if not self._matcher.matches(request):
            return None
        # Both figures are drawn for every request that matches, in and out of the window, so that what comes later does
        # not depend on when a request came.
        chance, seed = self._random.random(), self._random.getrandbits(64)
        if age < self._from or (self._to is not None and age >= self._to):
            return None
        calls = self._matcher.calls
        if calls is not None and not calls.take():
            return None
        if chance >= self._probability:
            return None
        return self._striker.strike(self.id, self._clock, Random(seed))
