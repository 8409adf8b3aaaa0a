"""One session: everything that a test can set and see, apart from all other sessions of the server."""

from __future__ import annotations

import random
import re
import zlib
from typing import TYPE_CHECKING, Any

from samewire.mock.v1.fault_wire import FaultSchedule
from samewire_wire import WireError

from mock.engine import reading
from mock.engine.clock import Clock, check
from mock.engine.faults.plan import FaultPlan
from mock.engine.journal.journal import Journal
from mock.engine.stubs.error import StubError
from mock.engine.stubs.stub_set import StubSet

if TYPE_CHECKING:
    from samewire.mock.v1.stub_wire import Scenario

    from mock.engine.api import Api, Apis
    from mock.engine.backend import Backend

DEFAULT = "default"
# They stand in addresses, file names and pages. As samewire/mock/v1/admin.proto has it.
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")


def check_name(name: str) -> None:
    """Raises ValueError."""
    if not _NAME.fullmatch(name):
        shown = name if len(name) <= 100 else name[:100] + "…"
        raise ValueError(f"{shown!r} is no name of a session: 1 to 100 of A-Z a-z 0-9 . _ - that begin with no dot")


class Session:
    """`random` and backends are seeded by `seed`, so equal requests in equal order give equal answers."""

    def __init__(self, name: str, apis: Apis, journal_bytes: int, seed: int = 0) -> None:
        self.name = name
        self.apis = apis
        self.seed = seed
        self.clock = Clock()
        self.random = random.Random(seed)
        self.states: dict[str, str] = {}
        self.stubs = StubSet(apis)
        self.faults: FaultPlan | None = None
        self.schedule = FaultSchedule()
        self.journal = Journal(journal_bytes, session=name)
        self._backends: dict[str, Backend] = {}

    def backend(self, api: Api) -> Backend:
        """Made when it is first asked for."""
        found = self._backends.get(api.name)
        if found is None:
            seed = zlib.crc32(f"{self.seed}/{api.name}".encode())
            found = self._backends[api.name] = api.backend(self.clock, seed, self.name)
        return found

    def set_faults(self, schedule: FaultSchedule) -> None:
        """Raises StubError for a match that can't be compiled."""
        self.faults = FaultPlan(schedule, self.clock, self.seed, self.apis) if schedule.rules else None
        self.schedule = schedule

    def configure(self, api: str, settings: Any) -> None:
        """`settings`: JSON. Raises LookupError for an API that is not served or has no settings, WireError, Refusal."""
        found = self.apis.api(api)
        self.backend(found).configure(_settings(found, settings))

    async def load(self, scenario: Scenario) -> list[str]:
        """Stubs, faults, settings and clock of a scenario, all or nothing; the ids of its stubs. Raises StubError with
        the place in the scenario, and the Refusal of a backend.
        """
        StubSet(self.apis).add(scenario.stubs)
        if scenario.faults is not None:
            try:
                FaultPlan(scenario.faults, self.clock, 0, self.apis)
            except StubError as error:
                raise StubError("$.faults" + error.path.removeprefix("$"), error.reason) from None
        for name, said in scenario.backends.items():
            where = f"$.backends.{name}"
            try:
                _settings(self.apis.api(name), said)
            except LookupError as error:
                raise StubError(where, str(error)) from None
            except WireError as error:
                raise StubError(where + error.path.removeprefix("$"), error.reason) from None
            except ValueError as error:
                raise StubError(where, str(error)) from None
        if scenario.virtual_time_s is not None:
            try:
                check(scenario.virtual_time_s)
            except ValueError as error:
                raise StubError("$.virtual_time_s", str(error)) from None
        if scenario.seed is not None:
            self.seed = scenario.seed
            self.random.seed(self.seed)
        for name, said in scenario.backends.items():
            self.configure(name, said)
        if scenario.virtual_time_s is not None:  # before the faults, whose time begins now
            await self.clock.set(scenario.virtual_time_s)
        if scenario.faults is not None:
            self.set_faults(scenario.faults)
        return self.stubs.add(scenario.stubs)

    async def reset(self) -> None:
        """As new; the journal counts from 1 again."""
        backends, self._backends = self._backends, {}
        for backend in backends.values():
            await backend.close()
        self.clock.forget()
        self.random.seed(self.seed)
        self.states.clear()
        self.stubs.clear()
        self.set_faults(FaultSchedule())
        self.journal.clear()


def _settings(api: Api, said: Any) -> Any:
    """Raises LookupError, ValueError (WireError too)."""
    if api.backend.settings is None:
        raise LookupError(f"{api.name} has nothing to set")
    return api.backend.settings.read(reading.text(said))
