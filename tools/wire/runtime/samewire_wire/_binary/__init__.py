"""Protobuf binary. A private part of the runtime: imported when a model is first read or written in binary."""

from samewire_wire._binary.converter import converter
from samewire_wire._binary.extensions import read_extensions, write_extensions
from samewire_wire._binary.models import Inline, Object, Union

__all__ = ["Inline", "Object", "Union", "converter", "read_extensions", "write_extensions"]
