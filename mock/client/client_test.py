"""Against a server that runs: stubs, faults, time, journal, errors, and the same asynchronously."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from samewire.mock.v1.stub_wire import Stub as StubModel

from mock.client import (
    AsyncMockClient,
    MockClient,
    MockError,
    MockProcess,
    MockUnreachable,
    VerificationFailed,
    match,
    rule,
    when,
)


@pytest.fixture(scope="module")
def server() -> Iterator[MockProcess]:
    with MockProcess("ollama") as process:
        yield process


@pytest.fixture
def mock(server: MockProcess, request: pytest.FixtureRequest) -> MockClient:
    return server.client().fresh(request.node.name)


def get(url: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers or {}), timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_a_stub_answers_in_turn_and_goes(mock: MockClient) -> None:
    stub = mock.when(path="/api/version").reply(json={"version": "1"}).reply(json={"version": "2"})
    assert [get(mock.url + "/api/version")[1]["version"] for _ in range(3)] == ["1", "2", "2"]
    assert [each["id"] for each in mock.stubs()] == [stub.id]
    stub.remove()
    assert mock.stubs() == []
    with pytest.raises(MockError, match="has no stub"):
        stub.remove()


def test_stubs_may_be_models(mock: MockClient) -> None:
    model = StubModel.from_wire(b'{"id":"m","request":{"path":"/x"},"answers":[{"json":{"a":1}}]}')
    assert mock.add_stubs([model, when(path="/y").named("y").reply(text="t")]) == ["m", "y"]
    assert get(mock.url + "/x") == (200, {"a": 1})
    mock.clear_stubs()
    assert get(mock.url + "/x")[0] == 404


def test_sessions_by_path_and_by_header(server: MockProcess, mock: MockClient) -> None:
    mock.when(path="/x").reply(json={"mine": True})
    assert get(server.address + "/x", headers=mock.headers) == (200, {"mine": True})
    assert get(server.address + "/x")[0] == 404
    assert get(mock.fresh().url + "/x")[0] == 404
    assert mock.session in {each["name"] for each in mock.sessions()}
    mock.delete()
    assert mock.session not in {each["name"] for each in mock.sessions()}


def test_states(mock: MockClient) -> None:
    mock.add_stubs(
        [
            when(path="/in", method="POST").in_state("login", "started", then="in").reply(json={}),
            when(path="/me").in_state("login", "in").reply(json={"name": "a"}),
        ]
    )
    assert get(mock.url + "/me")[0] == 404
    assert get(mock.url + "/in", body={})[0] == 200
    assert get(mock.url + "/me") == (200, {"name": "a"})
    mock.set_state("login", "started")
    assert get(mock.url + "/me")[0] == 404
    assert mock.info().get("scenarios") == {"login": "started"}


def test_faults(mock: MockClient) -> None:
    mock.set_faults([rule("status", match(path="/api/tags"), status=503)], seed=7)
    assert get(mock.url + "/api/tags")[0] == 503
    assert get(mock.url + "/api/version")[0] == 200
    assert mock.faults().get("seed") == 7
    mock.clear_faults()
    assert get(mock.url + "/api/tags")[0] == 200


def test_time(mock: MockClient) -> None:
    assert mock.set_time(1000)["now_s"] == 1000
    assert mock.advance(30) == {"now_s": 1030, "virtual": True, "waiting": 0}
    assert mock.clock()["now_s"] == 1030
    assert mock.real_time()["virtual"] is False


def test_a_scenario_is_loaded(mock: MockClient) -> None:
    ids = mock.load({"stubs": [when(path="/x").reply(json={}).shape], "virtual_time_s": 5})
    assert len(ids) == 1
    assert mock.clock()["now_s"] == 5
    mock.reset()
    assert (mock.stubs(), mock.clock()["virtual"]) == ([], False)


def test_what_was_asked(mock: MockClient) -> None:
    for number in range(3):
        get(f"{mock.url}/api/version?n={number}")
    get(mock.url + "/api/tags")
    assert [each["seq"] for each in mock.journal(path="/api/version")] == [1, 2, 3]
    assert [each["seq"] for each in mock.journal(match(path="/api/version"), after=2)] == [3]
    assert [each["seq"] for each in mock.last(2)] == [3, 4]
    assert mock.verify(path="/api/version", count=3) == 3
    assert mock.verify(path="/api/version", count=(1, None)) == 3
    mock.verify(path="/api/delete", never=True)
    mock.verify(order=[match(path="/api/version"), match(path="/api/tags")])
    with contextlib.closing(mock.watch(after=2)) as watched:
        assert [next(watched)["seq"], next(watched)["seq"]] == [3, 4]
    assert json.loads(mock.har())["log"]["version"] == "1.2"
    assert "/api/tags" in mock.cases()
    assert len(mock.recorded_stubs()) >= 2
    mock.clear_journal()
    assert mock.journal() == []


def test_more_than_a_page(mock: MockClient) -> None:
    for _ in range(5):
        get(mock.url + "/api/version")
    mock.PAGE = 2
    assert [each["seq"] for each in mock.journal()] == [1, 2, 3, 4, 5]


def test_a_verification_that_fails_says_what_differs(mock: MockClient) -> None:
    get(mock.url + "/api/show", body={"model": "b"})
    with pytest.raises(VerificationFailed) as caught:
        mock.verify(path="/api/show", json={"model": "a"})
    assert isinstance(caught.value, AssertionError)
    assert '"a"' in str(caught.value) and '"b"' in str(caught.value)
    with pytest.raises(VerificationFailed):
        mock.verify(path="/api/show", never=True)


def test_eventually(mock: MockClient) -> None:
    with pytest.raises(VerificationFailed):
        mock.verify(path="/api/version", within=0.05)


def test_why_no_stub_answered(mock: MockClient) -> None:
    mock.stub(when(path="/x", json={"n": 1}).named("x").reply(json={}))
    get(mock.url + "/x", body={"n": 2})
    (miss,) = mock.explain(1)
    assert miss["stub"] == "x"
    assert "n" in miss["differences"][0]["where"]


def test_settings(mock: MockClient) -> None:
    with pytest.raises(MockError, match=r"\$\.latnecy: unknown key"):
        mock.configure("ollama", latnecy=1)
    with pytest.raises(MockError, match="no API 'olama'"):
        mock.configure("olama")


def test_errors_have_their_place(mock: MockClient) -> None:
    with pytest.raises(MockError) as caught:
        mock.stub({"request": {"rpc": "ollama.v1.OllamaService/Versio"}, "answers": [{}]})
    assert (caught.value.status, caught.value.path) == (400, "$.stubs[0].request.rpc")
    bound = mock.when(path="/x")
    with pytest.raises(LookupError, match=r"say \.reply"):
        _ = bound.id
    with pytest.raises(MockError):
        bound.reply(status=7)
    assert bound.reply(status=204).id in {each["id"] for each in mock.stubs()}
    with pytest.raises(TypeError, match="but not both"):
        mock.verify(match(path="/x"), path="/y")


def test_nobody_there() -> None:
    with pytest.raises(MockUnreachable, match="no mock answers at http://127.0.0.1:1: "):
        MockClient("http://127.0.0.1:1").server()
    with pytest.raises(ValueError, match="is no address of a mock"):
        MockClient("127.0.0.1:8000").server()


def test_asynchronously(mock: MockClient) -> None:
    async def run() -> None:
        later = AsyncMockClient.of(mock)
        await later.stub(when(path="/x").reply(json={"a": 1}))
        waiting = asyncio.ensure_future(later.verify(path="/x", within=5))
        assert await asyncio.to_thread(get, later.url + "/x") == (200, {"a": 1})
        assert await waiting == 1
        assert later.headers == mock.headers
        assert (await later.fresh().info())["requests"] == 0

    asyncio.run(run())


def test_the_async_client_has_every_call() -> None:
    calls = {name for name, _ in inspect.getmembers(MockClient, inspect.isfunction) if not name.startswith("_")}
    assert calls - set(vars(AsyncMockClient)) == {"watch", "when"}
