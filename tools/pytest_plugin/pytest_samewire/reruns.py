"""Red tests are tried again: `@pytest.mark.flaky(reruns=2, reruns_delay=1)`, `--reruns 2 --reruns-delay 1`.

Every attempt sets up anew what belongs to the test: its fixtures of function scope, its instance of the test class,
what it printed and recorded, and any fixture of a wider scope that failed. Fixtures of wider scopes that work stay as
they are, unless `reruns_scope` names the widest scope that is torn down too. A failure before the last attempt is
reported with the outcome "rerun"; it is no failure of the session.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from _pytest.runner import call_and_report  # no public way to run a phase; pytest-rerunfailures takes this one too

from pytest_samewire import outcome
from pytest_samewire.crashes import Begun

SCOPES = ("function", "class", "module", "package", "session")


@dataclass(frozen=True, slots=True)
class Plan:
    """How often a red test is tried again, with how many seconds in between, and what is set up anew."""

    reruns: int = 0
    delay: float = 0.0
    scope: str = "function"


class Refused(ValueError):
    """A marker that is not understood; str() is one line."""


def read_marker(mark: pytest.Mark, default: Plan) -> Plan:
    """What `@pytest.mark.flaky(...)` asks for; a bare one asks for one rerun.

    Raises:
        Refused: an argument is unknown or has a wrong value.
    """
    names = ("reruns", "reruns_delay", "reruns_scope")
    if len(mark.args) > 2:
        raise Refused(f"@pytest.mark.flaky takes reruns and reruns_delay, not {len(mark.args)} values")
    given: dict[str, Any] = {**dict(zip(names, mark.args, strict=False)), **mark.kwargs}
    for name in given:
        if name in ("max_runs", "min_passes", "rerun_filter"):
            raise Refused(f"@pytest.mark.flaky({name}=...) is the package flaky's: install it, or write reruns=N")
        if name not in names:
            raise Refused(f"@pytest.mark.flaky({name}=...): there are {', '.join(names)}")
    reruns: Any = given.get("reruns", default.reruns or 1)
    delay: Any = given.get("reruns_delay", default.delay)
    scope: Any = given.get("reruns_scope", default.scope)
    if not isinstance(reruns, int) or reruns < 0:
        raise Refused(f"@pytest.mark.flaky(reruns={reruns!r}): write how often a red test is tried again, e.g. 2")
    if not isinstance(delay, int | float) or not 0 <= delay < 86_400:
        raise Refused(f"@pytest.mark.flaky(reruns_delay={delay!r}): write seconds, e.g. 0.5")
    if scope not in SCOPES:
        raise Refused(f"@pytest.mark.flaky(reruns_scope={scope!r}): there are {', '.join(SCOPES)}")
    return Plan(reruns, float(delay), scope)


class Reruns:
    """The plugin where tests run: in pytest-xdist's workers, else in the one process.

    `attempt` and `last` tell of the attempt under way, for those who make reports.
    """

    def __init__(self, default: Plan, begun: Begun) -> None:
        self._default = default
        self._begun = begun
        self.attempt = 1
        self.last = True
        self._red = False
        self._refused: Refused | None = None

    def plan(self, item: pytest.Item) -> Plan:
        """Raises Refused."""
        mark = item.get_closest_marker("flaky")
        return self._default if mark is None else read_marker(mark, self._default)

    def was_red(self, session: pytest.Session) -> bool:
        """Tells that the attempt has failed; True where another one follows."""
        self._red = True
        self.last = self.last or bool(session.shouldfail or session.shouldstop)
        return not self.last

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """A marker that is not understood is a failure, and says what to do."""
        if self._refused is not None:
            pytest.fail(f"{item.nodeid}: {self._refused}", pytrace=False)

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> object:
        """Runs the attempts; leaves tests without reruns to pytest."""
        self._refused = None
        try:
            plan = self.plan(item)
        except Refused as refused:
            self._refused = refused
            return None
        if not plan.reruns or item.config.getoption("usepdb", False):
            return None
        try:
            crashed = self._begun.crashed(item.nodeid)
            for attempt in range(crashed + 1, plan.reruns + 2):
                self.attempt, self.last, self._red = attempt, attempt > plan.reruns, False
                if attempt > 1 and plan.delay:
                    time.sleep(plan.delay)
                self._begun.note(item.nodeid, attempt, plan.reruns)
                if not self._run(item, nextitem, plan):
                    break
        finally:
            self.attempt, self.last = 1, True
        return True

    def _run(self, item: pytest.Item, nextitem: pytest.Item | None, plan: Plan) -> bool:
        """One attempt; True where another one has to follow."""
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        properties = len(item.user_properties)
        reports = self._phases(item, nextitem, plan)
        again = self._red and not self.last
        if again:
            _forget(item, properties)
        for report in reports:
            if again and outcome.of(report) != outcome.RERUN:
                continue
            if again:
                report.when = "call"  # A teardown tells listeners that the test is over. It is not.
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return again

    def _phases(self, item: Any, nextitem: pytest.Item | None, plan: Plan) -> list[pytest.TestReport]:
        """Set-up, call and teardown, as pytest does them, but that a red attempt leaves wider scopes standing."""
        has_request = hasattr(item, "_request")
        if has_request and not item._request:
            item._initrequest()
        try:
            reports = [call_and_report(item, "setup", log=False)]
            if reports[0].passed and not item.config.getoption("setuponly", False):
                reports.append(call_and_report(item, "call", log=False))
            again = self._red and not self.last
            if item.session.shouldfail or item.session.shouldstop:
                self.last, after = True, None
            else:
                after = _kept(item, plan.scope) if again else nextitem
            reports.append(call_and_report(item, "teardown", log=False, nextitem=after))
            if self._red and not self.last:
                reports += _finish_failed_fixtures(item)
        finally:
            if has_request:
                item._request = False
                item.funcargs = None
        return reports


class LeftToFlaky:
    """The plugin in the place of `Reruns` beside the package flaky, whose marker has the same name."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """A marker that is meant for us is a failure, and says what to do."""
        mark = item.get_closest_marker("flaky")
        for name in ("reruns", "reruns_delay", "reruns_scope"):
            if mark is not None and name in mark.kwargs:
                told = f"@pytest.mark.flaky({name}=...): the plugin flaky reads this marker, and knows no {name}"
                pytest.fail(f"{item.nodeid}: {told}: add -p no:flaky, or write max_runs=N", pytrace=False)


def _kept(item: Any, scope: str) -> Any:
    """The node up to which everything stays set up; None where nothing does."""
    for node, (_, error) in item.session._setupstate.stack.items():
        if error is not None:
            return node.parent
    if scope == "session":
        return None
    kinds = {"class": pytest.Class, "module": pytest.Module, "package": pytest.Package}
    node = item
    for kind in SCOPES[1 : SCOPES.index(scope) + 1]:
        node = item.getparent(kinds[kind]) or node
    return node.parent


def _finish_failed_fixtures(item: Any) -> Iterator[pytest.TestReport]:
    """Pytest keeps the error of a fixture of wider scope for all its users; the next attempt is to set it up anew."""
    request = item._request
    held = getattr(item, "_fixtureinfo", None)
    for definitions in list(getattr(held, "name2fixturedefs", {}).values()):
        for definition in definitions:
            if definition.cached_result is not None and definition.cached_result[2] is not None:
                call = pytest.CallInfo.from_call(partial(definition.finish, request), when="teardown")
                if call.excinfo is not None:
                    yield item.ihook.pytest_runtest_makereport(item=item, call=call)


def _forget(item: Any, properties: int) -> None:
    """What one attempt left on the item: the next one begins as the first did."""
    del item.user_properties[properties:]
    item._report_sections.clear()
    if "_instance" in vars(item) and item.cls is not None:
        del item._instance
        item._obj = None
