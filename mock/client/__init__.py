"""What a test says to a mock server: stubs, faults, time, and what was asked.

    from mock.client import MockClient, when

    mock = MockClient("http://127.0.0.1:8000").fresh()       # a session of its own
    mock.when(rpc="ollama.v1.OllamaService/Version").reply(json={"version": "0.9"})
    ...                                                      # the client under test talks to mock.url
    mock.verify(rpc="ollama.v1.OllamaService/Version", count=1)

With pytest, `mock.client.pytest_plugin` starts the server too: its fixture `mock_server("ollama")` gives a MockClient.

Everything here needs the standard library alone. A test of an SDK runs with the wheels of that SDK, whichever versions
of httpx and pydantic those bring; what watches the SDK must not ask for others. So the transport is http.client, what
goes over the wire are dicts (TypedDicts say their keys, `shapes.py`; a test holds them against the definitions), and
generated models (`samewire.mock.v1.stub_wire.Stub` …) are taken wherever a dict is.
"""

from mock.client.async_client import AsyncMockClient
from mock.client.client import BoundStub, MockClient
from mock.client.error import MockError, MockUnreachable, VerificationFailed
from mock.client.process import MockNotStarted, MockProcess
from mock.client.stub import Stub, match, rule, when

__all__ = [
    "AsyncMockClient",
    "BoundStub",
    "MockClient",
    "MockError",
    "MockNotStarted",
    "MockProcess",
    "MockUnreachable",
    "Stub",
    "VerificationFailed",
    "match",
    "rule",
    "when",
]
