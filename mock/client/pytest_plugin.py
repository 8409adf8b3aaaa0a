"""The pytest fixture `mock_server`: a mock server, and a session of it for each test.

    def test_chat(mock_server):
        mock = mock_server("ollama")
        mock.when(path="/api/version").reply(json={"version": "0.9"})
        assert my_client(mock.url).version() == "0.9"
        mock.verify(path="/api/version", count=1)

What it gives is a MockClient. The server is started when a test first asks for it, with the words that `samewire mock`
takes, is shared by all tests that give the same words (by each worker of pytest-xdist one), and is stopped at the end.
A test that fails shows the last exchanges of its sessions.

In a Bazel test: `plugins = ["mock.client.pytest_plugin"]`, `deps = ["//mock/client"]`, `data = ["//mock/cli:mock"]`,
`env = {"SAMEWIRE_MOCK": "$(rootpath //mock/cli:mock)"}`. Elsewhere: `pytest -p mock.client.pytest_plugin`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Protocol

import pytest

from mock.client.client import MockClient
from mock.client.error import MockError
from mock.client.process import MockProcess
from mock.client.text import exchanges_text

# Exchanges in the report of a test that failed.
SHOWN = 10
_SESSIONS: pytest.StashKey[list[MockClient]] = pytest.StashKey()


class MockServer(Protocol):
    """The fixture: `mock_server("tinker", "--seed", "7")`."""

    def __call__(self, *words: str) -> MockClient: ...


@pytest.fixture(scope="session")
def mock_processes() -> Iterator[dict[tuple[str, ...], MockProcess]]:
    """The servers that run, by the words that they were started with."""
    processes: dict[tuple[str, ...], MockProcess] = {}
    yield processes
    for process in processes.values():
        process.close()


@pytest.fixture
def mock_server(
    request: pytest.FixtureRequest, mock_processes: dict[tuple[str, ...], MockProcess]
) -> Iterator[MockServer]:
    """`mock_server("ollama")`: a fresh session, as a MockClient. A server that died is started anew."""
    sessions = request.node.stash.setdefault(_SESSIONS, [])

    def start(*words: str) -> MockClient:
        process = mock_processes.get(words)
        if process is None or not process.running():
            process = mock_processes[words] = MockProcess(*words)
        session = process.client().fresh(request.node.name)
        sessions.append(session)
        return session

    yield start
    for session in sessions:
        try:
            session.delete()
        except MockError:
            continue  # the server is gone, and the session with it


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and report.when == "call":
        for session in item.stash.get(_SESSIONS, []):
            report.sections.append((f"Mock session {session.session}", _shown(session)))
    return report


def _shown(session: MockClient) -> str:
    try:
        return exchanges_text(session.last(SHOWN)) or "nothing was asked"
    except MockError as error:
        return f"the mock can't be asked what it saw: {error}"
