from __future__ import annotations

from base64 import b64decode

import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode

from mock.engine.backend import Refusal
from mock.engine.grpc import status


def test_the_codes_are_those_of_grpc() -> None:
    assert {code.name: code.value[0] for code in StatusCode} == status.CODES


def test_a_message_is_percent_encoded() -> None:
    assert status.percent("plain text ~") == b"plain text ~"
    assert status.percent("50% ü\n") == b"50%25 %C3%BC%0A"


@pytest.mark.parametrize(
    ("http", "code"),
    [(400, "INVALID_ARGUMENT"), (404, "NOT_FOUND"), (418, "FAILED_PRECONDITION"), (429, "RESOURCE_EXHAUSTED"),
     (500, "INTERNAL"), (503, "UNAVAILABLE"), (599, "INTERNAL"), (302, "UNKNOWN"), (204, "OK")],
)  # fmt: skip
def test_from_http(http: int, code: str) -> None:
    assert status.from_http(http) == code


def test_there_and_back_again() -> None:
    """Of the codes that have an HTTP status of their own."""
    for code in ("NOT_FOUND", "UNAUTHENTICATED", "PERMISSION_DENIED", "UNAVAILABLE", "UNIMPLEMENTED", "CANCELLED"):
        assert status.from_http(status.to_http(code)) == code
    assert status.to_http("DATA_LOSS") == 500


def test_details_are_a_status_of_google_rpc() -> None:
    details = [
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.5s"},
        {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "2s"},
    ]
    trailers = dict(status.trailers("UNAVAILABLE", "try again", details))
    assert trailers[b"grpc-status"] == b"14"
    raw = trailers[b"grpc-status-details-bin"]
    told = status_pb2.Status.FromString(b64decode(raw + b"=" * (-len(raw) % 4)))
    assert (told.code, told.message) == (14, "try again")
    retry = error_details_pb2.RetryInfo()
    assert told.details[0].Unpack(retry) and retry.retry_delay.nanos == 500_000_000
    assert told.details[1].TypeName() == "google.protobuf.Duration"


@pytest.mark.parametrize(
    ("detail", "why"),
    [
        ({"retryDelay": "1s"}, "@type"),
        ({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "soon"}, "soon"),
        ({"@type": "type.googleapis.com/google.rpc.RetryInfo", "delay": "1s"}, "delay"),
        ({"@type": "type.googleapis.com/no.such.Message"}, "no.such.Message"),
    ],
)
def test_details_that_are_none_are_refused(detail: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        status.trailers("INTERNAL", "", [detail])
    assert str(caught.value).startswith("$.details[0]: ")


def test_a_code_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="'TEAPOT' is no code of gRPC; there are OK, CANCELLED"):
        status.trailers("TEAPOT")


def test_a_refusal() -> None:
    assert status.of(Refusal(404, message="no item")) == ((b"grpc-status", b"5"), (b"grpc-message", b"no item"))
    assert status.of(Refusal(400, grpc="OUT_OF_RANGE")) == ((b"grpc-status", b"11"),)
    # A refusal is never a success, and an unknown code no crash.
    assert status.of(Refusal(200)) == ((b"grpc-status", b"2"),)
    assert status.of(Refusal(500, grpc="NO_CODE")) == ((b"grpc-status", b"2"),)
