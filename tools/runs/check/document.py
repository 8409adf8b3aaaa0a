"""A run as one JSON document, for scripts."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from tools.runs.check.job import Checked
from tools.runs.check.verdict import Red
from tools.runs.matrix.page import as_json
from tools.runs.record import CaseResult

VERSION = 1


def document(checked: Checked) -> dict[str, Any]:
    """Everything that the terminal shows and more. Keys are only added within a version."""
    run, state = checked.run, checked.state
    return {
        "version": VERSION,
        "verdict": checked.verdict.text,
        "good": checked.verdict.good,
        "exit": int(checked.verdict.exit),
        "bazel_exit_code": checked.verdict.code,
        "seconds": round(checked.seconds, 3),
        "critical_path_seconds": state.critical_path,
        "run": asdict(run),
        "counts": asdict(checked.counts),
        "failed": [_red(red) for red in checked.reds if not red.masked],
        "quarantined": [_red(red) for red in checked.reds if red.masked],
        "flaky": [_result(word.result) for word in checked.words if word.flaky],
        "skipped": [_result(word.result) for word in checked.words if word.result.outcome == "skipped"],
        "not_built": [{"target": each.label, "reason": each.reason, "text": each.text} for each in state.unbuilt],
        "findings": [{"kind": each.kind, "at": each.at, "text": each.text} for each in checked.findings],
        "unreadable": checked.unreadable,
        "warnings": checked.warnings,
        "outage": checked.run.outage,
        "targets": [
            {
                "target": label,
                "run": number,
                "shard": shard,
                "status": action.last.status,
                "attempts": len(action.attempts),
                "cached": action.last.cached,
                "seconds": action.last.duration,
                "started": action.last.started,
            }
            for (label, number, shard), action in sorted(state.actions.items())
        ],
        "matrix": json.loads(as_json(checked.matrix, checked.verdict.text, [])) if checked.matrix else None,
    }


def _result(result: CaseResult) -> dict[str, Any]:
    return {
        "case": str(result.case),
        **asdict(result.case),
        "outcome": result.outcome,
        "message": result.message,
        "attempt": result.attempt,
        "seconds": result.seconds,
        "node": result.node,
        "file": result.file,
        "line": result.line,
        "signature": result.signature,
    }


def _red(red: Red) -> dict[str, Any]:
    return {
        **_result(red.result),
        "detail": red.result.detail,
        "attempts": red.tries,
        "log": red.log,
        "again": red.command,
        "owner": red.owner,
        "issue": red.issue,
        "flake_probability": red.flake,
        "flake_why": red.why,
        "change": red.reach,
        "change_why": red.reach_why,
    }
