"""One list of commands, whichever program has them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from typer.testing import CliRunner

from tools.cli import __main__, runs

RUNS = set("check explain export farm flaky history import last matrix quarantine report shards".split())


def listed(app: Any) -> set[str]:
    said = CliRunner().invoke(app, ["--help"])
    assert said.exit_code == 0
    return set(re.findall(r"^  ([a-z]+)  +[A-Z]", said.stdout.partition("Commands:")[2], re.MULTILINE))


@pytest.mark.parametrize(("app", "more"), [(runs.app, set()), (__main__.app, {"wire", "gen", "deps"})])
def test_help_lists_every_command(app: Any, more: set[str]) -> None:
    assert listed(app) == RUNS | more
