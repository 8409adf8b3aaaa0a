"""Extensions, which only ProtoJSON and binary have: "[pkg.extension]" keys to what is kept, and back."""

from __future__ import annotations

from typing import Any

from google.protobuf import json_format

from samewire_wire._binary import pool
from samewire_wire._binary.converter import converter
from samewire_wire._binary.message import KEPT
from samewire_wire._registry import registry

_set = object.__setattr__


def write_extensions(model: Any, written: dict[str, Any]) -> None:
    kept = model.__pydantic_extra__.get(KEPT)
    if not kept:
        return
    pb = _message(model)
    pb.MergeFromString(kept)
    keys = json_format.MessageToDict(pb, descriptor_pool=pool.POOL)
    written.update({key: value for key, value in keys.items() if key.startswith("[")})


def read_extensions(model: Any, keys: dict[str, Any], forbid: bool) -> None:
    """Moves "[pkg.extension]" keys into what is kept; other keys are refused, or dropped when not `forbid`."""
    found = {}
    for key, value in keys.items():
        if key.startswith("[") and key.endswith("]") and _known(model, key[1:-1]):
            found[key] = value
        elif forbid:
            raise ValueError(f"unknown key {key}")
    if not found:
        _set(model, "__pydantic_extra__", None)
        return
    pb = _message(model)
    try:
        json_format.ParseDict(found, pb, descriptor_pool=pool.POOL, ignore_unknown_fields=not forbid)
    except json_format.ParseError as error:
        raise ValueError(str(error)) from None
    _set(model, "__pydantic_extra__", {KEPT: pb.SerializePartialToString(deterministic=True)})


def _message(model: Any) -> Any:
    name = model.WIRE.full_name
    converter(name)
    return pool.message_class(name)()


def _known(model: Any, extension: str) -> bool:
    converter(model.WIRE.full_name)
    for file in registry.files():
        pool.load(file.part("binary").__name__)
    try:
        holder = pool.POOL.FindExtensionByName(extension).containing_type
    except KeyError:
        return False
    return holder is not None and holder.full_name == model.WIRE.full_name
