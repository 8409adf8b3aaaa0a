"""Models to protobuf binary and back, through google.protobuf (upb)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.message import DecodeError, EncodeError

from samewire_wire._binary import message, pool
from samewire_wire._binary.field import Pair
from samewire_wire._binary.well_known import WELL_KNOWN
from samewire_wire._error import WireError
from samewire_wire._registry import registry

_converters: dict[str, Converter] = {}


class Converter:
    """One message, both ways."""

    def __init__(self, full_name: str, pair: Pair) -> None:
        self.full_name = full_name
        self.pair = pair
        self._class = pool.message_class(full_name)

    def read(self, data: bytes) -> Any:
        pb = self._class()
        try:
            pb.ParseFromString(bytes(data))
        except DecodeError as error:
            raise WireError(self.full_name, "$", f"not protobuf binary: {error}") from None
        return self._guarded(self.pair.from_pb, pb)

    def write(self, value: Any) -> bytes:
        pb = self._class()
        self._guarded(self.pair.to_pb, value, pb)
        try:
            data: bytes = pb.SerializeToString(deterministic=True)
        except EncodeError as error:
            raise WireError(self.full_name, "$", str(error)) from None
        return data

    def _guarded(self, act: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return act(*arguments)
        except WireError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise WireError(self.full_name, "$", str(error)) from None


def converter(full_name: str) -> Converter:
    if full_name not in _converters:
        _converters[full_name] = Converter(full_name, _pair(full_name))
    return _converters[full_name]


def _pair(full_name: str) -> Pair:
    package, _, name = full_name.rpartition(".")
    if package == "google.protobuf" and name in WELL_KNOWN:
        pool.load("google/protobuf/struct.proto")
        return WELL_KNOWN[name]
    pool.load(registry.find(full_name).file.part("binary").__name__)
    return message.pair(full_name, lambda name: converter(name).pair)
