from __future__ import annotations

import hpack
import pytest

from mock.engine.answer import Pairs
from mock.engine.http import blocks


def told(status: int, fields: Pairs, length: int | None = None) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in hpack.Decoder().decode(blocks.head(status, fields, length))]


def test_what_a_stub_copies_out_of_a_request_is_one_value() -> None:
    assert ("x", "a  set-cookie: b") in told(200, ((b"X", b" a\r\nset-cookie: b\0"),))


def test_a_date_of_its_own_is_the_only_one() -> None:
    said = told(200, ((b"Date", b"then"),), 5)
    assert [value for name, value in said if name == "date"] == ["then"]
    assert ("content-length", "5") in said
    assert [name for name, _ in told(200, ())] == [":status", "date"]


@pytest.mark.parametrize("status", [100, 204])
def test_statuses_that_have_no_length(status: int) -> None:
    assert "content-length" not in dict(told(status, (), 0))


def test_an_answer_that_is_a_grpc_status_has_no_length() -> None:
    assert "content-length" not in dict(told(200, ((b"grpc-status", b"0"),), 0))
