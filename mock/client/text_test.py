from __future__ import annotations

from mock.client.error import MockError, MockUnreachable, VerificationFailed
from mock.client.shapes import Entry, Verdict
from mock.client.text import SHOWN, exchanges_text

MISS: Verdict = {
    "ok": False,
    "matched": 0,
    "problem": "wanted at least 1 request, found 0",
    "near_misses": [
        {"entry": 3, "differences": [{"where": "body $.model", "wanted": 'equals "a"', "got": '"b"'}]},
        {"entry": 2, "stub": "two", "differences": [{"where": "path", "wanted": "/x", "got": "/y"}]},
    ],
    "evicted": 0,
}


def test_a_failed_verification_shows_every_difference() -> None:
    assert str(VerificationFailed(MISS)).splitlines() == [
        "wanted at least 1 request, found 0",
        "  entry 3 is not what was wanted:",
        '    body $.model: wanted equals "a", got "b"',
        "  entry 2 is not stub two:",
        "    path: wanted /x, got /y",
    ]


def test_one_that_came_too_often_differs_in_nothing() -> None:
    problem = "wanted none, but 1 came: entries 4"
    verdict: Verdict = {"ok": False, "matched": 1, "problem": problem, "near_misses": [{"entry": 4}], "evicted": 0}
    assert str(VerificationFailed(verdict)) == problem


def test_errors_are_one_line() -> None:
    assert (
        str(MockError("PUT /faults", 400, "no kind 'x'", "$.rules[0]"))
        == "PUT /faults: $.rules[0]: no kind 'x' (status 400)"
    )
    error = MockUnreachable("GET /server", "Connection refused")
    assert str(error) == "GET /server: Connection refused"
    assert error.status == 0


def test_exchanges() -> None:
    entries: list[Entry] = [
        {
            "seq": 1,
            "method": "POST",
            "target": "/api/chat",
            "status": 200,
            "took_s": 0.0042,
            "answered_by": "backend",
            "ended": "complete",
            "request": {"size": 7, "json": {"a": "é\n"}},
            "answer": {"size": 3, "base64": "/wAA"},
        },
        {
            "seq": 2,
            "method": "GET",
            "target": "/x",
            "answered_by": "fault rule-1",
            "fault": "rule-1",
            "ended": "cut",
            "problem": "no JSON",
            "answer": {"size": 2000, "text": "y" * 2000},
            "parts": [{"at_s": 0.1, "body": {"size": 1, "text": "a"}}],
        },
    ]
    assert exchanges_text(entries).splitlines() == [
        "#1 POST /api/chat -> 200 in 4.2 ms (by backend)",
        '    asked: {"a": "é\\n"}',
        "    answered: 3 bytes",
        "#2 GET /x -> no answer (by fault rule-1, fault rule-1, cut)",
        "    problem: no JSON",
        f"    answered: {'y' * SHOWN}… (2000 bytes)",
        "    answered in 1 parts, the last: a",
    ]
