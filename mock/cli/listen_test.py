"""Where a server listens and how it says so: ports, sockets, TLS; each asked by a client."""

from __future__ import annotations

import json
import ssl
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import grpc
import pytest

from mock.cli.conftest import get, serving
from mock.client import MockClient, MockProcess, MockUnreachable
from mock.client.process import command


def test_the_line_and_the_ready_file(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    ready.write_text("of a server that was killed")
    words = [*command(), "ollama", "--ready-file", str(ready)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline().split()
    assert line[:2] == ["listening", "on"]
    assert "version" in get(f"{line[2]}/api/version")
    assert ready.read_text() == f"{line[2]}\n"
    process.terminate()
    assert process.communicate(timeout=10)[0] == ""
    assert not ready.exists()


def test_json_says_all(tmp_path: Path) -> None:
    words = [*command(), "ollama", "--session-port", "mine=0", "--json"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    assert said["pid"] == process.pid
    ports = [int(url.rpartition(":")[2]) for url in said["listening"]]
    assert len(set(ports)) == 2
    assert min(ports) > 0
    process.terminate()
    process.communicate(timeout=10)


def test_a_unix_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the names of sockets are short
    with MockProcess("ollama", "--unix", "mock.sock") as process:
        assert process.address == f"http+unix://{Path('mock.sock').absolute()}"
        mock = process.client().fresh()
        mock.when(path="/api/version").reply(json={"version": "9"})
        assert len(mock.stubs()) == 1
        with grpc.insecure_channel("unix:mock.sock", [("grpc.default_authority", "localhost")]) as channel:
            assert b"." in channel.unary_unary("/ollama.v1.OllamaService/Version")(b"", timeout=10)
    assert not Path("mock.sock").exists()


def test_tls_that_is_generated(tmp_path: Path) -> None:
    certificate = tmp_path / "ca.pem"
    with MockProcess("ollama", "--tls", "--tls-write", str(certificate)) as process:
        assert process.address.startswith("https://127.0.0.1:")
        assert process.client().server()["apis"] == ["ollama"]  # trusts what --tls-write wrote
        trusting = ssl.create_default_context(cafile=str(certificate))
        for host in ("127.0.0.1", "localhost"):
            url = process.address.replace("127.0.0.1", host) + "/api/version"
            with urllib.request.urlopen(url, context=trusting, timeout=10) as answer:
                assert "version" in json.load(answer)
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(process.address + "/api/version", timeout=10)
        with pytest.raises(MockUnreachable, match="certificate"):
            MockClient(process.address).server()
        credentials = grpc.ssl_channel_credentials(certificate.read_bytes())
        with grpc.secure_channel(process.client().target, credentials) as channel:
            assert b"." in channel.unary_unary("/ollama.v1.OllamaService/Version")(b"", timeout=10)


def test_tls_that_is_given(tmp_path: Path) -> None:
    from mock.server.certificate import self_signed

    certificate, key = self_signed()
    (tmp_path / "cert.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)
    with MockProcess("ollama", "--cert", str(tmp_path / "cert.pem"), "--key", str(tmp_path / "key.pem")) as process:
        assert process.client().server()["apis"] == ["ollama"]


def test_others_need_the_token() -> None:
    with MockProcess("ollama", "--host", "0.0.0.0", "--token", "secret") as process:
        address = process.address.replace("0.0.0.0", "127.0.0.1")
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{address}/__samewire/v1/server", timeout=10)
        with caught.value as error:
            assert error.code == 401
            assert "Bearer" in json.load(error)["error"]
        assert MockClient(address, token="secret").server()["apis"] == ["ollama"]
        assert "version" in get(f"{address}/api/version")  # what is mocked is for everybody


def test_a_token_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMEWIRE_MOCK_TOKEN", "hidden")
    with serving("ollama") as (url, _):
        with pytest.raises(urllib.error.HTTPError) as caught:
            get(f"{url}/__samewire/v1/server")
        with caught.value as error:
            assert error.code == 401
