"""`MockClient`."""

from __future__ import annotations

import re
import uuid
from collections.abc import Generator, Mapping, Sequence
from typing import Any, Self, Unpack, cast
from urllib.parse import quote, urlsplit

from mock.client.error import VerificationFailed
from mock.client.shapes import (
    Clock,
    Count,
    Entry,
    FaultRule,
    FaultSchedule,
    NearMiss,
    Reply,
    Scenario,
    Server,
    Session,
    StubShape,
    Verdict,
    Verification,
    Wire,
)
from mock.client.stub import Conditions, Matching, Stub, match, plain
from mock.client.transport import PREFIX, Address

DEFAULT = "default"
SESSION_HEADER = "x-samewire-session"


class MockClient:
    """One session of a running mock server.

        mock = MockClient("http://127.0.0.1:8000", session="checkout-test")
        sdk = Ollama(host=mock.url)

    `url`: what the client under test is given; whatever it asks there belongs to this session. `headers` say the same
    for clients that are given `address` (for gRPC: `target`, with `headers` as metadata).
    All methods raise MockError with what the mock objects to, and MockUnreachable.
    """

    # Entries of the journal that are asked for at a time.
    PAGE = 1000

    def __init__(
        self,
        address: str,
        session: str = DEFAULT,
        *,
        token: str | None = None,
        timeout: float = 10.0,
        cafile: str | None = None,
    ) -> None:
        self.address = address.rstrip("/")
        self.session = session
        self._at = Address(self.address, token, timeout, cafile)

    @property
    def url(self) -> str:
        return self.address if self.session == DEFAULT else f"{self.address}{PREFIX}/s/{quote(self.session, safe='')}"

    @property
    def target(self) -> str:
        """HOST:PORT."""
        return urlsplit(self.address).netloc

    @property
    def headers(self) -> dict[str, str]:
        return {SESSION_HEADER: self.session}

    def fresh(self, label: str = "test") -> MockClient:
        """A session that nobody else has."""
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", label)[-60:].strip(".-") + "-" + uuid.uuid4().hex[:12]
        return MockClient(self.address, name, token=self._at.token, timeout=self._at.timeout, cafile=self._at.cafile)

    # The server and the session

    def server(self) -> Server:
        return cast(Server, self._at.call("GET", "/server"))

    def sessions(self) -> list[Session]:
        return cast(list[Session], self._at.call("GET", "/sessions").get("sessions", []))

    def info(self) -> Session:
        """Numbers of the session, its scenario states and its clock."""
        return cast(Session, self._call("GET", ""))

    def reset(self) -> None:
        """Forgets stubs, faults, states, journal and clock, and what backends know."""
        self._call("POST", "/reset")

    def delete(self) -> None:
        self._call("DELETE", "")

    def load(self, scenario: Scenario | Wire) -> list[str]:
        """Stubs, faults, settings and clock at once, all or nothing; the ids of the stubs."""
        return _list(self._call("POST", "/scenario", plain(scenario)), "ids")

    def configure(self, /, api: str, settings: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Settings of a backend: `configure("ollama", latency_s=0.1)`; only what is given changes."""
        self._call("PATCH", f"/backends/{quote(api, safe='')}", {**(settings or {}), **more})

    # Stubs

    def when(self, request: Matching | None = None, **conditions: Unpack[Conditions]) -> BoundStub:
        """`mock.when(rpc="…", json={…}).reply(json={…})`: is there with the first `reply`; further ones follow in turn.
        For conditions see Conditions; ids, priorities and states come before `reply`.
        """
        return BoundStub(self, match(**conditions) if request is None else request)

    def stub(self, stub: Stub | StubShape | Wire) -> str:
        """Its id."""
        return self.add_stubs([stub])[0]

    def add_stubs(self, stubs: Sequence[Stub | StubShape | Wire]) -> list[str]:
        """All or none; their ids. One with an id that is there replaces it."""
        return _list(self._call("POST", "/stubs", {"stubs": [plain(each) for each in stubs]}), "ids")

    def stubs(self) -> list[StubShape]:
        return _list(self._call("GET", "/stubs"), "stubs")

    def remove_stub(self, id: str) -> None:  # noqa: A002 - as the definition calls it
        self._call("DELETE", f"/stubs/{quote(id, safe='')}")

    def clear_stubs(self) -> None:
        self._call("DELETE", "/stubs")

    def set_state(self, scenario: str, state: str) -> None:
        """Of a named state machine; `info()["scenarios"]` tells them."""
        self._call("PUT", f"/scenarios/{quote(scenario, safe='')}", {"state": state})

    # Faults

    def set_faults(self, faults: Sequence[FaultRule | Wire] | FaultSchedule | Wire, *, seed: int | None = None) -> None:
        """Replaces the schedule: `set_faults([rule("status", status=503, probability=0.1)], seed=7)`."""
        schedule: Any = {"rules": [plain(each) for each in faults]} if isinstance(faults, Sequence) else plain(faults)
        if seed is not None:
            schedule = {**schedule, "seed": seed}
        self._call("PUT", "/faults", schedule)

    def faults(self) -> FaultSchedule:
        return cast(FaultSchedule, self._call("GET", "/faults"))

    def clear_faults(self) -> None:
        self._call("PUT", "/faults", {})

    # Time

    def clock(self) -> Clock:
        return cast(Clock, self._call("GET", "/clock"))

    def advance(self, seconds: float) -> Clock:
        """Moves the session's clock; it is virtual from now on. What waited for that time has gone on when this is
        back.
        """
        return cast(Clock, self._call("PUT", "/clock", {"advance_s": seconds}))

    def set_time(self, now_s: float) -> Clock:
        """Stops the clock at seconds since 1970."""
        return cast(Clock, self._call("PUT", "/clock", {"now_s": now_s}))

    def real_time(self) -> Clock:
        return cast(Clock, self._call("PUT", "/clock", {"real": True}))

    # What was asked

    def journal(
        self, request: Matching | None = None, *, after: int = 0, **conditions: Unpack[Conditions]
    ) -> list[Entry]:
        """All exchanges that the mock still holds, of requests that match, oldest first."""
        wanted = _wanted(request, conditions)
        found: list[Entry] = []
        while True:
            page = self._call(
                "POST", "/journal", {"after": after, "limit": self.PAGE} | ({"request": wanted} if wanted else {})
            )
            entries = _list(page, "entries")
            found += entries
            if not page["more"] or not entries:
                return found
            after = entries[-1]["seq"]

    def last(self, count: int) -> list[Entry]:
        """The last exchanges, oldest first."""
        return _list(self._call("POST", "/journal", {"after": max(self.info()["requests"] - count, 0)}), "entries")

    def watch(self, after: int = 0) -> Generator[Entry, None, None]:
        """Exchanges as they come, without end, until it is closed; one that was open comes again when it is over."""
        return self._at.events(f"{self._path('/journal/watch')}?after={after}")

    def clear_journal(self) -> None:
        self._call("DELETE", "/journal")

    def explain(self, entry: int) -> list[NearMiss]:
        """The stubs that came nearest to answering an exchange, best first."""
        return _list(self._call("GET", f"/journal/{entry}/explain"), "near_misses")

    def verify(
        self,
        request: Matching | None = None,
        *,
        count: int | tuple[int | None, int | None] | None = None,
        never: bool = False,
        order: Sequence[Matching] = (),
        within: float | None = None,
        after: int | None = None,
        **conditions: Unpack[Conditions],
    ) -> int:
        """Asserts what was asked; the number of requests that matched. Without more: at least once.

            mock.verify(rpc="ollama.v1.OllamaService/Chat", json={"model": "m"}, count=2)
            mock.verify(path="/api/delete", never=True)
            mock.verify(order=[match(path="/api/pull"), match(path="/api/chat")])

        `count`: exactly, or (least, most) with None for open. `within`: wait up to so many real seconds for it (with
        `never`: that it stays so). `after`: only entries after this one.
        Raises VerificationFailed (an AssertionError) with every field in which the nearest requests differ.
        """
        wanted: Verification = {}
        if condition := _wanted(request, conditions):
            wanted["request"] = condition
        if count is not None:
            wanted["count"] = _count(count)
        if never:
            wanted["never"] = True
        if order:
            wanted["order"] = [plain(each) for each in order]
        if within is not None:
            wanted["within_s"] = within
        if after is not None:
            wanted["after"] = after
        verdict = self.verdict(wanted)
        if not verdict["ok"]:
            raise VerificationFailed(verdict)
        return verdict["matched"]

    def verdict(self, verification: Verification | Wire) -> Verdict:
        """As `verify`, but tells instead of raising."""
        said: Any = plain(verification)
        return cast(Verdict, self._call("POST", "/verify", said, wait=said.get("within_s", 0.0)))

    def har(self) -> str:
        """The journal as HAR 1.2."""
        return self._text("/journal.har")

    def cases(self) -> str:
        """The journal as parity cases (YAML)."""
        return self._text("/journal.cases")

    def recorded_stubs(self) -> list[StubShape]:
        """Stubs that answer as the journal's exchanges were answered."""
        return _list(self._call("GET", "/journal.stubs"), "stubs")

    # The way there

    def _path(self, path: str) -> str:
        return f"/sessions/{quote(self.session, safe='')}{path}"

    def _call(self, verb: str, path: str, body: Any = None, *, wait: float = 0.0) -> Any:
        return self._at.call(verb, self._path(path), body, wait=wait)

    def _text(self, path: str) -> str:
        return self._at.text("GET", self._path(path)).decode()

    def __repr__(self) -> str:
        return f"<mock {self.address}, session {self.session}>"


class BoundStub(Stub):
    """A stub of a session: there from its first `reply` on."""

    def __init__(self, mock: MockClient, request: Matching) -> None:
        super().__init__(request)
        self._mock = mock

    @property
    def id(self) -> str:
        """Raises LookupError before the first `reply`."""
        if "id" not in self.shape:
            raise LookupError("a stub without an answer is not there yet; say .reply(…)")
        return self.shape["id"]

    def remove(self) -> None:
        self._mock.remove_stub(self.id)

    def _add(self, answer: Reply) -> Self:
        self.shape["answers"].append(answer)
        try:
            self.shape["id"] = self._mock.stub(self)
        except Exception:
            self.shape["answers"].pop()
            raise
        return self


def _list(said: Any, name: str) -> list[Any]:
    return (said or {}).get(name, [])  # type: ignore[no-any-return]


def _wanted(request: Matching | None, conditions: Conditions) -> Any:
    if request is not None and conditions:
        raise TypeError(f"a match, or conditions ({', '.join(conditions)}), but not both")
    return match(**conditions) if request is None else plain(request)


def _count(count: int | tuple[int | None, int | None]) -> Count:
    least, most = (count, count) if isinstance(count, int) else count
    said: Count = {}
    if least is not None:
        said["min"] = least
    if most is not None:
        said["max"] = most
    return said
