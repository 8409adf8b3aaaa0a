from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from mock.engine.answer import JSON, Answer
from mock.engine.journal.cases import cases, dump
from mock.engine.journal.journal import Journal
from mock.engine.journal.mask import masked
from mock.engine.journal.testing import CLOCK, exchange, request


def test_requests_and_answers_by_dialect() -> None:
    journal = Journal(session="mine")
    exchange(journal, request("POST", "/v1/items", b'{"id":"1"}'), Answer(201, JSON, b'{"id":"1"}'))
    exchange(journal, request("POST", "/v1/items", b'{"id":"2","legacy":true}'), Answer(201, JSON, b'{"id":"2"}'))
    exchange(journal, request("GET", "/x"), Answer(404, (), b"no"))
    exchange(journal, request("GET", "/y"), ended="reset")
    journal.open(request("GET", "/z"), CLOCK)
    text = cases(journal)
    assert (
        "# left out: entry 4: its answer did not come to its end (reset)\n# left out: entry 5: not answered\n" in text
    )
    document = yaml.safe_load(text)
    assert (document["feature"], document["source"]) == ("recorded", ["recorded"])
    (case,) = document["cases"]
    assert (case["id"], case["kind"]) == ("mine", "scenario")
    assert {dialect: len(asked) for dialect, asked in case["requests"].items()} == {"new": 1, "old": 1, "default": 1}
    assert case["requests"]["new"][0] == {
        "rpc": "shop.v1.ShopService/CreateItem",
        "method": "POST",
        "target": "/v1/items",
        "message": {"id": "1"},
    }
    assert case["answers"]["old"] == [{"status": 201, "json": {"id": "2"}}]
    assert case["answers"]["default"] == [{"status": 404, "text": "no"}]


def test_an_empty_journal() -> None:
    assert yaml.safe_load(cases(Journal()))["cases"] == []


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(_JSON)
def test_yaml_reads_back_as_the_same(value: Any) -> None:
    assert yaml.safe_load(dump({"v": value})) == {"v": value}


def test_masks() -> None:
    assert masked("Authorization", "Bearer abc") == "Bearer ***"
    assert masked("authorization", "abc") == "***"
    for name in ("x-api-key", "Cookie", "proxy-authorization", "X-Session-Token", "set-cookie"):
        assert "abc" not in masked(name, "abc def")
    assert masked("x-a", "abc") == "abc"
