"""Whatever stands in a file: an event, nothing, or one ValueError."""

from __future__ import annotations

import io
from collections.abc import Callable
from json import dumps
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tools.runs.events import Notice, binary, json

DATA = Path(__file__).with_name("testdata")
LINES = (DATA / "run.json").read_bytes().splitlines()
RECORDS = [data for data, _ in binary.records(io.BytesIO((DATA / "run.binpb").read_bytes()))]

NAMES = st.sampled_from(
    ["label", "id", "name", "uri", "contents", "item", "metadata", "executionInfo", "exitCode", "tag"]
)
JSON = st.recursive(
    st.sampled_from([None, True, 5, -1, 1e300, "", "5", "5s", "é", "2026-11-21T18:31:51.844Z"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=4,
)
# A change: where, how much is taken away, and what is put there.
CHANGES = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 9), st.binary(max_size=9)), max_size=4)


def changed(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for place, length, new in changes:
        data = data[:place] + new + data[place + length :]
    return data


def problem(parse: Callable[[bytes], object], data: bytes) -> str:
    """What is wrong with it, empty when nothing is."""
    try:
        parse(data)
    except ValueError as error:
        said = str(error)
    else:
        return ""
    assert said.startswith("no build event")
    return said


@given(st.sampled_from(LINES), CHANGES)
def test_changed_lines(line: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    said = problem(json.parse, changed(line, changes))
    assert "\n" not in said


@given(st.sampled_from(sorted(json.READERS)), JSON, JSON)
def test_any_json_in_any_payload(kind: str, key: object, payload: object) -> None:
    event = {"id": {kind: key}, json.READERS[kind][0]: payload}
    problem(json.parse, dumps(event).encode())
    problem(json.parse, dumps(event | {"aborted": payload}).encode())


@given(st.sampled_from(RECORDS), CHANGES)
def test_changed_records(record: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    problem(binary.parse, changed(record, changes))


@given(st.binary(max_size=200))
def test_a_stream_of_anything_has_an_end(data: bytes) -> None:
    events = list(binary.read(io.BytesIO(data), "x"))
    assert sum(isinstance(event, Notice) for event in events) <= 2
