"""YAML as JSON, with the line of each value."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import orjson
import yaml

from mock.engine.stubs.files import ScenarioError
from mock.engine.stubs.json_path import join

_DEEPEST = 200  # levels; readers of messages take fewer
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST_VALUES = 2_000_000  # what aliases may make of a small file
_STEP = re.compile(r"""\.([^.\[]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]""")
# Dates stay text: JSON has none.
_AS_TEXT = ("tag:yaml.org,2002:timestamp",)


def to_json(file: Path, text: str) -> bytes:
    """`file`: as it is told. Raises ScenarioError for what is no YAML, and for what JSON does not have."""
    try:
        return orjson.dumps(_Reader(file).value(_compose(text), "$"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = f"no YAML: {error.problem or error.context}"
        raise ScenarioError(file, mark.line + 1 if mark else None, "", reason) from None
    except yaml.YAMLError as error:
        raise ScenarioError(file, None, "", f"no YAML: {' '.join(str(error).split())}") from None
    except (RecursionError, TypeError):
        raise ScenarioError(file, None, "", "it nests too deep") from None


def line_of(text: str, path: str) -> int | None:
    """Where a JSON path stands, counted from 1; None where it is not found, or where the text is no YAML (a .json with
    tabs). Raises RecursionError for one that nests too deep."""
    try:
        return _line(_compose(text), path)
    except yaml.YAMLError:
        return None


def _compose(text: str) -> yaml.Node | None:
    # Nodes, not values: they know their lines, and keys that stand twice.
    if _may_be_deep(text) and _depth(text) > _DEEPEST:
        raise RecursionError
    return yaml.compose(text, Loader=_LOADER)


def _may_be_deep(text: str) -> bool:
    """The fast composer goes as deep as the text says, until the process is gone. What nests deeper than this has many
    brackets, or lines that begin far to the right."""
    return text.count("[") + text.count("{") > _DEEPEST or any(len(line) > _DEEPEST for line in text.splitlines())


def _depth(text: str) -> int:
    depth = deepest = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            deepest = max(deepest, depth)
            if deepest > _DEEPEST:
                break
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return deepest


class _Reader:
    """From nodes to JSON values."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._scalars = yaml.constructor.SafeConstructor()
        self._within: set[int] = set()
        self._made = 0

    def value(self, node: yaml.Node | None, path: str) -> Any:
        if node is None:
            return None
        self._made += 1
        if self._made > _MOST_VALUES or id(node) in self._within:
            raise self._fault(node, path, "its aliases make it endless")
        self._within.add(id(node))
        try:
            return self._made_of(node, path)
        finally:
            self._within.discard(id(node))

    def _made_of(self, node: yaml.Node, path: str) -> Any:
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, join(path, index)) for index, each in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            found: dict[str, Any] = {}
            for key_node, each in node.value:
                key = key_node.value
                if not isinstance(key, str):
                    raise self._fault(key_node, path, "a key must be text")
                if key_node.tag == "tag:yaml.org,2002:merge":
                    raise self._fault(key_node, path, "<< is not known here")
                if key in found:
                    raise self._fault(key_node, path, f"the key {key!r} stands twice")
                found[key] = self.value(each, join(path, key))
            return found
        if node.tag in _AS_TEXT:
            return node.value
        try:
            value = self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError):
            raise self._fault(node, path, f"{node.value!r} can't be read as {node.tag}") from None
        if not isinstance(value, str | int | float | bool | None):
            raise self._fault(node, path, f"{node.tag} has no form in JSON")
        if isinstance(value, float) and value - value != 0:
            raise self._fault(node, path, "is no number that JSON has")
        if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
            raise self._fault(node, path, "is no integer of 64 bits")
        return value

    def _fault(self, node: yaml.Node, path: str, reason: str) -> ScenarioError:
        return ScenarioError(self._file, node.start_mark.line + 1, path, reason)


def _line(node: yaml.Node | None, path: str) -> int | None:
    """The line of the innermost node that the path leads to, counted from 1."""
    for name, index, quoted in _STEP.findall(path):
        key: Hashable = orjson.loads(quoted) if quoted else name
        inner: yaml.Node | None = None
        if isinstance(node, yaml.SequenceNode) and index and int(index) < len(node.value):
            inner = node.value[int(index)]
        elif isinstance(node, yaml.MappingNode):
            inner = next((each for key_node, each in node.value if key_node.value == key), None)
        if inner is None:
            break
        node = inner
    return None if node is None else node.start_mark.line + 1
