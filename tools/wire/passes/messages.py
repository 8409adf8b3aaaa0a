"""What a message looks like in each dialect: an object, its only field, or the arm of a union."""

from __future__ import annotations

from tools.wire.descriptors.tree import FieldDecl, FileDecl, MessageDecl, OneofDecl, Tree
from tools.wire.ir import PROTOJSON, Arm, Field, Kind, Oneof, Unknown, WireMessage
from tools.wire.passes.dialects import Dialects

WELL_KNOWN = frozenset(
    f"google.protobuf.{name}"
    for name in (
        *("Any", "Timestamp", "Duration", "FieldMask", "Struct", "Value", "ListValue"),
        *("DoubleValue", "FloatValue", "Int64Value", "UInt64Value", "Int32Value", "UInt32Value"),
        *("BoolValue", "StringValue", "BytesValue"),
    )
)


def kind_of(message: MessageDecl) -> Kind:
    """The form that the annotations give a message; the same in all its dialects."""
    if message.full_name in WELL_KNOWN:
        return Kind.WELL_KNOWN
    if message.rule and message.rule.inline:
        return Kind.INLINE
    oneof = union_of(message)
    return Kind(oneof.rule.union) if oneof and oneof.rule else Kind.OBJECT


def union_of(message: MessageDecl) -> OneofDecl | None:
    """The oneof that is the message on the wire, where there is one."""
    return next((each for each in message.oneofs if each.rule and each.rule.union != "nested"), None)


def unknown_of(message: MessageDecl, dialect: str) -> Unknown:
    """What a reader does with keys that the message does not have."""
    rule = message.rule
    for per in rule.per if rule else ():
        if dialect in per.dialects and per.unknown is not None:
            return per.unknown
    if rule and rule.unknown is not None:
        return rule.unknown
    of_file = message.file.rules.rule
    return (of_file.unknown if of_file else None) or Unknown.FORBID


def wire(message: MessageDecl, fields: tuple[Field, ...], tree: Tree, dialects: Dialects) -> dict[str, WireMessage]:
    """By dialect, ProtoJSON last. `fields` with their WireFields."""
    result = {}
    union = union_of(message)
    rule = union.rule if union else None
    kind = kind_of(message)
    for dialect in dialects.having(message):
        there = tuple(field.name for field in fields if dialect.name in field.wire)
        tag = rule.tag if rule and kind is Kind.TAGGED else ""
        result[dialect.name] = WireMessage(
            kind=kind,
            unknown=unknown_of(message, dialect.name),
            fields=there,
            tag=tag,
            untagged=bool(rule and rule.untagged),
            arms=_arms(message, union, there, tag, dialect.name, tree, dialects) if union else (),
        )
    canonical = Kind.WELL_KNOWN if kind is Kind.WELL_KNOWN else Kind.OBJECT
    names = tuple(field.name for field in fields)
    result[PROTOJSON] = WireMessage(canonical, Unknown.FORBID, names, tag="", untagged=False, arms=())
    return result


def _arms(
    message: MessageDecl,
    union: OneofDecl,
    there: tuple[str, ...],
    tag: str,
    dialect: str,
    tree: Tree,
    dialects: Dialects,
) -> tuple[Arm, ...]:
    """In order of declaration. An arm that is a union itself stands once for each of its tags."""
    result: list[Arm] = []
    for field in message.fields:
        if field.proto.name not in union.fields or field.proto.name not in there:
            continue
        tags = tags_of(field, tag, dialect, tree, dialects) if tag else ()
        result.extend(Arm(field.proto.name, value) for value in tags or ("",))
    return tuple(result)


def tags_of(
    arm: FieldDecl, tag: str, dialect: str, tree: Tree, dialects: Dialects, seen: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """The values of the key `tag` that an arm is told by in `dialect`; empty when it holds no such literal."""
    message = tree.messages.get(arm.message)
    inside = dialects.inside(message.file, dialect) if message else None
    if message is None or inside is None or message.full_name in seen:
        return ()
    seen = seen | {message.full_name}
    match kind_of(message):
        case Kind.OBJECT:
            return tuple(
                value for field in message.fields if (value := _literal(field, message, tag, inside)) is not None
            )
        case Kind.INLINE:
            return tags_of(message.fields[0], tag, inside, tree, dialects, seen) if len(message.fields) == 1 else ()
        case Kind.TAGGED | Kind.SHAPE:
            union = union_of(message)
            arms = [field for field in message.fields if union and field.proto.name in union.fields]
            return tuple(value for field in arms for value in tags_of(field, tag, inside, tree, dialects, seen))
        case _:
            return ()


def _literal(field: FieldDecl, message: MessageDecl, key: str, dialect: str) -> str | None:
    rule = field.rule
    if rule is None or (rule.only and dialect not in rule.only):
        return None
    per = next((each for each in rule.per if dialect in each.dialects), None)
    literal = per.literal if per and per.literal is not None else rule.literal
    name = (per.json if per and per.json is not None else rule.json) or key_by_names(field, message.file)
    return literal if name == key else None


def key_by_names(field: FieldDecl, file: FileDecl) -> str:
    """The JSON key that the file's rule for names gives a field."""
    rule = file.rules.rule
    return field.proto.name if rule and rule.proto_names else field.proto.json_name


def ir_oneofs(message: MessageDecl, py_names: dict[str, str]) -> tuple[Oneof, ...]:
    """The real oneofs of a message; `py_names` by .proto name."""
    return tuple(
        Oneof(
            name=oneof.proto.name,
            py_name=py_names[oneof.proto.name],
            fields=oneof.fields,
            required=bool(oneof.rule and oneof.rule.required),
            doc=oneof.doc,
        )
        for oneof in message.oneofs
    )
