from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock.cli.exit import Exit
from mock.client.process import MockProcess
from parity.cli.arguments import parser
from parity.cli.contract import command
from parity.cli.place import Place
from parity.contract.real import NoServer, Real

PLACE = Place.here()
KEY = "tml-secret"
ONE = ("--dialect", "tinker-0.38")
"""A real server speaks as one generation does."""


@pytest.fixture(scope="module")
def server() -> Iterator[MockProcess]:
    """The mock, in the place of the service."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMEWIRE_MOCK", str(PLACE.root / os.environ["SAMEWIRE_MOCK"]))
        process = MockProcess("tinker")
        yield process
        process.close()


def asked(capsys: pytest.CaptureFixture[str], *words: str, **environ: str) -> tuple[int, dict[str, Any], str]:
    ended = command(parser().parse_args(["contract", "--json", *words]), PLACE, environ)
    said = capsys.readouterr()
    return ended, json.loads(said.out), said.err


def test_against_the_mock(server: MockProcess, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMEWIRE_MOCK", str(PLACE.root / os.environ["SAMEWIRE_MOCK"]))
        ended, results, said = asked(capsys)
    assert "against the mock" in said
    assert {each["case"] for each in results["results"]} == {
        f"contract/{name}"
        for name in ("forward_backward", "optim_step", "sample", "get_info", "get_server_capabilities")
    }
    assert (ended, {each["verdict"] for each in results["results"]}) == (Exit.GOOD, {"pass"})


def test_against_a_real_server(server: MockProcess, capsys: pytest.CaptureFixture[str]) -> None:
    ended, results, said = asked(
        capsys, *ONE, SAMEWIRE_CONTRACT_URL=server.address, SAMEWIRE_CONTRACT_KEY=KEY, SAMEWIRE_CONTRACT_MODEL="m/Real"
    )
    assert f"against {server.address}" in said
    assert KEY not in said
    assert (ended, {each["verdict"] for each in results["results"]}) == (Exit.GOOD, {"pass"})
    sent = server.client().journal()
    assert {header["value"] for entry in sent for header in entry["headers"] if header["name"] == "x-api-key"} == {KEY}
    made = [entry for entry in sent if entry["target"].endswith("/create_model")]
    assert made
    assert all("m/Real" in json.dumps(entry["request"]) for entry in made)


def test_a_server_that_differs_is_red(server: MockProcess, capsys: pytest.CaptureFixture[str]) -> None:
    ended, results, _ = asked(
        capsys, *ONE, SAMEWIRE_CONTRACT_URL=f"{server.address}/nothing/here", SAMEWIRE_CONTRACT_KEY=KEY
    )
    assert (ended, {each["verdict"] for each in results["results"]}) == (Exit.FINDINGS, {"fail"})


@pytest.mark.parametrize(
    ("environ", "reason"),
    [
        ({"SAMEWIRE_CONTRACT_URL": "http://127.0.0.1:1"}, "SAMEWIRE_CONTRACT_KEY is not set"),
        ({"SAMEWIRE_CONTRACT_KEY": "k"}, "SAMEWIRE_CONTRACT_URL is not set"),
        ({"SAMEWIRE_CONTRACT_URL": "here", "SAMEWIRE_CONTRACT_KEY": "k"}, "no http or https address"),
    ],
)
def test_half_a_server(environ: dict[str, str], reason: str) -> None:
    with pytest.raises(NoServer, match=reason):
        Real.of(environ)


def test_off_by_default() -> None:
    assert Real.of({}) is None
