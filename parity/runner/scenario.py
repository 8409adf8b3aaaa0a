"""A scenario case: a session of the mock before, its journal after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from samewire.mock.v1.stub_wire import Scenario as MockScenario
from samewire.parity.v1.case_wire import Exchange, Scenario
from samewire.parity.v1.result_wire import Difference
from samewire_wire import MISSING

from mock.client.async_client import AsyncMockClient
from mock.client.shapes import Entry
from parity.runner.compare import differences, subset
from parity.runner.corpus import Question
from parity.runner.difference import short
from parity.runner.pattern import matches

MOCK = "tinker"
SHOWN = 6
"""Exchanges that a failure shows."""
_PREFIX = "/__samewire/s/"
_CAMEL = re.compile(r"(?<=[a-z0-9])[A-Z]")


@dataclass
class Stage:
    """One scenario's session on the mock."""

    session: AsyncMockClient
    scenario: Scenario

    @classmethod
    async def prepare(cls, server: AsyncMockClient, question: Question) -> Stage:
        """Raises MockError where the mock does not take the case's stubs, faults or settings."""
        assert question.scenario is not None
        stage = cls(server.fresh(question.name.replace("/", ".")), question.scenario)
        scenario = question.scenario
        settings = dict(scenario.settings or {})
        if (scenario.mock or MOCK) == MOCK:
            settings.setdefault("dialect", question.dialect)
        backends = {scenario.mock or MOCK: settings} if settings else {}
        if scenario.stubs or scenario.faults is not None or backends:
            await stage.session.load(MockScenario(stubs=scenario.stubs, faults=scenario.faults, backends=backends))
        return stage

    def input(self) -> dict[str, Any]:
        """What the client is given."""
        return {
            "base_url": self.session.url,
            "config": self.scenario.config or {},
            "random": self.scenario.random or 0.0,
            "steps": orjson.loads(b"[%s]" % b",".join(step.to_wire() for step in self.scenario.steps)),
        }

    async def sent(self, expected: list[Exchange]) -> list[Difference]:
        """How the journal differs from what should have been sent."""
        watch = self.scenario.watch or [exchange.path for exchange in expected]
        entries = [entry for entry in await self.session.journal() if any(matches(one, path(entry)) for one in watch)]
        found: list[Difference] = []
        for index, (exchange, entry) in enumerate(zip(expected, entries, strict=False)):
            found += _exchange(exchange, entry, f"$.sent[{index}]")
        for index in range(len(entries), len(expected)):
            line = f"{expected[index].method or 'any'} {expected[index].path}"
            found.append(Difference(path=f"$.sent[{index}]", expected=line, what="missing"))
        for index in range(len(expected), len(entries)):
            line = f"{entries[index]['method']} {path(entries[index])}"
            found.append(Difference(path=f"$.sent[{index}]", got=line, what="unexpected"))
        return found

    async def shown(self) -> list[str]:
        """The last exchanges, for people."""
        return [_text(entry) for entry in await self.session.last(SHOWN)]

    async def close(self) -> None:
        await self.session.delete()


def answer_differences(question: Question, result: Any) -> list[Difference]:
    """What the client told: the outcomes of its steps, and what it would have slept."""
    expect = question.expect
    if not isinstance(result, dict) or "steps" not in result:
        return [Difference(path="$", got=result, what="differs", expected={"steps": []})]
    found: list[Difference] = []
    if expect.result is not MISSING:
        found += differences(expect.result, result["steps"], expect.tolerance, "$.steps")
    if expect.slept_s is not None and "slept_s" in result:
        found += differences(expect.slept_s, result["slept_s"], expect.tolerance, "$.slept_s")
    return found


def path(entry: Entry) -> str:
    """Of the request, without the session and the query."""
    said = urlsplit(entry["target"]).path
    return "/" + said[len(_PREFIX) :].partition("/")[2] if said.startswith(_PREFIX) else said


def _exchange(expected: Exchange, entry: Entry, at: str) -> list[Difference]:
    found = differences(expected.path, path(entry), path=f"{at}.path")
    if found:
        return found
    if expected.method is not None:
        found += differences(expected.method, entry["method"], path=f"{at}.method")
    if expected.query is not None:
        found += differences(expected.query, urlsplit(entry["target"]).query, path=f"{at}.query")
    if expected.status is not None:
        found += differences(expected.status, entry.get("status"), path=f"{at}.status")
    if expected.body is not MISSING:
        found += subset(expected.body, _body(entry), path=f"{at}.body")
    if expected.exactly is not MISSING:
        found += differences(expected.exactly, _body(entry), path=f"{at}.body")
    if expected.headers is not None:
        headers = {header["name"].lower(): header["value"] for header in entry.get("headers", [])}
        found += subset(expected.headers, headers, path=f"{at}.headers")
    return found


def _body(entry: Entry) -> Any:
    """As it was sent, where that is JSON; a binary body as the message that it is, its fields by their own names."""
    body: Any = entry.get("request") or {}
    return body["json"] if "json" in body else _by_own_names(entry.get("message"))


def _by_own_names(message: Any) -> Any:
    """Protobuf's JSON says seqId for seq_id; cases say what the definitions say."""
    match message:
        case dict():
            return {
                _CAMEL.sub(lambda big: f"_{big[0].lower()}", name): _by_own_names(message[name]) for name in message
            }
        case list():
            return [_by_own_names(each) for each in message]
    return message


def _small(big: re.Match[str]) -> str:
    return f"_{big[0].lower()}"


def _text(entry: Entry) -> str:
    answer: Any = entry.get("answer") or {}
    said = answer.get("json", answer.get("text", f"{answer.get('size', 0)} bytes"))
    return (
        f"{entry['method']} {path(entry)} {short(_body(entry))}\n"
        f"  {entry.get('status', 'no answer')} ({entry['answered_by']}, {entry['ended']}) {short(said)}"
    )
