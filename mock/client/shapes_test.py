"""The TypedDicts have the keys of the definitions, and no others."""

from __future__ import annotations

import importlib
import inspect
import typing

import pytest
from samewire_wire import _rules as rules
from samewire_wire import registry

from mock.client import shapes

for _file in ("admin", "fault", "journal", "latency", "match", "stub"):
    importlib.import_module(f"samewire.mock.v1.{_file}_wire")

_NAMES = {"StubShape": "Stub"}
SHAPES = [shape for _, shape in inspect.getmembers(shapes, typing.is_typeddict)]


def _keys(shape: type) -> set[str]:
    spec = registry.find(f"samewire.mock.v1.{_NAMES.get(shape.__name__, shape.__name__)}")
    rule = spec.rule("default")
    assert isinstance(rule, rules.Object)
    return {key.key for key in rule.keys}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_shape_has_the_keys_of_its_message(shape: type) -> None:
    assert set(shape.__annotations__) == _keys(shape)


def test_there_are_shapes() -> None:
    assert {"Match", "StubShape", "Entry", "Verdict", "FaultSchedule"} <= {shape.__name__ for shape in SHAPES}
