"""The form of a field's JSON, as far as it tells the arms of a union apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tools.wire.descriptors.tree import FieldDecl, MessageDecl
from tools.wire.ir import Cardinality, Kind, Limit, Numbers, Presence, Scalar, Unknown
from tools.wire.passes import enums, fields, limits, messages
from tools.wire.passes.context import Context

# Deep enough to tell real unions apart; beyond it everything is taken to look alike only when it is the same message.
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Object:
    """`keys`: the form of each; `required`: those that must be there; `open`: other keys are taken too."""

    keys: dict[str, Shape]
    required: frozenset[str]
    open: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What a reader accepts; a form that it does not accept is None or empty.

    `words`: strings, None = any string, () = no string. `numbers`: "", "int" or "float". `limit`: bounds on words and
    numbers. `anything`: any JSON (google.protobuf.Value), or more than we look into.
    """

    words: tuple[str, ...] | None = ()
    numbers: str = ""
    limit: Limit | None = None
    bools: bool = False
    null: bool = False
    items: Shape | None = None
    values: Shape | None = None
    objects: tuple[Object, ...] = ()
    anything: str = ""


def of_field(field: FieldDecl, message: MessageDecl, dialect: str, context: Context, depth: int = 0) -> Shape:
    """The form of one field in a dialect."""
    single = _single(field, message, dialect, context, depth)
    if field.cardinality is Cardinality.MAP:
        return Shape(values=single)
    return Shape(items=single) if field.cardinality is Cardinality.REPEATED else single


def _single(field: FieldDecl, message: MessageDecl, dialect: str, context: Context, depth: int) -> Shape:
    found = fields.facts(field, fields.inherited(message), dialect)
    if field.message:
        return _message(context.tree.messages[field.message], dialect, context, depth + 1)
    if field.enum:
        enum = context.tree.enums[field.enum]
        inside = context.dialects.inside(enum.file, dialect) or dialect
        values = [enums.wire_value(value) for value in enums.values_in(enum, inside)]
        return Shape(
            words=tuple(word for value in values for word in (value.json, *value.also) if word),
            numbers="int" if enums.wire_enum(enum, inside).numbers else "",
        )
    if found.literal is not None:
        return Shape(words=(found.literal,))
    if field.type is Scalar.BOOL:
        return Shape(bools=True)
    if field.type in (Scalar.STRING, Scalar.BYTES):
        return Shape(words=None, limit=found.limit or (Limit(pattern="base64") if field.type is Scalar.BYTES else None))
    kind = "int" if limits.int_range(field.type) else "float"
    either = found.numbers is not Numbers.PLAIN
    return Shape(numbers=kind, words=(f"<{kind}>",) if either else (), limit=found.limit)


def _message(message: MessageDecl, dialect: str, context: Context, depth: int) -> Shape:
    inside = context.dialects.inside(message.file, dialect)
    kind = messages.kind_of(message)
    if inside is None or depth > _DEPTH:
        return Shape(anything=message.full_name)
    if kind is Kind.WELL_KNOWN:
        return _well_known(message)
    there = [
        field
        for field in message.fields
        if inside in {d.name for d in fields.dialects_having(field, message, context.tree, context.dialects)}
    ]
    if kind is Kind.INLINE and there:
        return of_field(there[0], message, inside, context, depth)
    if kind in (Kind.TAGGED, Kind.SHAPE):
        arms = [of_field(field, message, inside, context, depth) for field in there]
        return _union(arms, message)
    above = fields.inherited(message)
    keys: dict[str, Shape] = {}
    required = set()
    for field in there:
        found = fields.facts(field, above, inside)
        names = fields.keys(field, message.file, found)
        nullable = found.presence in (None, Presence.NULL, Presence.OMIT_OR_NULL) and found.literal is None
        shape = replace(of_field(field, message, inside, context, depth), null=nullable)
        keys.update(dict.fromkeys(names, shape))
        must = found.presence in (Presence.ALWAYS, Presence.NULL) and found.default is None and found.literal is None
        if must or found.required:
            required.add(names[0])
    open_ = messages.unknown_of(message, inside) is not Unknown.FORBID
    return Shape(objects=(Object(keys, frozenset(required), open_),))


def _union(arms: list[Shape], message: MessageDecl) -> Shape:
    """All that one of the arms accepts; where forms can't be joined, what the first says is taken."""
    words: list[str] | None = []
    for arm in arms:
        words = None if words is None or arm.words is None else [*words, *arm.words]
    objects = tuple(each for arm in arms for each in arm.objects)
    return Shape(
        words=None if words is None else tuple(words),
        numbers=max((arm.numbers for arm in arms), key=("", "int", "float").index, default=""),
        bools=any(arm.bools for arm in arms),
        null=any(arm.null for arm in arms),
        items=next((arm.items for arm in arms if arm.items), None),
        values=next((arm.values for arm in arms if arm.values), None),
        objects=objects,
        anything=next((arm.anything for arm in arms if arm.anything), ""),
    )


def _well_known(message: MessageDecl) -> Shape:
    name = message.full_name.removeprefix("google.protobuf.")
    match name:
        case "Value":
            return Shape(anything="*")
        case "Struct" | "Any":
            return Shape(values=Shape(anything="*"))
        case "ListValue":
            return Shape(items=Shape(anything="*"))
        case "BoolValue":
            return Shape(bools=True)
        case "StringValue":
            return Shape(words=None)
        case "DoubleValue" | "FloatValue":
            return Shape(numbers="float")
        case "Timestamp" | "Duration" | "FieldMask" | "BytesValue":
            return Shape(words=None, limit=Limit(pattern=name))
        case _:
            return Shape(numbers="int")


def takes_all(first: Shape, second: Shape) -> bool:
    """Whether `first` surely accepts all that `second` accepts, so that `second` would never get its turn."""
    if first.anything:
        return first.anything in ("*", second.anything)
    if second.anything or first == Shape():
        return False
    if second.words is None or second.words:
        if first.words is not None and (second.words is None or not set(second.words) <= set(first.words)):
            return False
        if first.limit is not None and first.limit != second.limit:
            return False
    if second.numbers:
        if ("", "int", "float").index(first.numbers) < ("", "int", "float").index(second.numbers):
            return False
        if first.limit is not None and first.limit != second.limit:
            return False
    if (second.bools and not first.bools) or (second.null and not first.null):
        return False
    if second.items is not None and (first.items is None or not takes_all(first.items, second.items)):
        return False
    if second.values is not None and (first.values is None or not takes_all(first.values, second.values)):
        return False
    return all(_object_taken(first, each) for each in second.objects)


def _object_taken(first: Shape, second: Object) -> bool:
    if first.values is not None and all(takes_all(first.values, held) for held in second.keys.values()):
        return True
    return any(_takes(each, second) for each in first.objects)


def _takes(first: Object, second: Object) -> bool:
    """Whether every object that `second` accepts is one that `first` accepts."""
    if not first.required <= second.required or (second.open and not first.open):
        return False
    if not first.open and not set(second.keys) <= set(first.keys):
        return False
    return all(takes_all(first.keys[key], held) for key, held in second.keys.items() if key in first.keys)
