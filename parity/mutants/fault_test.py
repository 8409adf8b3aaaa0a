from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from parity.mutants.fault import REFERENCE, Fault, StaleFault
from parity.mutants.faults import FAULTS

MINUS = Fault("minus", "category", 'if category == "user":', "if False:", ("futures/retryable",))
ASK = "from parity.reference.category import retryable; print(retryable('user', None))"


def out_of(line: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", line], env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_is_planted_in_its_own_process() -> None:
    plant = f"from parity.mutants.fault import Fault; Fault{(*vars(MINUS).values(),)!r}.plant(); "
    assert [out_of(ASK), out_of(plant + ASK)] == ["False", "True"]


@pytest.mark.parametrize(("old", "count"), [("no such text", 0), ("return", 3)])
def test_stale(old: str, count: int) -> None:
    with pytest.raises(StaleFault, match=f"stands {count} times"):
        Fault("stale", "category", old, "", ()).plant()


def test_too_late() -> None:
    import parity.reference.category  # noqa: F401 - that it is imported is the point

    with pytest.raises(ValueError, match="imported already"):
        MINUS.plant()


def test_no_such_module() -> None:
    with pytest.raises(ImportError):
        Fault("lost", "no_such_module", "a", "b", ()).plant()


def test_each_has_a_name_and_features_and_changes_something() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert [fault.name for fault in FAULTS if not fault.features or fault.old == fault.new] == []
    assert len({(fault.module, fault.old, fault.new) for fault in FAULTS}) >= 60


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_stands_where_it_says(fault: Fault) -> None:
    """Parts of the client that are rewritten need their faults anew."""

    spec = importlib.util.find_spec(REFERENCE + fault.module)
    assert spec is not None and spec.origin is not None
    compile(fault.apply(Path(spec.origin).read_text(encoding="utf-8")), spec.origin, "exec")
