"""The private descriptor pool, and what private binary modules bring into it.

It is private, so the same file may be known to the process's default pool in another version.
"""

from __future__ import annotations

import importlib
from typing import Any

from google.protobuf import (
    any_pb2,
    descriptor_pool,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    message_factory,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from google.protobuf.descriptor import Descriptor

from samewire_wire._binary.models import Inline, Object, Union

POOL = descriptor_pool.DescriptorPool()
_WELL_KNOWN_FILES = (any_pb2, duration_pb2, empty_pb2, field_mask_pb2, struct_pb2, timestamp_pb2, wrappers_pb2)
_loaded: set[str] = set()
_enums: dict[str, dict[int, str]] = {"google.protobuf.NullValue": {0: "NULL_VALUE"}}
_models: dict[str, Object | Inline | Union] = {}


def load(name: str) -> None:
    """Brings a private binary module, or a well-known file, and what it needs into the pool."""
    if name in _loaded:
        return
    _loaded.add(name)
    if name.endswith(".proto"):
        for known in _WELL_KNOWN_FILES:
            _loaded.add(known.DESCRIPTOR.name)
            POOL.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
        if name == "google/protobuf/descriptor.proto":
            from google.protobuf import descriptor_pb2

            POOL.AddSerializedFile(descriptor_pb2.DESCRIPTOR.serialized_pb)
        return
    module = importlib.import_module(name)
    for each in module.NEEDS:
        load(each)
    POOL.AddSerializedFile(module.DESCRIPTOR)
    _enums.update(module.ENUMS)
    _models.update(module.MODELS)


def message(full_name: str) -> Descriptor:
    """The descriptor of a message whose module is loaded."""
    return POOL.FindMessageTypeByName(full_name)


def message_class(full_name: str) -> Any:
    """Its class in upb."""
    return message_factory.GetMessageClass(message(full_name))


def model(full_name: str) -> Object | Inline | Union:
    """How it looks in Python."""
    return _models[full_name]


def enum(full_name: str) -> dict[int, str]:
    """The Python strings of an enum's values by number."""
    return _enums[full_name]
