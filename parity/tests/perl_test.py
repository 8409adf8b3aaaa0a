"""The example as somebody else would join it: a program elsewhere on the disk, named on the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mock.cli.exit import Exit
from parity.cli.arguments import parser
from parity.cli.place import Place
from parity.cli.run import command

PLACE = Place.here()
CLIENT = PLACE.root / "examples" / "perl" / "client.pl"
KNOWN = "codec/tinker.v1.HealthResponse"


@pytest.fixture(scope="module", autouse=True)
def perl() -> None:
    found = shutil.which("perl")
    if found is None or subprocess.run([found, "-MJSON::PP", "-e", "1"], check=False).returncode:
        pytest.skip("perl with its JSON::PP is not on PATH")


def asked(folder: Path, text: str, capsys: pytest.CaptureFixture[str], *features: str) -> tuple[int, dict[str, Any]]:
    program = folder / "client.pl"
    program.write_text(text)
    words = ["--testee", f"cmd:perl {program}", "--json", *(f"--feature={feature}" for feature in features)]
    ended = command(parser().parse_args(words), PLACE)
    results: dict[str, Any] = json.loads(capsys.readouterr().out)
    return ended, results


def test_joins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended, results = asked(tmp_path, CLIENT.read_text(), capsys, KNOWN, "futures/queue", "cli/size")
    assert {testee["name"] for testee in results["testees"]} == {"perl"}
    assert (ended, set(Counter(each["verdict"] for each in results["results"]))) == (Exit.GOOD, {"pass"})
    assert {each["case"].split("/")[0] for each in results["results"]} == {"codec", "futures", "cli"}


def test_says_what_it_does_not_know(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended, results = asked(tmp_path, CLIENT.read_text(), capsys, "codec/tinker.v1.AdamParams")
    assert (ended, {each["verdict"] for each in results["results"]}) == (Exit.GOOD, {"unsupported"})


def test_one_wrong_word_is_red(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = CLIENT.read_text().replace("unless ref $read eq 'HASH'", "if 0")
    ended, _ = asked(tmp_path, wrong.replace("{ status => 'ok' }", "{ Status => 'ok' }"), capsys, KNOWN)
    assert ended == Exit.FINDINGS
