from __future__ import annotations

import pytest

from parity.reference import config
from parity.reference.config import BASE_URL, BadKeyError, NoKeyError, resolve, telemetry_enabled
from parity.reference.dialect import NEW, OLD

ENV = {"TINKER_API_KEY": "tml-env", "TINKER_BASE_URL": "http://env/", "TINKER_TAGS": "b,a,b"}


def test_usual() -> None:
    made = resolve(OLD, {"TINKER_API_KEY": "k"})
    assert (made.base_url, made.api_key, made.timeout_s, made.max_retries, made.tags) == (BASE_URL, "k", 60.0, 10, ())


def test_environment_and_arguments() -> None:
    assert (resolve(OLD, ENV).base_url, resolve(OLD, ENV).tags) == ("http://env/", ("a", "b"))
    assert resolve(NEW, ENV).base_url == "http://env"
    made = resolve(OLD, ENV, base_url="http://mine", api_key="k", timeout_s=1.5, max_retries=0, tags=())
    assert (made.base_url, made.api_key, made.timeout_s, made.max_retries, made.tags) == (
        "http://mine",
        "k",
        1.5,
        0,
        (),
    )


def test_keys() -> None:
    with pytest.raises(NoKeyError, match="TINKER_API_KEY"):
        resolve(OLD, {})
    with pytest.raises(BadKeyError, match="tml-"):
        resolve(NEW, {}, api_key="other")
    assert resolve(NEW, {}, api_key="eyJx").api_key == "eyJx"


@pytest.mark.parametrize(
    ("said", "on"), [("1", True), ("YES", True), ("On", True), ("0", False), ("", False), ("2", False)]
)
def test_telemetry(said: str, on: bool) -> None:
    assert telemetry_enabled({"TINKER_TELEMETRY": said}) is on
    assert telemetry_enabled({})


@pytest.mark.parametrize(
    ("base", "end", "joined"),
    [
        ("http://a/b/", "/c", "http://a/b/c"),
        ("http://a", "c", "http://a/c"),
        ("http://a", "https://o/x", "https://o/x"),
    ],
)
def test_join(base: str, end: str, joined: str) -> None:
    assert config.join(base, end) == joined
