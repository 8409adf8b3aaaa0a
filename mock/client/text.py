"""Verdicts and exchanges as text for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from mock.client.shapes import Body, Entry, NearMiss, Verdict

# Of a body that is shown in the report of a test.
SHOWN = 600


def verdict_text(verdict: Verdict) -> str:
    """
    wanted 1 request, found 0
      entry 3 is nearest:
        body $.model: wanted equals "a", got "b"
    """
    lines = [verdict.get("problem") or "the verification does not hold"]
    for miss in verdict.get("near_misses", []):
        if miss.get("differences"):  # else it is one of too many, which the problem names
            lines += near_miss_lines(miss)
    return "\n".join(lines)


def near_miss_lines(miss: NearMiss) -> list[str]:
    who = f"stub {miss['stub']}" if "stub" in miss else "what was wanted"
    lines = [f"  entry {miss['entry']} is not {who}:" if "entry" in miss else f"  not {who}:"]
    for each in miss.get("differences", []):
        lines.append(f"    {each['where']}: wanted {each['wanted']}, got {each['got']}")
    return lines


def exchanges_text(entries: Sequence[Entry]) -> str:
    return "\n".join(line for entry in entries for line in exchange_lines(entry))


def exchange_lines(entry: Entry) -> Iterable[str]:
    status = entry.get("grpc_status") or entry.get("status", "no answer")
    took = f" in {entry['took_s'] * 1000:.1f} ms" if "took_s" in entry else ""
    ended = "" if entry.get("ended", "complete") == "complete" else f", {entry['ended']}"
    fault = f", fault {entry['fault']}" if "fault" in entry else ""
    yield (
        f"#{entry['seq']} {entry['method']} {entry['target']} -> {status}{took} "
        f"(by {entry['answered_by'] or 'nobody yet'}{fault}{ended})"
    )
    if "problem" in entry:
        yield f"    problem: {entry['problem']}"
    for label, body in (("asked", entry.get("request")), ("answered", entry.get("answer"))):
        if body and body.get("size"):
            yield f"    {label}: {body_text(body)}"
    if parts := entry.get("parts"):
        yield f"    answered in {len(parts)} parts, the last: {body_text(parts[-1]['body'])}"


def body_text(body: Body) -> str:
    """In one line, cut to SHOWN characters."""
    text: Any = json.dumps(body["json"], ensure_ascii=False) if "json" in body else body.get("text")
    if text is None:
        return f"{body.get('size', 0)} bytes"
    text = " ".join(str(text).split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({body.get('size', len(text))} bytes)"
