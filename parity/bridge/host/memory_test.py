from __future__ import annotations

from pathlib import Path

from samewire_wire import MISSING

from parity.bridge.host.memory import memory


def test_a_process_takes_memory() -> None:
    found = memory()
    assert 1_000_000 < found.rss <= found.vms
    assert 0 < found.percent < 100
    assert found.error is MISSING


def test_where_the_system_does_not_tell_the_reason_is_told(tmp_path: Path) -> None:
    odd = tmp_path / "statm"
    odd.write_text("what")
    for path in (tmp_path / "none", odd):
        found = memory(path)
        assert (found.rss, found.vms, found.percent) == (0, 0, 0)
        assert found.error
