"""The shipped manifest holds for the cases as they are."""

from __future__ import annotations

import pytest

from mock.cli.exit import Exit
from parity.cli.arguments import parser
from parity.cli.manifest import command
from parity.cli.place import Place


def test_nothing_is_forgotten(capsys: pytest.CaptureFixture[str]) -> None:
    ended = command(parser().parse_args(["manifest"]), Place.here())
    assert (capsys.readouterr().err, ended) == ("", Exit.GOOD)
