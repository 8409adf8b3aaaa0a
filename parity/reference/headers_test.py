from __future__ import annotations

from parity.reference import headers
from parity.reference.dialect import OLD, TINKEX


def test_later_ones_win() -> None:
    assert headers.merge({"A": "1", "b": "1"}, {"a": "2", "B": None}, {"c": "3"}) == {"a": "2", "c": "3"}
    assert headers.merge({"a": None}, {"A": "1"}) == {"a": "1"}


def test_own() -> None:
    own = headers.own(OLD, "tml-k")
    assert (own["x-api-key"], own["user-agent"], own["x-stainless-package-version"]) == (
        "tml-k",
        "AsyncTinker/Python 0.4.1",
        "0.4.1",
    )
    assert "Tinkex" in headers.own(TINKEX, "k")["user-agent"]
