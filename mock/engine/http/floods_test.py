from __future__ import annotations

from types import SimpleNamespace

import pytest

from mock.engine.http import floods
from mock.engine.http.floods import Allowance
from mock.engine.http.frames import Code, GoAway


def test_what_is_allowed_comes_back_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(floods, "time", SimpleNamespace(monotonic=lambda: clock.now))
    allowance = Allowance()

    def spent() -> int:
        for count in range(10_000):
            try:
                allowance.spend("pings")
            except GoAway:
                return count
        raise AssertionError("no end")

    assert spent() == 2_000
    with pytest.raises(GoAway, match="too many pings") as caught:
        allowance.spend("pings")
    assert caught.value.code is Code.ENHANCE_YOUR_CALM
    clock.now += 2
    assert spent() == pytest.approx(1_000, abs=2)
    clock.now += 3600
    assert spent() == pytest.approx(2_000, abs=2)  # never more than at once
