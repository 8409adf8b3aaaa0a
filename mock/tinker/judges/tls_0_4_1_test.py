"""PyPI `tinker` 0.4.1 over TLS, where it speaks HTTP/2; and the ways in which it can be told where the server is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.client.process import MockProcess
from mock.client.stub import match, rule
from mock.tinker.judges.sdk_0_4_1 import BASE, SAMPLE, STEP, Connect, datum, header, loss, losses, sent, step, types

PROMPT = types.ModelInput.from_ints([1, 2, 3])


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MockProcess, Path]]:
    """A server, and the certificate that it made for itself."""
    pem = tmp_path_factory.mktemp("tls") / "server.pem"
    with MockProcess("tinker", "--tls", "--tls-write", str(pem)) as process:
        yield process, pem


@pytest.fixture
def mock(secure: tuple[MockProcess, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[MockClient]:
    process, pem = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    client = MockClient(process.address, cafile=str(pem)).fresh("tls")
    yield client
    client.delete()


def test_everything_goes_over_http_2(service: Any, training: Any, mock: MockClient) -> None:
    assert mock.address.startswith("https://")
    losses(training, 3)
    before = loss(training)
    path = training.save_state("ck").result(timeout=20).path
    losses(training, 1)
    training.load_state(path).result(timeout=20)
    assert loss(training) == before
    link = service.create_rest_client().get_checkpoint_archive_url_from_tinker_path(path).result()
    assert link.url.startswith("https://")
    assert {each["protocol"] for each in mock.journal()} == {"HTTP/2"}
    assert {header(each, "x-api-key") for each in mock.journal()} == {"tml-test"}


def test_many_streams_of_one_connection(service: Any, mock: MockClient) -> None:
    sampler = service.create_sampling_client(base_model=BASE)
    params = types.SamplingParams(max_tokens=2)

    async def ask() -> list[Any]:
        return await asyncio.gather(*[sampler.sample_async(PROMPT, 1, params) for _ in range(150)])

    assert len(asyncio.run(ask())) == 150
    entries = sent(mock, "/asample")
    assert len(entries) == 150 and len({each["connection"] for each in entries}) < 20


def test_a_large_batch_fills_many_frames(training: Any) -> None:
    done = training.forward_backward([datum([3] * 20_000), datum([1, 2])], "cross_entropy").result(timeout=20)
    assert [len(each["logprobs"].data) for each in done.loss_fn_outputs] == [20_000, 2]


@pytest.mark.parametrize(
    "kind",
    ["reset_before_headers", "reset_after_headers", "reset_within_body", "goaway", "garbage", "half_close", "empty"],
)
@pytest.mark.usefixtures("hurry")
def test_broken_streams_and_connections(training: Any, mock: MockClient, kind: str) -> None:
    """The step is done once, whatever becomes of its answer."""
    mock.set_faults([rule(kind, match(rpc=STEP, calls=1), unserved=False)])
    assert [step(training), step(training)] == [1, 2]


def test_a_status_of_a_stream(service: Any, mock: MockClient) -> None:
    sampler = service.create_sampling_client(base_model=BASE)
    mock.set_faults([rule("status", match(rpc=SAMPLE, calls=1), status=503, headers={"retry-after-ms": "5"})])
    assert sampler.compute_logprobs(PROMPT).result(timeout=20)[0] is None


@pytest.mark.parametrize("form", ["{}", "{}/"])
def test_where_the_server_is(connect: Connect, mock: MockClient, form: str) -> None:
    """A path before the API's own is kept; a slash at its end says nothing."""
    assert connect(base_url=form.format(mock.url)).get_server_capabilities().supported_models
    assert {each["target"].partition("/api/v1")[2] for each in mock.journal()} == {
        "/create_session",
        "/get_server_capabilities",
    }


def test_what_a_caller_may_set(connect: Connect, mock: MockClient) -> None:
    service = connect(timeout=7.5, max_retries=0, default_headers={"X-Mine": "1"}, default_query={"q": "a b"})
    service.get_server_capabilities()
    for each in mock.journal():
        assert header(each, "x-mine") == "1" and header(each, "x-stainless-read-timeout") == "7.5"
        assert each["target"].endswith("?q=a+b") or each["target"].endswith("?q=a%20b")
