"""All planted faults, by the case files as they are; and that a fault which nobody notices is told."""

from __future__ import annotations

import asyncio
import os

import pytest

from parity.cli.mutants import questions_for
from parity.cli.place import Place
from parity.mutants.fault import Fault
from parity.mutants.faults import FAULTS
from parity.mutants.score import Score, score
from parity.runner.registry import built

PLACE = Place.here()


@pytest.fixture(scope="module")
def whole() -> Score:
    # As `samewire parity` does for its own programs.
    os.environ["SAMEWIRE_MOCK"] = str(PLACE.root / os.environ["SAMEWIRE_MOCK"])
    return asked(FAULTS)


def asked(faults: tuple[Fault, ...]) -> Score:
    (healthy,) = built(PLACE.testees, PLACE.root)
    return asyncio.run(score(faults, questions_for(faults, PLACE), str(PLACE.mutant), healthy))


@pytest.mark.parametrize("name", [fault.name for fault in FAULTS])
def test_caught(name: str, whole: Score) -> None:
    assert whole.caught[name], "no case notices; write it, or say why the fault makes no difference"


def test_all(whole: Score) -> None:
    assert whole.findings == []
    assert str(whole).endswith(" 100 %")
    assert whole.good


def test_what_nobody_notices_is_told() -> None:
    """The fault is real, the cases that are asked are others."""
    (fault,) = (fault for fault in FAULTS if fault.name == "size-1000")
    result = asked((Fault(fault.name, fault.module, fault.old, fault.new, ("telemetry/index",)),))
    assert (result.missed, result.good) == (["size-1000"], False)
    assert str(result) == "0 of 1 planted faults caught: 0 %"


def test_features_without_cases() -> None:
    result = asked((Fault("nowhere", "people", "a", "b", ("no/such",)),))
    assert result.findings == ["no case in no/such: nowhere"]
    assert not result.good
