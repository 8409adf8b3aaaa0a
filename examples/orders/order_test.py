"""The models, and the golden fixtures that a client in any language would read."""

import json
from pathlib import Path

import pytest
from shop.v1.order_wire import Order

FIXTURES = Path("fixtures_dir/fixtures/shop.v1.Order/py-1.json")


def test_missing_null_and_a_value_are_three_states() -> None:
    assert "note" not in json.loads(Order(order_id="7").to_wire("py-1"))
    assert json.loads(Order(order_id="7", note=None).to_wire("py-1"))["note"] is None
    assert json.loads(Order(order_id="7", note="x").to_wire("py-1"))["note"] == "x"


def test_dialects_differ_in_facts() -> None:
    order = Order(order_id="7", cents=2**53 + 1)
    assert "type" not in json.loads(order.to_wire("py-1"))
    assert json.loads(order.to_wire("py-2"))["type"] == "order"


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(ValueError, match="prize"):
        Order.from_wire(b'{"order_id":"7","prize":1}', "py-1")


def test_golden_fixtures() -> None:
    fixtures = json.loads(FIXTURES.read_text())["fixtures"]
    accepted = [fixture for fixture in fixtures if fixture["expect"] == "accept" and "json" in fixture]
    assert len(accepted) > 5
    for fixture in accepted:
        Order.from_wire(fixture["json"].encode(), "py-1")
