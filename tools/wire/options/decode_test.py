from pathlib import Path

from tools.wire.testing import PROTO, findings_of

WIRE = Path(PROTO, "wire/v1/wire.proto").read_text(encoding="utf-8")
HEADER = 'syntax = "proto3"; package t; import "wire/v1/wire.proto";'


def test_an_annotation_from_a_newer_wire_proto_is_a_finding() -> None:
    newer = WIRE.replace("PRESENCE_OMIT_OR_NULL = 4;", "PRESENCE_OMIT_OR_NULL = 4; PRESENCE_SOMETIMES = 5;")
    body = "message M { int32 a = 1 [(wire.v1.field).presence = PRESENCE_SOMETIMES]; }"
    assert findings_of(body, HEADER, **{"wire/v1/wire": newer}) == [
        "t.proto:1: t.M.a: wire.v1.Presence.PRESENCE_SOMETIMES is newer than this generator. "
        "Way out: use the wire/v1/wire.proto that this generator comes with."
    ]


def test_options_of_others_are_left_alone() -> None:
    other = 'syntax = "proto2"; package o; import "google/protobuf/descriptor.proto";'
    other += "extend google.protobuf.FieldOptions { optional string note = 50000; }"
    header = 'syntax = "proto3"; package t; import "o.proto";'
    assert findings_of('message M { int32 a = 1 [(o.note) = "x", deprecated = true]; }', header, o=other) == []
