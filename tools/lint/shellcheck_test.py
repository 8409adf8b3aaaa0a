"""Shell: shellcheck on every script, whether its name says so or its first line."""

import os
from pathlib import Path

from tools.lint.tree import files, findings

SHELLCHECK = [os.environ["SHELLCHECK"], "--format=gcc", "--external-sources", "--source-path=SCRIPTDIR"]
FIRST_LINES = (b"#!/bin/sh", b"#!/bin/bash", b"#!/usr/bin/env bash", b"#!/usr/bin/env sh")


def scripts() -> list[str]:
    def is_script(path: str) -> bool:
        return path.endswith((".sh", ".bash")) or Path(path).read_bytes()[:40].startswith(FIRST_LINES)

    return [path for path in files("*") if is_script(path)]


def test_every_script() -> None:
    found = scripts()
    assert "bazelw" in found
    assert not (said := findings([*SHELLCHECK, *found])), said


def test_finds_an_unquoted_variable(tmp_path: Path) -> None:
    bad = tmp_path / "bad.sh"
    bad.write_text("#!/bin/sh\nrm $1\n")
    assert "SC2086" in findings([*SHELLCHECK, bad])
