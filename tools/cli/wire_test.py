"""The wire commands over the real definitions: what scripts rely on, and what people see of bad input."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from tools.cli.__main__ import app

SAMPLE = '{"prompt":{"chunks":[{"tokens":[1,2]}]},"sampling_params":{},"seq_id":null}'


def run(*words: str, data: str | bytes = "") -> Result:
    return CliRunner().invoke(app, ["wire", *words], input=data)


def test_a_round_trip_keeps_what_the_dialect_says() -> None:
    said = run("roundtrip", "--message", "tinker.v1.SampleRequest", "--dialect", "tinker-0.4.1", data=SAMPLE)
    assert said.exit_code == 0
    assert json.loads(said.stdout) == json.loads(SAMPLE)


def test_a_message_goes_through_binary_and_protojson() -> None:
    words = ["roundtrip", "--message", "tinker.v1.EncodedTextChunk", "--dialect", "tinkex"]
    binary = run(*words, "--to", "binary", data='{"tokens":[1,2],"type":"encoded_text"}')
    assert binary.exit_code == 0 and binary.stdout_bytes
    protojson = run(*words, "--from", "binary", "--to", "protojson", data=binary.stdout_bytes)
    assert json.loads(protojson.stdout)["tokens"] == ["1", "2"]


def test_a_union_is_a_message_too() -> None:
    said = run("roundtrip", "--message", "tinker.v1.Stop", "--dialect", "tinkex", data='["a"]')
    assert (said.exit_code, said.stdout) == (0, '["a"]\n')


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ('{"prompt":{"chunks":[{"tokens":["x"]}]},"sampling_params":{}}', "$.prompt.chunks[0].tokens[0]"),
        ('{"prompt":{"chunks":[]},"sampling_params":{},"nope":1}', "$.nope"),
        ("{", "$"),
        (b"\xff", "$"),
        ("", "$"),
    ],
)
def test_bad_input_is_one_line_with_its_path(data: str | bytes, path: str) -> None:
    said = run("roundtrip", "--message", "tinker.v1.SampleRequest", "--dialect", "tinker-0.4.1", data=data)
    assert said.exit_code == 1 and not said.stdout
    assert said.stderr.count("\n") == 1 and said.stderr.startswith("tinker.v1.SampleRequest at " + path)


def test_validate_says_which_dialects_take_it() -> None:
    said = run("validate", "--message", "tinker.v1.EncodedTextChunk", data='{"tokens":[1]}')
    assert said.exit_code == 0 and said.stdout == "tinker-0.4.1: ok\ntinker-0.38: ok\ntinkex: ok\n"
    bad = run("validate", "--message", "tinker.v1.EncodedTextChunk", data='{"tokens":null}')
    assert bad.exit_code == 1 and bad.stderr.count("$.tokens") == 3
    as_json = run("validate", "--message", "tinker.v1.EncodedTextChunk", "--json", data='{"tokens":null}')
    assert as_json.exit_code == 1 and json.loads(as_json.stdout)["tinkex"]["path"] == "$.tokens"


def test_schema_is_self_contained() -> None:
    said = run("schema", "--message", "tinker.v1.LoadWeightsRequest", "--dialect", "tinkex")
    document = json.loads(said.stdout)
    assert document["$schema"].endswith("2020-12/schema")
    assert "optimizer" in document["$defs"]["tinker.v1.LoadWeightsRequest"]["properties"]


def test_describe_lists_and_shows() -> None:
    assert "tinker.v1.SampleRequest" in run("describe").stdout.splitlines()
    shown = run("describe", "--message", "tinker.v1.LoadWeightsRequest").stdout
    assert "optimizer" in shown and "tinkex" in shown
    assert json.loads(run("describe", "--message", "tinker.v1.Stop", "--json").stdout)["full_name"] == "tinker.v1.Stop"


@pytest.mark.parametrize("command", ["roundtrip", "validate", "schema", "describe"])
def test_an_unknown_message_is_misuse_and_names_those_near_it(command: str) -> None:
    said = run(command, "--message", "tinker.v1.SampelRequest", data="{}")
    assert said.exit_code == 2 and "tinker.v1.SampleRequest" in said.stderr


def test_an_unknown_dialect_is_misuse_and_names_those_there_are() -> None:
    said = run("roundtrip", "--message", "tinker.v1.SampleRequest", "--dialect", "tinker-9", data="{}")
    assert said.exit_code == 2 and "tinker-0.4.1" in said.stderr
