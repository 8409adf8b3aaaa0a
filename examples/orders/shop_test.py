"""The mock server: the definition's routes and types, and the answers that a test gives."""

import urllib.request

from shop.v1.order_wire import Order


def test_an_order(mock_server) -> None:
    mock = mock_server("serve", "shop/v1/order.proto", "-I", ".")
    mock.when(path="/v1/orders/7").reply(json={"order_id": "7", "cents": 995})
    with urllib.request.urlopen(mock.url + "/v1/orders/7") as answer:
        order = Order.from_wire(answer.read(), "py-1")
    assert (order.order_id, order.cents) == ("7", 995)
    mock.verify(path="/v1/orders/7", count=1)


def test_an_answer_made_from_the_definition(mock_server) -> None:
    mock = mock_server("serve", "shop/v1/order.proto", "-I", ".")
    with urllib.request.urlopen(mock.url + "/v1/orders/8") as answer:
        Order.from_wire(answer.read(), "py-1")
