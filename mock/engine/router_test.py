import pytest

from mock.engine.api import Api
from mock.engine.router import Router
from mock.engine.testing.backend import shop_api


@pytest.fixture(scope="module")
def api() -> Api:
    return shop_api()


@pytest.mark.parametrize(
    ("verb", "path", "name", "fields"),
    [
        ("GET", "/v1/items", "ListItems", {}),
        ("POST", "/v1/items", "CreateItem", {}),
        ("GET", "/v1/items/a%20b", "GetItem", {"id": "a b"}),
        ("GET", "/v1/items/x/watch", "Watch", {"id": "x"}),
        ("PUT", "/v1/shelves/a/7/items/x/price", "PutPrice", {"shelf": "a/7", "id": "x"}),
    ],
)
def test_found(api: Api, verb: str, path: str, name: str, fields: dict[str, str]) -> None:
    router = Router(api.methods)
    for _ in range(2):  # the second time from memory
        found = router.find(verb, path)
        assert found is not None
        assert (found[0].name, found[2]) == (name, fields)


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/v1/items/"),
        ("GET", "/v1/items/x/y"),
        ("DELETE", "/v1/items"),
        ("PUT", "/v1/shelves/b/7/items/x/price"),
    ],
)
def test_not_found(api: Api, verb: str, path: str) -> None:
    assert Router(api.methods).find(verb, path) is None


def test_verbs_of_a_path(api: Api) -> None:
    router = Router(api.methods)
    assert router.verbs("/v1/items") == ["GET", "POST"]
    assert router.verbs("/v1/items/x") == ["GET"]
    assert router.verbs("/else") == []


def test_what_is_remembered_is_bounded(api: Api) -> None:
    router = Router(api.methods)
    for number in range(10_000):
        router.find("GET", f"/v1/items/{number}")
    assert len(router._seen) <= 4096
