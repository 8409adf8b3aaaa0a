"""Parity cases: what was asked and answered, as one scenario case in YAML.

    feature: recorded
    source: [recorded]
    cases:
      - id: default                       the session
        kind: scenario
        requests:                         by dialect ("default" where none is known), in order: what must be asked
          tinker-0.4.1: [{rpc: …, method: POST, target: …, message: …}]
        answers:                          one for each request: a Reply as in samewire/mock/v1/stub.proto
          tinker-0.4.1: [{status: 200, json: …}]

Credentials in headers are masked. Exchanges that no stub can give again are named in comments at the top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import yaml

from mock.engine.journal.entry import entry
from mock.engine.journal.recording import Unfit, reply

if TYPE_CHECKING:
    from mock.engine.journal.journal import Journal
    from mock.engine.journal.record import Record


def cases(journal: Journal) -> str:
    requests: dict[str, list[Any]] = {}
    answers: dict[str, list[Any]] = {}
    left_out = [f"entries 1 to {journal.evicted}: evicted"] if journal.evicted else []
    for record in journal.records():
        if not record.answered_at:
            left_out.append(f"entry {record.seq}: not answered")
            continue
        try:
            answer = orjson.loads(reply(record).to_wire())
        except Unfit as reason:
            left_out.append(f"entry {record.seq}: {reason}")
            continue
        dialect, asked = _asked(record, journal)
        requests.setdefault(dialect, []).append(asked)
        answers.setdefault(dialect, []).append(answer)
    case = {"id": journal.session, "kind": "scenario", "requests": requests, "answers": answers}
    document = {"feature": "recorded", "source": ["recorded"], "cases": [case] if requests else []}
    notes = "".join(f"# left out: {' '.join(line.split())}\n" for line in left_out)
    return notes + dump(document)


def dump(value: Any) -> str:
    """YAML that reads back as the same JSON value."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    # YAML 1.1 takes these for ends of lines; between quotes they are escaped.
    style = '"' if any(char in value for char in "\x85\u2028\u2029\ufeff") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _asked(record: Record, journal: Journal) -> tuple[str, dict[str, Any]]:
    said = orjson.loads(entry(record, journal).to_wire())
    asked = {key: said[key] for key in ("rpc", "method", "target", "message", "problem") if key in said}
    if "message" not in asked and "request" in said:
        asked["body"] = {key: value for key, value in said["request"].items() if key != "size"}
    return said.get("dialect") or "default", asked
