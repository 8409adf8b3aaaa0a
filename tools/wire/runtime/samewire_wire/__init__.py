"""What generated Samewire models need at run time, and how to work with them.

`Model` is the base of generated classes: `from_wire`/`to_wire` (JSON in a dialect), `from_protojson`/`to_protojson`,
`from_binary`/`to_binary`. `registry.find("pkg.Message")` gives the `MessageSpec` of any message of an imported
generated module, also of those that are unions or bare values in Python. Bad data raises `WireError`.
"""

from pydantic import MISSING

from samewire_wire._error import WireError
from samewire_wire._model import Model, one_arm
from samewire_wire._registry import MessageSpec, Registry, WireFile, registry
from samewire_wire._times import Duration, Timestamp
from samewire_wire._values import AnyMessage, Empty, FieldMask, Int32, Int64, JsonValue, UInt32, UInt64

__all__ = [
    "MISSING",
    "AnyMessage",
    "Duration",
    "Empty",
    "FieldMask",
    "Int32",
    "Int64",
    "JsonValue",
    "MessageSpec",
    "Model",
    "Registry",
    "Timestamp",
    "UInt32",
    "UInt64",
    "WireError",
    "WireFile",
    "one_arm",
    "registry",
]
