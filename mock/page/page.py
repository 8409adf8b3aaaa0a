"""The page as an answer: one document that brings all it needs, under a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import html
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from mock.engine.answer import Answer, Pairs

if TYPE_CHECKING:
    from mock.engine.request import Request

PATH = "/__samewire"
_HERE = Path(__file__).parent
# In the order in which they use each other.
SCRIPTS = ("wire.js", "elements.js", "requests.js", "detail.js", "settings.js", "main.js")


def page(request: Request) -> Answer | None:
    """None for what is not the page."""
    if request.path not in (PATH, PATH + "/") or request.method not in ("GET", "HEAD"):
        return None
    headers, body = _document()
    return Answer(200, headers, body)


@cache
def _document() -> tuple[Pairs, bytes]:
    style = _read("page.css")
    script = '"use strict";\n' + "\n".join(map(_read, SCRIPTS))
    text = _read("page.html")
    for name, part in (("style", style), ("kinds", _kinds()), ("script", script)):
        text = text.replace("{{" + name + "}}", part, 1)
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src {_hash(script)}",
            f"style-src {_hash(style)}",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )
    headers: Pairs = (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cache-control", b"no-store"),
    )
    return headers, text.encode()


def _kinds() -> str:
    """The kinds of faults that the definitions know, as options."""
    from samewire.mock.v1.fault_wire import FaultKind

    kinds = [kind for kind in get_args(FaultKind) if not kind.endswith("_UNSPECIFIED")]
    return "".join(f"<option>{html.escape(kind)}</option>" for kind in kinds)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
