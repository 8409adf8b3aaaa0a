"""The service on a server that runs: over gRPC as over HTTP, behind a token, and under names of others."""

from __future__ import annotations

import http.client
import itertools
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from samewire.mock.v1.admin_wire import (
    AddStubsRequest,
    Clock,
    ListJournalRequest,
    Server,
    SessionName,
    SetClockRequest,
    StubIds,
    StubName,
)
from samewire.mock.v1.journal_wire import Entry

from mock.client import MockClient, MockError, MockProcess

SERVICE = "/samewire.mock.v1.MockService/"


@pytest.fixture(scope="module")
def server() -> Iterator[MockProcess]:
    with MockProcess("ollama") as process:
        yield process


@pytest.fixture
def mock(server: MockProcess, request: pytest.FixtureRequest) -> MockClient:
    return server.client().fresh(request.node.name)


@pytest.fixture
def channel(mock: MockClient) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(mock.target) as opened:
        yield opened


def ask(mock: MockClient, path: str, **headers: str) -> tuple[int, str]:
    address = urlsplit(mock.address)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_the_server_over_grpc(mock: MockClient, channel: grpc.Channel) -> None:
    get = channel.unary_unary(SERVICE + "GetServer", Empty.SerializeToString, Server.from_binary)
    assert get(Empty(), timeout=10).apis == ["ollama"]


def test_what_is_wrong_over_grpc(mock: MockClient, channel: grpc.Channel) -> None:
    add = channel.unary_unary(SERVICE + "AddStubs", AddStubsRequest.to_binary, StubIds.from_binary)
    stub = {"request": {"rpc": "ollama.v1.OllamaService/Versio"}, "answers": [{}]}
    with pytest.raises(grpc.RpcError) as caught:
        add(AddStubsRequest.model_validate({"session": mock.session, "stubs": [stub]}), timeout=10)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "$.stubs[0].request.rpc" in caught.value.details()
    delete = channel.unary_unary(SERVICE + "DeleteStub", StubName.to_binary, Empty.FromString)
    with pytest.raises(grpc.RpcError) as caught:
        delete(StubName(session=mock.session, id="none"), timeout=10)
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    get = channel.unary_unary(SERVICE + "GetSession", SessionName.to_binary)
    with pytest.raises(grpc.RpcError) as caught:
        get(SessionName(session="a/b"), timeout=10)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_no_time_at_all_over_grpc(mock: MockClient, channel: grpc.Channel) -> None:
    """JSON has no such numbers, protobuf does."""
    change = channel.unary_unary(SERVICE + "SetClock", lambda data: data, Clock.from_binary)
    ours = SetClockRequest.model_validate({"session": mock.session, "change": {"now_s": 1.0}}).to_binary()
    nan = ours.replace(b"\x00\x00\x00\x00\x00\x00\xf0\x3f", b"\x00\x00\x00\x00\x00\x00\xf8\x7f")
    assert nan != ours
    with pytest.raises(grpc.RpcError) as caught:
        change(nan, timeout=10)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert change(ours, timeout=10).now_s == 1.0


def test_the_journal_is_watched_over_grpc(mock: MockClient, channel: grpc.Channel) -> None:
    ask(mock, "/api/version", **mock.headers)
    watch = channel.unary_stream(SERVICE + "WatchJournal", ListJournalRequest.to_binary, Entry.from_binary)
    entries = watch(ListJournalRequest(session=mock.session), timeout=10)
    assert next(entries).target == "/api/version"
    ask(mock, "/api/tags", **mock.headers)
    # An entry that was open when it was told comes again when it is over.
    assert any(entry.target == "/api/tags" for entry in itertools.islice(entries, 2))
    entries.cancel()


def test_pages_of_others(mock: MockClient) -> None:
    path = "/__samewire/v1/server"
    assert ask(mock, path)[0] == 200
    for headers in ({"host": "evil.example"}, {"origin": "http://evil.example"}, {"sec_fetch_site": "cross-site"}):
        status, text = ask(mock, path, **headers)
        assert (status, list(json.loads(text))) == (403, ["error"])


def test_over_grpc_under_another_name(mock: MockClient) -> None:
    with grpc.insecure_channel(mock.target, [("grpc.default_authority", "evil.example")]) as channel:
        get = channel.unary_unary(SERVICE + "GetServer", Empty.SerializeToString, Server.from_binary)
        with pytest.raises(grpc.RpcError) as caught:
            get(Empty(), timeout=10)
    assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED


def test_a_token() -> None:
    with MockProcess("ollama", "--token", "secret") as process:
        with pytest.raises(MockError, match="Bearer TOKEN"):
            MockClient(process.address).server()
        mock = process.client()
        assert mock.server()["apis"] == ["ollama"]
        assert mock.fresh().stubs() == []
        assert ask(mock, "/__samewire/v1/server", host="mock.internal", authorization="Bearer secret")[0] == 200
        assert ask(mock, "/api/version")[0] == 200  # what is mocked is for everybody
        with grpc.insecure_channel(mock.target) as channel:
            get = channel.unary_unary(SERVICE + "GetServer", Empty.SerializeToString, Server.from_binary)
            with pytest.raises(grpc.RpcError) as caught:
                get(Empty(), timeout=10)
            assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
            assert get(Empty(), metadata=[("authorization", "Bearer secret")], timeout=10).apis == ["ollama"]
