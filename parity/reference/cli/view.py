"""What a command shows: as a table for people, or as JSON for scripts. Source: tinker.md section 3.11."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from samewire_wire import MISSING, Model, Timestamp
from tinker.v1.checkpoint_wire import Checkpoint
from tinker.v1.training_run_wire import TrainingRun

from parity.reference import people
from parity.reference.dialect import NEW, Dialect


@dataclass(frozen=True)
class View:
    """`data`: what the JSON says."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    data: Any

    def print(self, out: TextIO, form: str, width: int | None) -> None:
        """`form`: "json" or "table"; `width`: characters, None for the terminal's."""
        if form == "json":
            out.write(json.dumps(self.data, indent=2) + "\n")
            return
        table = Table(title=self.title)
        for place, column in enumerate(self.columns):
            table.add_column(column, no_wrap=place == 0)
        for row in self.rows:
            table.add_row(*row)
        Console(file=out, width=width, markup=False, highlight=False).print(table)


def runs(found: Sequence[TrainingRun], total: int, now: datetime, dialect: Dialect) -> View:
    columns = ["Run ID", "Base Model", "Owner", "LoRA", "Last Update", "Corrupted"]
    rows = [
        [
            run.training_run_id,
            run.base_model,
            run.model_owner,
            _lora(run, "Rank {}"),
            _time(run.last_request_time, now, dialect),
            str(run.corrupted),
        ]
        for run in found
    ]
    if dialect is NEW:
        columns = ["Run ID", "Base Model", "LoRA", "Last Update", "Status"]
        rows = [[row[0], row[1], row[3], row[4], _status(run, dialect)] for row, run in zip(rows, found, strict=True)]
    title = _title(len(found), "training run", "", total)
    return View(title, columns, rows, {"runs": [shown(run, dialect) for run in found]})


def run(found: TrainingRun, now: datetime, dialect: Dialect) -> View:
    rows = [
        ["Run ID", found.training_run_id],
        ["Base Model", found.base_model],
        ["Owner", found.model_owner],
        ["LoRA", _lora(found, "Yes (Rank {})")],
        ["Last Update", _time(found.last_request_time, now, dialect)],
        ["Status", _status(found, dialect)],
    ]
    for name, last in (("Training", found.last_checkpoint), ("Sampler", found.last_sampler_checkpoint)):
        if isinstance(last, Checkpoint):
            rows.append([f"Last {name} Checkpoint", last.checkpoint_id])
            rows.append(["  - Time", _time(last.time, now, dialect)])
            rows.append(["  - Path", last.tinker_path])
    if isinstance(found.user_metadata, dict) and found.user_metadata:
        rows.append(["Metadata", ""])
        rows += [[f"  - {key}", value] for key, value in found.user_metadata.items()]
    return View(f"Training Run: {found.training_run_id}", ["Property", "Value"], rows, shown(found, dialect))


def checkpoints(found: Sequence[Checkpoint], total: int, of: str | None, now: datetime, dialect: Dialect) -> View:
    """`of`: the run, where one was asked for."""
    columns = ["Checkpoint ID", "Type", "Size", "Public", "Created", *(["Expires"] if dialect is NEW else []), "Path"]
    rows = [
        [
            each.checkpoint_id,
            each.checkpoint_type,
            _size(each),
            _yes(each.public),
            _time(each.time, now, dialect),
            *([_time(each.expires_at, now, dialect)] if dialect is NEW else []),
            each.tinker_path,
        ]
        for each in found
    ]
    data: dict[str, Any] = {} if of is None else {"run_id": of}
    data["checkpoints"] = [shown(each, dialect) for each in found]
    return View(_title(len(found), "checkpoint", "" if of is None else f" for run {of}", total), columns, rows, data)


def checkpoint(found: Checkpoint, run_id: str, now: datetime, dialect: Dialect) -> View:
    rows = [
        ["Checkpoint ID", found.checkpoint_id],
        ["Type", found.checkpoint_type],
        ["Tinker Path", found.tinker_path],
        ["Size", _size(found)],
        ["Public", _yes(found.public)],
        ["Created", _time(found.time, now, dialect)],
        ["Training Run ID", run_id],
    ]
    return View(f"Checkpoint: {found.checkpoint_id}", ["Property", "Value"], rows, shown(found, dialect))


def shown(message: Model, dialect: Dialect) -> dict[str, Any]:
    """All fields of the dialect, times as Python writes them, null for what is not there."""
    rule: Any = message.WIRE.rule(dialect.name)
    return {key.field: _value(getattr(message, key.field), dialect) for key in rule.keys}


def _value(value: Any, dialect: Dialect) -> Any:
    if value is MISSING:
        return None
    if isinstance(value, Model):
        return shown(value, dialect)
    return str(value.to_datetime()) if isinstance(value, Timestamp) else value


def _title(count: int, what: str, of: str, total: int) -> str:
    if count == 0:
        return f"No {what}s found{of}"
    more = f" ({total - count} more not shown, use --limit to see more)" if total > count else ""
    return f"{count} {what}{'' if count == 1 else 's'}{of}{more}"


def _lora(run: TrainingRun, form: str) -> str:
    if not run.is_lora:
        return "No"
    return form.format(run.lora_rank) if isinstance(run.lora_rank, int) and run.lora_rank else "Yes"


def _status(run: TrainingRun, dialect: Dialect) -> str:
    bad, good = ("Failed", "OK") if dialect is NEW else ("Corrupted", "Active")
    return bad if run.corrupted else good


def _time(at: Timestamp | Any | None, now: datetime, dialect: Dialect) -> str:
    return people.time(at.to_datetime() if isinstance(at, Timestamp) else None, now, dialect)


def _size(checkpoint: Checkpoint) -> str:
    return people.size(checkpoint.size_bytes if isinstance(checkpoint.size_bytes, int) else None)


def _yes(value: bool) -> str:
    return "Yes" if value else "No"
