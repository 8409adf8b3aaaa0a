from __future__ import annotations

import asyncio
from typing import Any

import pytest
from samewire.parity.v1.testee_wire import Request, Response

from parity.reference.testee.serve import answer


def ask(call: str, given: Any, dialect: str = "tinker-0.4.1") -> Response:
    return asyncio.run(answer(Request(id=7, case="a/b", call=call, dialect=dialect, input=given)))


def test_result() -> None:
    assert ask("url.join", {"base": "http://a/b/", "path": "/c"}) == Response(id=7, result="http://a/b/c")


def test_awaited() -> None:
    assert ask("pages.plan", {"limit": 0, "batch": 2, "total": 3}).result == [[2, 0], [1, 2]]


def test_refusal_tells_its_kind() -> None:
    refused = ask("metrics.reduce", {"results": [{"metrics": {"a:mean": 1.0}, "outputs": 0}]}).rejected
    assert refused is not None and refused.kind == "zero_weight"


def test_codec_tells_where() -> None:
    refused = ask("codec", {"message": "tinker.v1.ModelInput", "json": '{"chunks":[{"tokens":["x"]}]}'}).rejected
    assert refused is not None and refused.kind == "invalid" and str(refused.path).startswith("$.chunks[0]")


@pytest.mark.parametrize(
    "case", [("nothing", {}, "tinker-0.4.1"), ("url.join", {}, "tinker-0.4.1"), ("url.join", {}, "x")]
)
def test_what_goes_wrong_is_an_outcome(case: tuple[str, Any, str]) -> None:
    response = ask(*case)
    assert response.failed or response.unsupported


def test_a_scenario_without_a_service() -> None:
    """Nobody listens on port 1; what would have been slept is told, and a step of a missing client is misuse."""
    given = {
        "base_url": "http://127.0.0.1:1",
        "config": {"max_retries": 2},
        "steps": [
            {"do": "http", "with": {"method": "GET", "path": "/x"}},
            {"do": "together", "steps": [{"do": "training.optim_step"}]},
            {"do": "cli", "with": {"args": ["version"]}},
        ],
    }
    response = ask("scenario", given)
    assert response.result == {
        "steps": [
            {"error": {"kind": "connection"}},
            [{"error": {"kind": "usage"}}],
            {"ok": {"exit": 0, "stdout": "tinker 0.4.1\n", "stderr": ""}},
        ],
        "slept_s": [0.5, 1.0],
    }
