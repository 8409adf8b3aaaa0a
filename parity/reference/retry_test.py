from __future__ import annotations

import pytest

from parity.reference import retry
from parity.reference.dialect import OLD, TINKEX

NOW = 1_764_158_400.0  # 2025-11-26 12:00:00 UTC


@pytest.mark.parametrize("status", [408, 429, 500, 503, 599])
def test_again(status: int) -> None:
    assert retry.decide(status, {}, OLD)
    assert retry.decide(status, {}, TINKEX)


@pytest.mark.parametrize("status", [200, 302, 400, 401, 402, 403, 404, 410, 422, 425])
def test_not_again(status: int) -> None:
    assert not retry.decide(status, {}, OLD)


def test_conflict_and_broken_connections_are_not_the_seeds() -> None:
    assert retry.decide(409, {}, OLD) and not retry.decide(409, {}, TINKEX)
    assert retry.decide(None, {}, OLD) and not retry.decide(None, {}, TINKEX)


def test_the_server_has_the_last_word() -> None:
    assert retry.decide(400, {"x-should-retry": "true"}, OLD)
    assert not retry.decide(503, {"x-should-retry": "false"}, OLD)
    assert retry.decide(503, {"x-should-retry": "False"}, OLD)
    assert not retry.decide(200, {"x-should-retry": "true"}, OLD)


@pytest.mark.parametrize(
    ("number", "random", "seconds"), [(0, 0.0, 0.5), (1, 0.0, 1.0), (4, 0.0, 8.0), (5, 0.0, 10.0), (2000, 0.5, 8.75)]
)
def test_longer_each_time(number: int, random: float, seconds: float) -> None:
    assert retry.delay(number, {}, random, NOW) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "12.5", "retry-after": "7"}, 0.0125),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after": "60"}, 60.0),
        ({"retry-after": "61"}, 0.5),
        ({"retry-after": "0"}, 0.5),
        ({"retry-after": "-1"}, 0.5),
        ({"retry-after": "nan"}, 0.5),
        ({"retry-after": "Wed, 26 Nov 2025 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Wed, 26 Nov 2025 11:00:00 GMT"}, 0.5),
        ({"retry-after": "Wed, 99 Nov 2025"}, 0.5),
    ],
)
def test_the_server_says_when(headers: dict[str, str], seconds: float) -> None:
    assert retry.delay(0, headers, 0.0, NOW) == pytest.approx(seconds)
