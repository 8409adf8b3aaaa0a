from datetime import datetime
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from mock.engine.answer import JSON, Answer
from mock.engine.journal.har import har
from mock.engine.journal.journal import Journal
from mock.engine.journal.testing import CLOCK, NDJSON, exchange, request, stream

# Required keys and their types, after chapter 3 of the specification.
_PAIR = {"name": str, "value": str}
_ENTRY: dict[str, Any] = {
    "startedDateTime": str,
    "time": (int, float),
    "request": {
        "method": str, "url": str, "httpVersion": str, "cookies": [_PAIR], "headers": [_PAIR], "queryString": [_PAIR],
        "headersSize": int, "bodySize": int,
    },
    "response": {
        "status": int, "statusText": str, "httpVersion": str, "cookies": [_PAIR], "headers": [_PAIR],
        "content": {"size": int, "mimeType": str}, "redirectURL": str, "headersSize": int, "bodySize": int,
    },
    "cache": {},
    "timings": {"send": (int, float), "wait": (int, float), "receive": (int, float)},
}  # fmt: skip
_LOG = {"version": str, "creator": {"name": str, "version": str}, "entries": [_ENTRY]}


def check(value: Any, shape: Any, path: str = "$") -> None:
    if isinstance(shape, dict):
        assert isinstance(value, dict), path
        for key, inner in shape.items():
            assert key in value, f"{path}.{key}"
            check(value[key], inner, f"{path}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), path
        for index, each in enumerate(value):
            check(each, shape[0], f"{path}[{index}]")
    else:
        assert isinstance(value, shape) and not isinstance(value, bool), path


def read(journal: Journal) -> dict[str, Any]:
    log = orjson.loads(har(journal))["log"]
    check(log, _LOG)
    for entry in log["entries"]:
        assert datetime.fromisoformat(entry["startedDateTime"]).tzinfo is not None
        timings = entry["timings"]
        assert all(each >= 0 for each in timings.values())
        assert entry["time"] == timings["send"] + timings["wait"] + timings["receive"]
        assert entry["request"]["url"].startswith("http")
    assert isinstance(log, dict)
    return log


_TEXT = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=10).map(
    lambda t: t.encode("latin-1")
)
_HEADERS = st.lists(st.tuples(st.sampled_from([b"cookie", b"set-cookie", b"x-a", b"content-type"]), _TEXT), max_size=4)


@given(st.binary(max_size=50), st.binary(max_size=50), _HEADERS, _HEADERS, st.integers(100, 999))
def test_any_exchange_gives_a_valid_file(
    body: bytes, answer: bytes, asked: list[tuple[bytes, bytes]], said: list[tuple[bytes, bytes]], status: int
) -> None:
    journal = Journal()
    exchange(journal, request("POST", "/a?b=c", body, asked), Answer(status, tuple(said), answer))
    journal.open(request(), CLOCK)
    content = read(journal)["entries"][0]["response"]["content"]
    if answer:
        import base64

        text = content["text"]
        assert (base64.b64decode(text) if content.get("encoding") == "base64" else text.encode()) == answer


def test_what_stands_in_it() -> None:
    journal = Journal()
    headers = [(b"host", b"api.test:80"), (b"cookie", b"a=1; b=2"), (b"authorization", b"Bearer secret-1")]
    asked = request("POST", "/v1/chat?a=1&a=&b=%20", b'{"prompt":"x"}', headers)
    exchange(
        journal, asked, Answer(201, (*JSON, (b"set-cookie", b"id=secret-2; Path=/"), (b"x-token", b"secret-3")), b"{}")
    )
    entry = read(journal)["entries"][0]
    assert entry["request"]["url"] == "http://api.test:80/v1/chat?a=1&a=&b=%20"
    assert [(each["name"], each["value"]) for each in entry["request"]["queryString"]] == [
        ("a", "1"),
        ("a", ""),
        ("b", " "),
    ]
    assert [each["name"] for each in entry["request"]["cookies"]] == ["a", "b"]
    assert entry["request"]["postData"]["text"] == '{"prompt":"x"}'
    assert entry["response"]["statusText"] == "Created"
    assert [each["name"] for each in entry["response"]["cookies"]] == ["id"]
    assert "secret" not in har(journal)
    assert {"name": "authorization", "value": "Bearer ***"} in entry["request"]["headers"]


async def test_streams_evictions_and_cuts() -> None:
    journal = Journal(8000, body_limit=200)
    for _ in range(20):
        exchange(journal)
    await stream(journal, request(), NDJSON, [b'{"a":1}\n'] * 10)
    log = read(journal)
    assert log["comment"] == f"{journal.evicted} earlier entries were evicted"
    last = log["entries"][-1]["response"]
    assert last["content"]["comment"] == "cut" and last["bodySize"] == 80
    assert last["content"]["text"].startswith('{"a":1}\n')
