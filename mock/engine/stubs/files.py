"""Scenarios from files, JSON or YAML. What is wrong in one is told by file, line and JSON path."""

from __future__ import annotations

from pathlib import Path
from typing import Any, overload

import orjson
from samewire.mock.v1.fault_wire import FaultSchedule
from samewire.mock.v1.stub_wire import Scenario
from samewire_wire import WireError

_LARGEST = 64 * 1024 * 1024  # bytes


class ScenarioError(ValueError):
    """`str()` is one line: "stubs.yaml:12: $.stubs[0].answers: is missing"."""

    def __init__(self, file: Path, line: int | None, path: str, reason: str) -> None:
        at = f"{file}:{line}" if line is not None else str(file)
        super().__init__(f"{at}: {path}: {reason}" if path else f"{at}: {reason}")
        self.file = file
        self.line = line
        self.path = path
        self.reason = reason


@overload
def read_scenario(file: None) -> None: ...
@overload
def read_scenario(file: str | Path) -> Scenario: ...
def read_scenario(file: str | Path | None) -> Scenario | None:
    """None without a file. Raises ScenarioError for one that can't be read or is no scenario."""
    return None if file is None else read_as(Path(file), Scenario)


@overload
def read_faults(file: None) -> None: ...
@overload
def read_faults(file: str | Path) -> FaultSchedule: ...
def read_faults(file: str | Path | None) -> FaultSchedule | None:
    """None without a file. Raises ScenarioError for one that can't be read or is no fault schedule."""
    return None if file is None else read_as(Path(file), FaultSchedule)


def line_of(file: Path, path: str) -> int | None:
    """Where in a file a JSON path stands, for errors that come up later; None where it is not found."""
    from mock.engine.stubs import yaml_text

    try:
        return yaml_text.line_of(file.read_bytes().decode(), path)
    except (OSError, ValueError, RecursionError):
        return None


def read_as(file: Path, kind: Any) -> Any:
    """The message `kind` that a file holds. Raises ScenarioError for one that can't be read or is none."""
    text = _text(file)
    if _is_json(file, text):
        data = text.encode()
    else:
        from mock.engine.stubs import yaml_text  # a server starts quickly without it

        data = yaml_text.to_json(file, text)
    try:
        return kind.from_wire(data)
    except WireError as error:
        field = f" (field {error.field} of {error.owner})" if error.field else ""
        raise ScenarioError(file, line_of(file, error.path), error.path, error.reason + field) from None


def _is_json(file: Path, text: str) -> bool:
    """Raises ScenarioError for a .json that is none; whatever else it is called, it may be JSON too.

    Keys that stand twice are found by who reads the message.
    """
    if file.suffix != ".json" and not text.lstrip().startswith("{"):
        return False
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if file.suffix != ".json":
            return False
        raise ScenarioError(file, error.lineno, "", f"no JSON: {error.msg}") from None
    return True


def _text(file: Path) -> str:
    try:
        size = file.stat().st_size
        if size > _LARGEST:
            raise ScenarioError(file, None, "", f"has {size} bytes; more than {_LARGEST} are not read")
        data = file.read_bytes()
    except OSError as error:
        raise ScenarioError(file, None, "", error.strerror or str(error)) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ScenarioError(file, line, "", f"byte {error.start} is no UTF-8") from None
