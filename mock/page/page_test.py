"""The document itself: one, whole, and under a policy that fits it."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from mock.engine.request import Connection, Request
from mock.page.page import page


def _get(target: str = "/__samewire", method: str = "GET") -> tuple[dict[str, str], str] | None:
    answer = page(Request(method, target, [], connection=Connection(1)))
    if answer is None:
        return None
    return {name.decode(): value.decode() for name, value in answer.headers}, answer.body.decode()


@pytest.mark.parametrize("target", ["/__samewire", "/__samewire/", "/__samewire?a=b"])
def test_where_it_is(target: str) -> None:
    assert _get(target) is not None


@pytest.mark.parametrize(
    ("target", "method"), [("/__samewire/v1/server", "GET"), ("/__samewire", "POST"), ("/", "GET")]
)
def test_where_it_is_not(target: str, method: str) -> None:
    assert _get(target, method) is None


def test_its_policy_lets_in_what_it_brings_and_nothing_else() -> None:
    found = _get()
    assert found is not None
    headers, text = found
    policy = headers["content-security-policy"]
    for kind in ("script", "style"):
        (part,) = re.findall(f"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")


def test_it_reaches_for_nothing_outside_and_builds_no_html() -> None:
    found = _get()
    assert found is not None
    text = found[1]
    assert "{{" not in text
    assert not re.search(r"https?://|(?:src|href)=\"(?!data:)", text)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\son[a-z]+=\"", text
    )


def test_every_kind_of_fault_can_be_chosen() -> None:
    found = _get()
    assert found is not None
    kinds = re.findall("<option>(.*?)</option>", found[1])
    assert {"status", "hang", "goaway", "delay"} <= set(kinds)
    assert not [kind for kind in kinds if "UNSPECIFIED" in kind]
