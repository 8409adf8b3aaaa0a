"""Every method of the service over HTTP and over gRPC: the same story told twice gives the same answers."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import grpc
import orjson
import pytest

from mock.client import MockClient, MockProcess
from mock.engine.api import Api, Method
from mock.engine.backend import Backend

METHODS = {method.name: method for method in Api("samewire", ["samewire.mock.v1.admin_wire"], Backend).methods}
Call = Callable[[str, dict[str, Any]], Any]

VERSION = "ollama.v1.OllamaService/Version"
STUB = {"id": "a", "request": {"rpc": VERSION}, "answers": [{"json": {"version": "1"}}]}
RULE = {"request": {"path": "/api/tags"}, "fault": {"kind": "status", "status": 503}}
# Methods with what they are asked, in the order of the story; None: the API under test is asked for its version.
STORY: list[tuple[str, dict[str, Any]] | None] = [
    ("GetServer", {}),
    ("AddStubs", {"stubs": [STUB, {"request": {"path": "/b"}, "answers": [{"text": "b"}]}]}),
    ("AddStubs", {"stubs": [{"request": {"rpc": "ollama.v1.OllamaService/No"}, "answers": [{}]}]}),
    ("ListStubs", {}),
    ("SetScenarioState", {"name": "door", "state": "open"}),
    ("SetFaults", {"faults": {"seed": "7", "rules": [RULE]}}),
    ("SetFaults", {"faults": {"rules": [{"request": {"rpc": "No"}, "fault": {"kind": "hang"}}]}}),
    ("GetFaults", {}),
    ("SetClock", {"change": {"now_s": 1000.0}}),
    ("SetClock", {"change": {"advance_s": 30.0}}),
    ("SetClock", {"change": {}}),
    ("GetClock", {}),
    ("ConfigureBackend", {"api": "ollama", "settings": {"version": "9"}}),
    ("ConfigureBackend", {"api": "ollama", "settings": {"vrsion": "9"}}),
    ("ConfigureBackend", {"api": "olama", "settings": {}}),
    None,
    ("ListJournal", {}),
    ("ListJournal", {"after": "0", "limit": "1", "request": {"path": "/nothing"}}),
    ("Verify", {"verification": {"request": {"rpc": VERSION}, "count": {"min": "1", "max": "1"}}}),
    ("Verify", {"verification": {"request": {"path": "/nothing"}}}),
    ("Verify", {"verification": {"never": True, "count": {"min": "1"}}}),
    ("Explain", {"entry": "1"}),
    ("Explain", {"entry": "99"}),
    ("ExportHar", {}),
    ("ExportCases", {}),
    ("ExportStubs", {}),
    ("WatchJournal", {}),
    ("DeleteStub", {"id": "a"}),
    ("DeleteStub", {"id": "a"}),
    None,
    ("ClearStubs", {}),
    ("LoadScenario", {"scenario": {"seed": "3", "stubs": [STUB], "virtual_time_s": 5.0}}),
    ("LoadScenario", {"scenario": {"stubs": [{"request": {"path_regex": "("}, "answers": [{}]}]}}),
    ("GetSession", {}),
    ("ClearJournal", {}),
    ("ResetSession", {}),
    ("ListSessions", {}),
    ("DeleteSession", {}),
]


@pytest.fixture(scope="module")
def server() -> Iterator[MockProcess]:
    with MockProcess("ollama") as process:
        yield process


def asked(name: str, said: dict[str, Any], session: str) -> dict[str, Any]:
    """As JSON of the definitions."""
    return said if name in ("GetServer", "ListSessions") else {"session": session, **said}


def over_http(mock: MockClient) -> Call:
    def call(name: str, said: dict[str, Any]) -> Any:
        method = METHODS[name]
        route = method.routes[0]
        left = asked(name, said, mock.session)
        path = re.sub(r"\{(\w+)\}", lambda field: quote(str(left.pop(field[1])), safe=""), route.path)
        body: Any = left if route.body == "*" else left.pop(route.body) if route.body else None
        connection = http.client.HTTPConnection(urlsplit(mock.address).netloc, timeout=10)
        try:
            connection.request(route.verb, path, None if body is None else json.dumps(plain(body)))
            answer = connection.getresponse()
            if method.server_streaming:
                return next(orjson.loads(line[6:]) for line in answer if line.startswith(b"data: "))
            data = answer.read()
            if answer.status >= 400:
                said = orjson.loads(data)
                return f"{said['path']}: {said['error']}" if "path" in said else said["error"]
            if method.produces or not data:
                return data.decode()
            return orjson.loads(data)
        finally:
            connection.close()

    return call


def over_grpc(mock: MockClient, channel: grpc.Channel) -> Call:
    def call(name: str, said: dict[str, Any]) -> Any:
        method = METHODS[name]
        data = _binary(method, plain(asked(name, said, mock.session)))
        if method.server_streaming:
            entries = channel.unary_stream("/" + method.rpc)(data, timeout=10)
            first = next(entries)
            entries.cancel()
            return orjson.loads(method.response.write(method.response.read_binary(first), None))
        try:
            answer = channel.unary_unary("/" + method.rpc)(data, timeout=10)
        except grpc.RpcError as error:
            return error.details()
        if method.response_name == "google.protobuf.Empty":
            return answer.decode()
        found = orjson.loads(method.response.write(method.response.read_binary(answer), None))
        return found["text"] if method.produces else found

    return call


def _binary(method: Method, value: Any) -> bytes:
    if method.request_name == "google.protobuf.Empty":
        return b""
    return method.request.write_binary(method.request.read(orjson.dumps(value), None))


def plain(value: Any) -> Any:
    """Integers of 64 bits stand in quotes above, so that none is taken for a float."""
    if isinstance(value, dict):
        return {
            key: int(each) if key in ("seed", "after", "limit", "min", "max", "entry") else plain(each)
            for key, each in value.items()
        }
    return [plain(each) for each in value] if isinstance(value, list) else value


def comparable(value: Any, session: str) -> str:
    """Without what no two runs share: names, real times, ports, numbers of connections."""
    text = value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    text = text.replace(session, "SESSION")
    text = re.sub(r'"(received_s|wait_s|took_s|up_s|at_s|connection|connections|bytes|held)":[^,}]+', r'"\1":0', text)
    text = re.sub(r'"(startedDateTime|time|wait|receive|send|connection|serverIPAddress)":\s*[^,}]+', r'"\1":0', text)
    text = re.sub(r'"now_s":\d{10}[^,}]*', '"now_s":NOW', text)
    text = re.sub(r"127\.0\.0\.1:\d+", "HOST", text)
    return re.sub(r"\d+\.\d+ ?m?s\b", "TIME", text)


def test_the_same_story_twice(server: MockProcess) -> None:
    by_http, by_grpc = server.client().fresh("http"), server.client().fresh("grpc")
    told: list[list[str]] = []
    with grpc.insecure_channel(by_grpc.target) as channel:
        for mock, call in ((by_http, over_http(by_http)), (by_grpc, over_grpc(by_grpc, channel))):
            answers = []
            for step in STORY:
                if step is None:
                    _version(mock)
                    continue
                name, said = step
                answer = call(name, said)
                if name == "ListSessions":
                    answer = [each for each in answer["sessions"] if each["name"] == mock.session]
                answers.append(f"{name}: {comparable(answer, mock.session)}")
            told.append(answers)
    for one, other in zip(*told, strict=True):
        assert one == other
    assert {step[0] for step in STORY if step} == set(METHODS)
    text = "\n".join(told[0])
    for part in ("$.stubs[0].request.rpc", "$.rules[0]", "vrsion", "did you mean", '"ok":true', '"ok":false', '"1.2"'):
        assert part in text, part


def _version(mock: MockClient) -> None:
    connection = http.client.HTTPConnection(urlsplit(mock.address).netloc, timeout=10)
    connection.request("GET", "/api/version", headers=mock.headers)
    connection.getresponse().read()
    connection.close()
