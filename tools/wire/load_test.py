from __future__ import annotations

import time
from types import EllipsisType

import pytest

from tools.wire.ir import Cardinality, Field, Json, Kind, Presence, Scalar, Schema, Unknown, WhenUnset, WireField
from tools.wire.load import WireError, load
from tools.wire.testing import COVER, cover, cover_descriptors, descriptors_of, findings_of, schema_of, without_source


@pytest.fixture(scope="module")
def schema() -> Schema:
    return cover()


def field(schema: Schema, path: str) -> Field:
    message, _, name = path.rpartition(".")
    declared = next(each for each in schema.messages if each.full_name == message)
    return next(each for each in declared.fields if each.name == name)


def wire(schema: Schema, path: str, dialect: str) -> WireField:
    return field(schema, path).wire[dialect]


@pytest.mark.parametrize(
    ("name", "terse", "chatty", "nulls"),
    [
        ("always", "omit", "omit", "omit"),
        ("with_default", "omit", "default", "default"),
        ("maybe_null", "omit", "omit", "null"),
        ("null_by_default", "omit", "default", "null"),
        ("maybe_missing", "omit", "omit", "omit"),
        ("missing_is", "omit", "default", "default"),
        ("three_states", "omit", "omit", "null"),
        ("three_null", "omit", "omit", "null"),
        ("plain", "omit", "omit", "omit"),
    ],
)
def test_when_unset(schema: Schema, name: str, terse: str, chatty: str, nulls: str) -> None:
    path = f"cover.v1.States.{name}"
    said = [wire(schema, path, dialect).when_unset for dialect in ("terse", "chatty-1.0", "nulls")]
    assert said == [WhenUnset(terse), WhenUnset(chatty), WhenUnset(nulls)]


@pytest.mark.parametrize(
    ("name", "presence", "required", "nullable", "default"),
    [
        ("always", Presence.ALWAYS, True, False, ...),
        ("with_default", Presence.ALWAYS, False, False, 7),
        ("maybe_null", Presence.NULL, True, True, ...),
        ("null_by_default", Presence.NULL, False, True, None),
        ("maybe_missing", Presence.OMIT, False, False, ...),
        ("missing_is", Presence.OMIT, False, False, "x"),
        ("three_states", Presence.OMIT_OR_NULL, False, True, ...),
        ("plain", Presence.IMPLICIT, False, False, ...),
        ("list", Presence.OMIT_OR_NULL, False, True, ...),
        ("counts", Presence.OMIT, False, False, {"a": 1}),
    ],
)
def test_presence(
    schema: Schema, name: str, presence: Presence, required: bool, nullable: bool, default: Json | EllipsisType
) -> None:
    found = wire(schema, f"cover.v1.States.{name}", "terse")
    assert (found.presence, found.required, found.nullable) == (presence, required, nullable)
    assert found.has_default == (default is not ...)
    assert default is ... or found.default == default


def test_dialects_differ_in_a_field(schema: Schema) -> None:
    differs = field(schema, "cover.v1.States.differs")
    assert list(differs.wire) == ["terse", "nulls", "protojson"]
    assert differs.wire["terse"].presence is Presence.OMIT
    assert differs.wire["nulls"].presence is Presence.NULL
    assert differs.wire["nulls"].key == "differing"
    assert differs.wire["terse"].limit is None
    assert differs.wire["protojson"].presence is Presence.EXPLICIT


def test_a_message_that_not_all_dialects_have(schema: Schema) -> None:
    image = next(each for each in schema.messages if each.full_name == "cover.v1.ImagePart")
    assert list(image.wire) == ["terse", "nulls", "protojson"]
    assert "chatty-1.0" not in field(schema, "cover.v1.Holder.image").wire
    part = next(each for each in schema.messages if each.full_name == "cover.v1.Part")
    assert [arm.tag for arm in part.wire["chatty-1.0"].arms] == ["text", "list", "end"]


def test_unions(schema: Schema) -> None:
    part = next(each for each in schema.messages if each.full_name == "cover.v1.Part")
    assert part.wire["nulls"].kind is Kind.TAGGED
    assert [(arm.field, arm.tag) for arm in part.wire["nulls"].arms] == [
        ("text", "text"),
        ("image", "image"),
        ("parts", "list"),
        ("parts", "stop"),
    ]
    assert part.wire["protojson"].kind is Kind.OBJECT
    assert part.recursive
    stop = next(each for each in schema.messages if each.full_name == "cover.v1.Stop")
    assert [arm.field for arm in stop.wire["terse"].arms] == ["word", "words", "ids", "part"]


def test_unknown_keys(schema: Schema) -> None:
    states = next(each for each in schema.messages if each.full_name == "cover.v1.States")
    assert [states.wire[each].unknown for each in ("terse", "nulls", "protojson")] == [
        Unknown.FORBID,
        Unknown.KEEP,
        Unknown.FORBID,
    ]


def test_literals(schema: Schema) -> None:
    assert not wire(schema, "cover.v1.TextPart.type", "terse").write_literal
    assert wire(schema, "cover.v1.TextPart.type", "chatty-1.0").write_literal
    required = wire(schema, "cover.v1.ImagePart.type", "terse")
    assert required.required and required.write_literal
    assert wire(schema, "cover.v1.TextPart.type", "protojson").literal is None


def test_proto2(schema: Schema) -> None:
    defaults = {
        name: field(schema, f"cover.legacy.Old.{name}").proto_default
        for name in ("must", "may", "text", "data", "huge", "odd", "yes", "shade")
    }
    assert defaults == {
        "must": None,
        "may": -7,
        "text": 'a"b\n',
        "data": "Af8=",
        "huge": "Infinity",
        "odd": "NaN",
        "yes": True,
        "shade": "DARK",
    }
    assert field(schema, "cover.legacy.Old.must").required
    assert field(schema, "cover.legacy.Old.item").delimited
    assert not field(schema, "cover.legacy.Old.loose").packed
    assert field(schema, "cover.legacy.Old.packed").packed
    assert [each.field.wire["protojson"].key for each in schema.extensions] == [
        "[cover.legacy.Old.inner]",
        "[cover.legacy.tags]",
        "[cover.legacy.color]",
    ]
    assert next(each for each in schema.enums if each.full_name == "cover.legacy.Shade").closed


def test_editions(schema: Schema) -> None:
    def get(name: str) -> Field:
        return field(schema, f"cover.edition.New.{name}")

    assert [get(name).has_presence for name in ("implicit", "explicit", "required", "prefixed")] == [
        False,
        True,
        True,
        True,
    ]
    assert get("required").required
    assert [get(name).packed for name in ("packed", "expanded")] == [True, False]
    assert [get(name).delimited for name in ("delimited", "prefixed")] == [True, False]
    assert [each.closed for each in schema.enums if each.full_name.startswith("cover.edition.")] == [False, True]


def test_maps(schema: Schema) -> None:
    values = field(schema, "cover.plain.WellKnown.values")
    assert values.cardinality is Cardinality.MAP
    assert (values.key_type, values.message) == (Scalar.STRING, "google.protobuf.Value")


def test_protojson_keys(schema: Schema) -> None:
    renamed = wire(schema, "cover.plain.Scalars.renamed", "default")
    assert (renamed.key, renamed.also) == ("otherName", ("renamed",))
    assert wire(schema, "cover.plain.Scalars.an_int32", "default").key == "anInt32"


def test_messages_come_after_those_they_hold(schema: Schema) -> None:
    seen: set[str] = set()
    for message in schema.messages:
        seen.add(message.full_name)
        if not message.recursive:
            assert all(each.message in seen for each in message.fields if each.message)


def test_streams(schema: Schema) -> None:
    streams = next(each for each in schema.services if each.full_name == "cover.plain.Streams")
    assert [(each.client_streaming, each.server_streaming) for each in streams.methods] == [
        (False, False),
        (False, True),
        (True, False),
        (True, True),
    ]


def test_routes(schema: Schema) -> None:
    service = next(each for each in schema.services if each.full_name == "cover.v1.Cover")
    verbs = {each.name: [route.verb for route in each.routes] for each in service.methods}
    assert verbs["Get"] == ["GET", "POST", "GET"]
    assert verbs["GetHTTPHealth"] == ["HEAD"]
    assert service.methods[1].status == 201


def test_files_that_only_bring_options_are_left_out(schema: Schema) -> None:
    names = {each.name for each in schema.files}
    assert set(COVER) <= names
    assert not {"wire/v1/wire.proto", "google/protobuf/descriptor.proto", "google/api/http.proto"} & names


def test_without_source_info_only_the_file_is_named() -> None:
    text = 'syntax = "proto3"; import "wire/v1/wire.proto"; message M { int32 f = 1 [(wire.v1.field).literal = "x"]; }'
    with pytest.raises(WireError, match=r"^t\.proto: M\.f: `literal` is for"):
        load(without_source(descriptors_of({"t.proto": text})), ["t.proto"])


def test_the_set_comes_without_comments() -> None:
    assert b"The five states" in cover_descriptors()
    assert b"The five states" not in cover().descriptors


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(ValueError, match=r"^not in the descriptor set: no\.proto$"):
        load(cover_descriptors(), ["no.proto"])


def test_an_edition_that_is_not_supported() -> None:
    assert findings_of("", header='edition = "2024"; message M {}') == [
        "t.proto:1: edition 2024 is not supported. "
        'Way out: use edition = "2023", syntax = "proto3" or syntax = "proto2".'
    ]


def test_ten_thousand_fields() -> None:
    count = 10_000
    fields = "".join(
        f"optional int32 f{n} = {n} [(wire.v1.field).presence = PRESENCE_OMIT];\n" for n in range(1, count)
    )
    text = f'syntax = "proto3"; import "wire/v1/wire.proto"; message M {{ reserved 19000 to 19999; {fields} }}'
    started = time.process_time()
    assert len(schema_of(text).messages[0].fields) == count - 1
    assert time.process_time() - started < 5
