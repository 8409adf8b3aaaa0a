import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from mock.cli.__main__ import main
from mock.cli.conftest import get, say, serving
from mock.cli.exit import Exit

SCENARIO = """
stubs:
  - id: greeting
    request: {path: /api/version}
    answers: [{json: {version: "9.9"}}]
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "scenario.yaml"
    file.write_text(SCENARIO)
    return file


FILES = {
    "key.yaml": "stubs:\n  - request: {pth: /}\n    answers: [{}]\n",
    "answer.yaml": "stubs:\n  - request: {rpc: ollama.v1.OllamaService/Version}\n    answers:\n"
    "      - json: {version: 1}\n",
    "faults.yaml": "seed: 1\nfaults:\n  rules:\n    - request: {rpc: a.B/C}\n      fault: {kind: hang}\n",
    "settings.yaml": "backends:\n  ollama:\n    latency: 3\n",
    "other.yaml": "backends:\n  tinker: {}\n",
    "cut.yaml": "stubs: [\n",
    "cut.json": '{"stubs":\n [}',
    "kind.json": '{"rules": [\n{"fault": {"kind": "hng"}}]}',
    "rpc.json": '{"rules": [\n{"request": {"rpc": "a.B/C"}, "fault": {"kind": "hang"}}]}',
    "cut.proto": 'syntax = "proto3";\nmessage A {\n',
    "import.proto": 'syntax = "proto3";\nimport "not/there.proto";\n',
    "none.proto": 'syntax = "proto3"; message A { string a = 1; }',
    "text.pem": "no certificate",
}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", "COMMAND"),
        ("nothing", "invalid choice: 'nothing'"),
        ("ollama --prot 1", "unrecognized arguments: --prot 1"),
        ("ollama --port 70000", "'70000' is no port"),
        ("ollama --port 1 --port 2", "--port: is given twice"),
        ("ollama --scenario key.yaml --scenario key.yaml", "--scenario: is given twice"),
        ("ollama --seed x", "--seed: invalid int value: 'x'"),
        ("ollama --journal-bytes much", "no size"),
        ("ollama --unix a.sock --port 1", "--unix is a socket instead of a port"),
        ("ollama --unix no/a.sock", "can't listen on no/a.sock: No such file"),
        ("ollama --unix text.pem", "can't listen on text.pem: "),
        ("ollama --host 0.0.0.0", "--host 0.0.0.0 lets others in: say --token"),
        ("ollama --host name.invalid --token t", "can't listen on name.invalid:0: "),
        ("ollama --session-port mine", "say NAME=PORT"),
        ("ollama --session-port a/b=0", "'a/b' is no name of a session"),
        ("ollama --proxy nowhere", "say http://HOST"),
        ("ollama --record seen.txt", "--record seen.txt: say a name that ends in"),
        ("ollama --record no/seen.yaml", "--record no/seen.yaml: the folder is not there"),
        ("ollama --ready-file no/ready", "--ready-file no/ready: there is no such folder"),
        ("ollama --ready-file .", "--ready-file .: Is a directory"),
        ("ollama --cert text.pem", "--cert and --key go together"),
        ("ollama --cert a.pem --key b.pem", "a.pem: no such file"),
        ("ollama --cert text.pem --key text.pem", "text.pem: no certificate in it"),
        ("ollama --tls --cert text.pem --key text.pem", "say one of both"),
        ("ollama --tls --tls-write no/a.pem", "no/a.pem: No such file"),
        ("ollama --scenario missing.yaml", "missing.yaml: No such file"),
        ("ollama --scenario .", ".: Is a directory"),
        ("ollama --scenario cut.yaml", "cut.yaml:2: no YAML"),
        ("ollama --scenario cut.json", "cut.json:2: no JSON"),
        ("ollama --scenario key.yaml", "key.yaml:2: $.stubs[0].request.pth: unknown key"),
        ("ollama --scenario answer.yaml", "answer.yaml:4: $.stubs[0].answers[0].json.version: "),
        ("ollama --scenario faults.yaml", "faults.yaml:4: $.faults.rules[0].request.rpc: no method 'a.B/C'"),
        ("ollama --scenario settings.yaml", "settings.yaml:3: $.backends.ollama.latency: unknown key"),
        ("ollama --scenario other.yaml", "other.yaml:2: $.backends.tinker: no API 'tinker' is served here"),
        ("ollama --faults missing.json", "missing.json: No such file"),
        ("ollama --faults kind.json", "kind.json:2: $.rules[0].fault.kind: "),
        ("ollama --faults rpc.json", "rpc.json:2: $.rules[0].request.rpc: no method 'a.B/C'"),
        ("replay missing.yaml", "missing.yaml: No such file"),
        ("replay key.yaml", "key.yaml:2: $.stubs[0].request.pth"),
        ("serve missing.proto", "missing.proto: no such file"),
        ("serve .", ".: no file"),
        ("serve cut.proto", "mock: cut.proto:3: "),
        ("serve import.proto", "import.proto:2: "),
        ("serve none.proto", "none.proto: no service"),
        ("serve none.proto -I no", "-I no: no such folder"),
        ("verify {} --url http://127.0.0.1:1 --session /", "no mock answers"),
        ("verify {", "the following arguments are required: --url"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: str,
    says: str,
) -> None:
    """In this process: it is over before anything listens."""
    # pytest puts the folder above a test's package first, and there `ollama` is the mock.
    monkeypatch.setattr(sys, "path", [path for path in sys.path if Path(path).name != "mock"])
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_text(text)
    try:
        code: object = main(words.split())
    except SystemExit as end:
        code = end.code
    told = capsys.readouterr()
    assert says in told.err
    assert told.err.startswith("samewire mock")
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert code == (Exit.COULD_NOT_RUN if "no mock answers" in says else Exit.MISUSE)


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = say("ollama", "--port", str(taken.getsockname()[1]))
    assert done.returncode == Exit.MISUSE
    assert "in use" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_it_is_ready_when_it_says_so_and_stops_within_a_second(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    with serving("ollama", "--ready-file", ready) as (url, process):
        assert ready.read_text() == url + "\n"
        assert "version" in get(f"{url}/api/version")
        watching = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))
        watching.sendall(b"GET /__samewire/v1/sessions/default/journal/watch HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert watching.recv(100).startswith(b"HTTP/1.1 200")
        start = time.monotonic()
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=10) == Exit.GOOD
        assert time.monotonic() - start < 1
        watching.close()
    assert not ready.exists()


def test_scenario_stubs_and_verification(scenario: Path) -> None:
    assert say("stubs", "check", scenario, "--api", "ollama").returncode == Exit.GOOD
    with serving("ollama") as (url, _):
        assert say("stubs", "add", scenario, "--url", url).stdout == "greeting\n"
        assert get(f"{url}/api/version") == {"version": "9.9"}
        assert json.loads(say("stubs", "list", "--url", url, "--json").stdout)["stubs"][0]["id"] == "greeting"
        asked = '{"request":{"path":"/api/version"},"count":{"min":1,"max":1}}'
        assert say("verify", asked, "--url", url).returncode == Exit.GOOD
        never = say("verify", '{"request":{"path":"/api/version"},"never":true}', "--url", url)
        assert never.returncode == Exit.FINDINGS
        assert never.stdout == "wanted none, but 1 came: entries 1\n"
        assert say("stubs", "remove", "greeting", "--url", url).returncode == Exit.GOOD
        assert say("stubs", "remove", "greeting", "--url", url).returncode == Exit.MISUSE
        assert get(f"{url}/api/version") != {"version": "9.9"}
        assert say("stubs", "clear", "--url", url).returncode == Exit.GOOD
    assert say("stubs", "list", "--url", url).returncode == Exit.COULD_NOT_RUN


def test_a_stub_that_the_definitions_refuse(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(
        '{"stubs":[{"request":{"rpc":"ollama.v1.OllamaService/Version"},"answers":[{"json":{"version":1}}]}]}'
    )
    done = say("stubs", "check", file, "--api", "ollama")
    assert done.returncode == Exit.FINDINGS
    assert "$.stubs[0].answers[0].json.version" in done.stderr


def test_anybodys_definitions(tmp_path: Path) -> None:
    file = tmp_path / "yard.proto"
    file.write_text(
        'syntax = "proto3"; package yard.v1; import "google/api/annotations.proto";'
        'service Yard { rpc GetBoat(Boat) returns (Boat) { option (google.api.http) = {get: "/boats/{id}"}; } }'
        "message Boat { string id = 1; }"
    )
    with serving("serve", file) as (url, _):
        assert get(f"{url}/boats/x")["id"] == "x"


def test_help_has_an_example() -> None:
    for words in ([], ["tinker"], ["ollama"], ["serve"], ["replay"], ["verify"]):
        done = say(*words, "--help")
        assert done.returncode == Exit.GOOD
        assert "example" in done.stdout


def test_a_session_has_a_port_of_its_own() -> None:
    with serving("ollama", "--session-port", "mine=0") as (url, _):
        get(f"{url}/api/version")
        sessions = get(f"{url}/__samewire/v1/server")["listening"]
        assert len(sessions) == 2
        get(f"{sessions[1]}/api/version")
        names = [each["name"] for each in get(f"{url}/__samewire/v1/sessions")["sessions"]]
    assert names == ["default", "mine"]
