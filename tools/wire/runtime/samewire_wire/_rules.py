"""The vocabulary of generated tables: how each message of one dialect looks in JSON.

A generated module `_x_wire_<dialect>.py` holds `RULES`, full message name -> one of `Message`. Nothing here reads JSON:
`_reader` turns the tables into pydantic-core validators once, and `_locate` uses them to say where an error is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum as _Enum
from typing import Any, TypeAlias

PLAIN, LENIENT, PROTOJSON = "plain", "lenient", "protojson"
FORBID, IGNORE, KEEP = "forbid", "ignore", "keep"


class _Special(_Enum):
    REFUSE = "refuse"


REFUSE = _Special.REFUSE
# The key of a field that the class has and the dialect has not: the attribute gets its unset value.
ABSENT = "\0absent"


@dataclass(frozen=True, slots=True)
class Limit:
    """Inclusive bounds; None = none. Lengths in code points or bytes."""

    min: float | None = None
    max: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    min_items: int | None = None
    max_items: int | None = None


@dataclass(frozen=True, slots=True)
class Int:
    low: int
    high: int
    numbers: str = PLAIN
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Float:
    """`single`: the .proto type is float, whose range is that of 32 bits."""

    single: bool
    numbers: str = PLAIN
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Bool:
    pass


@dataclass(frozen=True, slots=True)
class String:
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Bytes:
    """`alphabet`: "base64", "base64url" or "protojson" (either, padded or not)."""

    alphabet: str
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Literal:
    value: str


@dataclass(frozen=True, slots=True)
class Enum:
    """`values`: wire string -> Python value. `numbers`: number -> Python value where JSON numbers are read, else
    None.
    """

    name: str
    values: dict[str, str]
    numbers: dict[int, str] | None = None
    closed: bool = False
    ignore_case: bool = False
    unknown: str = "reject"
    zero: str = ""


@dataclass(frozen=True, slots=True)
class WellKnown:
    """A google.protobuf message or enum with JSON of its own. `rule`: what Time says for a Timestamp."""

    name: str
    rule: str = PROTOJSON


@dataclass(frozen=True, slots=True)
class Ref:
    """A message by full name, as it looks in `dialect`."""

    message: str
    dialect: str


@dataclass(frozen=True, slots=True)
class List:
    item: Type
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Map:
    key: Type
    value: Type
    limit: Limit | None = None


Type: TypeAlias = Int | Float | Bool | String | Bytes | Literal | Enum | WellKnown | Ref | List | Map


@dataclass(frozen=True, slots=True)
class Json:
    """A value that is given as JSON text and read as `type` when first needed; without it, like the field itself."""

    text: str
    type: Type | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an object. `name`: the attribute; `field`: the name in the .proto; `also`: further keys that are read.

    `missing` and `null`: the Python value that a missing key and a null stand for, or REFUSE.
    """

    name: str
    field: str
    key: str
    type: Type
    missing: Any = REFUSE
    null: Any = REFUSE
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Object:
    """A JSON object read into an instance of `cls`. `oneofs`: whether the class checks any after reading.

    `extensions`: "[pkg.ext]" keys are read and written (ProtoJSON of messages with extension ranges).
    """

    cls: type[Any]
    keys: tuple[Key, ...]
    unknown: str = FORBID
    oneofs: bool = False
    extensions: bool = False


@dataclass(frozen=True, slots=True)
class Inline:
    """The JSON of the only field; `null`: it may be null."""

    field: str
    type: Type
    null: bool = False


@dataclass(frozen=True, slots=True)
class Tagged:
    """The JSON of one arm, told by the string under the key `tag`; `shapes`: arms to try where the tag is missing."""

    tag: str
    arms: dict[str, Type]
    shapes: tuple[Type, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """The JSON of the first arm that accepts."""

    arms: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Wrapped:
    """An object with one key whose value stands for the whole in Python: ProtoJSON of Inline, Tagged and Shape
    messages.

    `keys`: the fields; `missing` of each is REFUSE except for the only field of an Inline message without presence.
    """

    keys: tuple[Key, ...]


Message: TypeAlias = Object | Inline | Tagged | Shape | Wrapped
