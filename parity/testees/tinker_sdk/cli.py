"""Calls about the command `tinker`: how it writes sizes and times, and how it reads pages."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from typing import Any

from parity.testees.tinker_sdk.answer import Call, Rejected, Unsupported, sdk

types = sdk("types")
_output = sdk("cli.output")


def calls() -> dict[str, Call]:
    return {"cli.size": size, "cli.time": when, "pages.plan": pages, "path.parse": path}


def size(given: Any) -> Any:
    return _output.format_size(given["bytes"])


def when(given: Any) -> Any:
    """With a clock that stands at `now`: the function asks datetime itself, when it is called."""
    moment = datetime.datetime.fromisoformat(given["now"])
    real: Any = datetime.datetime

    class Standing(real):  # type: ignore[misc]
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return moment.astimezone(tz)

    datetime.datetime = Standing  # type: ignore[misc]
    try:
        return _output.format_timestamp(given["time"])
    finally:
        datetime.datetime = real  # type: ignore[misc]


# The two listings that the command reads in pages, by the size of their pages.
_LISTINGS = {100: ("run", "list_training_runs"), 1000: ("checkpoint", "list_user_checkpoints")}
_MOMENT = "2026-01-01T00:00:00Z"


def pages(given: Any) -> Any:
    """What `run list` and `checkpoint list` ask for."""
    from click.testing import CliRunner

    if given["batch"] not in _LISTINGS:
        raise Unsupported(f"no listing has pages of {given['batch']}")
    name, method = _LISTINGS[given["batch"]]
    module = sdk(f"cli.commands.{name}")
    asked: list[list[int]] = []

    def listing(limit: int, offset: int, **_: Any) -> Any:
        asked.append([limit, offset])
        count = max(0, min(limit, given["total"] - offset))
        cursor = types.Cursor(offset=offset, limit=limit, total_count=given["total"])
        run = {"training_run_id": "r", "base_model": "m", "model_owner": "o", "is_lora": False}
        kept = {"checkpoint_id": "c", "checkpoint_type": "training", "tinker_path": "tinker://r/weights/c"}
        answer = SimpleNamespace(
            training_runs=[types.TrainingRun(**run, last_request_time=_MOMENT)] * count,
            checkpoints=[types.Checkpoint(**kept, time=_MOMENT)] * count,
            cursor=cursor,
        )
        return SimpleNamespace(result=lambda: answer)

    real = module.create_rest_client
    module.create_rest_client = lambda: SimpleNamespace(**{method: listing})
    try:
        words = ["list", "--limit", str(given["limit"])]
        done = CliRunner().invoke(module.cli, words, obj=sdk("cli.context").CLIContext(format="json"))
    finally:
        module.create_rest_client = real
    if done.exception is not None:
        raise done.exception
    return asked


def path(given: Any) -> Any:
    try:
        told = types.ParsedCheckpointTinkerPath.from_tinker_path(given["path"])
    except ValueError as error:
        raise Rejected("bad_path", error) from None
    kind, name = told.checkpoint_id.split("/")
    return {"run": told.training_run_id, "kind": kind, "name": name, "checkpoint_id": told.checkpoint_id}
