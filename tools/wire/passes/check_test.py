"""Checks of messages, unions, enums, services and dialects: what is wrong, and that it is said."""

import pytest

from tools.wire.testing import findings_of

O = "option (wire.v1.oneof) = "  # noqa: E741
M = "option (wire.v1.message) = "
E = "option (wire.v1.enumeration) = "
A = 'message A { string type = 1 [(wire.v1.field) = {literal: "a"}]; }'
B = 'message B { string type = 1 [(wire.v1.field) = {literal: "b"}]; }'
CASES = {
    "inline-two": (
        f"message M {{ {M}{{inline: true}}; int32 a = 1; int32 b = 2; }}",
        "`inline` is for messages of one field, this one has 2",
    ),
    "inline-none": (f"message M {{ {M}{{inline: true}}; }}", "`inline` is for messages of one field, this one has 0"),
    "inline-false": (f"message M {{ {M}{{inline: false}}; }}", "`inline: false` changes nothing"),
    "inline-loop": (f"message M {{ {M}{{inline: true}}; M m = 1; }}", "its JSON would be that of itself, without end"),
    "message-empty": (f"message M {{ {M}{{}}; }}", "the rule is empty, which changes nothing"),
    "unknown-again": (
        f"message M {{ {M}{{unknown: UNKNOWN_FORBID}}; }}",
        "`unknown` says UNKNOWN_FORBID, which holds anyway",
    ),
    "message-per": (
        f'message M {{ {M}{{per: {{dialects: "a" inline: true unknown: UNKNOWN_KEEP}}}}; int32 a = 1; }}',
        "an entry of `per` of a message can only state `unknown`",
    ),
    "defaults-reset": (
        f"message M {{ {M}{{defaults: {{numbers: NUMBERS_UNSPECIFIED}}}}; }}",
        "`defaults.numbers` says what ProtoJSON does anyway",
    ),
    "same-key": (
        'message M { int32 a = 1 [(wire.v1.field).json = "x"]; int32 b = 2 [(wire.v1.field).also = "x"]; }',
        'the key "x" is that of the field a too',
    ),
    "same-key-apart": (
        'message M { int32 a = 1 [(wire.v1.field) = {json: "x" only: "a"}]; '
        'int32 b = 2 [(wire.v1.field) = {json: "x" only: "b"}]; }',
        None,
    ),
    "union-not-alone": (
        f"message M {{ int32 x = 2; oneof o {{ {O}{{union: UNION_SHAPE}}; int32 a = 1; }} }}",
        "a shape union must be alone in its message, which has other fields too",
    ),
    "tag-missing": (
        f"{A} message M {{ oneof o {{ {O}{{union: UNION_TAGGED}}; A a = 1; }} }}",
        "UNION_TAGGED needs a `tag`",
    ),
    "tag-without-union": (
        f'message M {{ oneof o {{ {O}{{tag: "t"}}; int32 a = 1; }} }}',
        "`tag` and `untagged` are for UNION_TAGGED",
    ),
    "tag-no-literal": (
        f'{A} message M {{ oneof o {{ {O}{{union: UNION_TAGGED tag: "type"}}; A a = 1; string s = 2; }} }}',
        'the arm s has no literal "type"',
    ),
    "tag-twice": (
        f'{A} message M {{ oneof o {{ {O}{{union: UNION_TAGGED tag: "type"}}; A a = 1; A b = 2; }} }}',
        'the arms a and b have the same tag "a"',
    ),
    "union-of-itself": (
        f"message M {{ oneof o {{ {O}{{union: UNION_SHAPE}}; int32 a = 1; M m = 2; }} }}"
        'message D { M m = 1 [(wire.v1.field) = {presence: PRESENCE_OMIT default: "\\"x\\""}]; }',
        "its JSON would be that of itself, without end",
    ),
    "union-required": (
        f"message M {{ oneof o {{ {O}{{union: UNION_SHAPE required: true}}; int32 a = 1; string s = 2; }} }}",
        "`required` changes nothing in a shape union: it is its arm",
    ),
    "shape-alike": (
        f"message M {{ oneof o {{ {O}{{union: UNION_SHAPE}}; string a = 1; string b = 2; }} }}",
        "the arm b can't be told from a, which is tried first",
    ),
    "shape-swallowed": (
        "message Wide { int32 x = 1; int32 y = 2; } message Narrow { int32 x = 1; }"
        f"message M {{ oneof o {{ {O}{{union: UNION_SHAPE}}; Wide wide = 1; Narrow narrow = 2; }} }}",
        "the arm narrow can't be told from wide, which is tried first",
    ),
    "shape-narrow-first": (
        "message Wide { int32 x = 1; int32 y = 2; } message Narrow { int32 x = 1; }"
        f"message M {{ oneof o {{ {O}{{union: UNION_SHAPE}}; Narrow narrow = 1; Wide wide = 2; }} }}",
        None,
    ),
    "shape-required": (
        "message X { int32 x = 1 [(wire.v1.field).presence = PRESENCE_ALWAYS]; } message Y { int32 y = 1; }"
        f"message M {{ oneof o {{ {O}{{union: UNION_SHAPE}}; X x = 1; Y y = 2; }} }}",
        None,
    ),
    "value-without-enum": (
        'enum N { Z = 0 [(wire.v1.value).json = "z"]; }',
        "(wire.v1.value) changes nothing: the enum has no rule",
    ),
    "value-twice": (
        f'enum N {{ {E}{{}}; Z = 0 [(wire.v1.value).json = "z"]; Y = 1 [(wire.v1.value).json = "z"]; }}',
        'Z and Y are both "z" on the wire',
    ),
    "value-twice-folded": (
        f'enum N {{ {E}{{casing: CASING_INSENSITIVE}}; Z = 0; Y = 1 [(wire.v1.value).json = "z"]; }}',
        'Z and Y are both "z" on the wire',
    ),
    "value-twice-apart": (
        f'enum N {{ {E}{{}}; Z = 0 [(wire.v1.value) = {{json: "z" only: "a"}}]; '
        'Y = 1 [(wire.v1.value) = {json: "z" only: "b"}]; }',
        None,
    ),
    "absent-and-json": (
        f'enum N {{ {E}{{}}; Z = 0 [(wire.v1.value) = {{json: "z" absent: true}}]; Y = 1; }}',
        "`absent` excludes `json` and `also`",
    ),
    "unknown-to-absent": (
        f"enum N {{ {E}{{unknown: UNKNOWN_VALUE_ZERO}}; Z = 0 [(wire.v1.value).absent = true]; Y = 1; }}",
        "UNKNOWN_VALUE_ZERO reads unknown strings as the value 0, which is `absent`: it can't be written",
    ),
    "json-is-name": (
        f'enum N {{ {E}{{}}; Z = 0 [(wire.v1.value).json = "Z"]; }}',
        '`json` is "Z", which the string is anyway',
    ),
    "enum-per-repeats": (
        f'enum N {{ {E}{{casing: CASING_INSENSITIVE per: {{dialects: "a" casing: CASING_INSENSITIVE}}}}; Z = 0; }}',
        "`per` for a repeats `casing`, which holds anyway",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_declarations(name: str) -> None:
    body, said = CASES[name]
    found = findings_of(body)
    if said is None:
        assert found == []
    else:
        assert len(found) == 1, found
        assert said in found[0]
        assert ". Way out: " in found[0]


METHODS = {
    "result": ('{result: "t.No"}', '`result` names the unknown message "t.No"'),
    "stream": ("{stream: STREAM_SSE}", "`stream` on a method that answers once (Do)"),
    "stream-default": ("{stream_default: true}", "`stream_default` needs `stream_field`"),
    "status": ("{status: 200}", "`status` 200 is no status but 200 of a good answer"),
    "produces": ('{produces: "text"}', '`produces` "text" is no content type'),
    "binary-request": ('{binary_request: "t.M"}', "`binary_request` needs `binary`"),
    "binary-only": ('{only: "a" binary: "b"}', '`binary` names the dialect "b", which `only` leaves out'),
    "empty": ("{}", "the rule is empty, which changes nothing"),
}


@pytest.mark.parametrize("name", METHODS)
def test_methods(name: str) -> None:
    rule, said = METHODS[name]
    found = findings_of(f"message M {{}} service S {{ rpc Do(M) returns (M) {{ option (wire.v1.method) = {rule}; }} }}")
    assert len(found) == 1, found
    assert f"t.S.Do: {said}" in found[0]


ROUTES = {
    "unknown-field": ('get: "/v1/{no}"', 'the path names the unknown field "no" of t.M'),
    "list-in-path": ('get: "/v1/{list}"', 'the field "list" in the path is no single value'),
    "no-slash": ('get: "v1"', 'the path "v1" does not start with "/"'),
    "malformed": ('get: "/v1/{id"', 'the path "/v1/{id" has a malformed variable'),
    "body": ('post: "/v1" body: "no"', '`body` names the unknown field "no" of t.M'),
    "no-verb": ('body: "*"', "google.api.http names no verb"),
}


@pytest.mark.parametrize("name", ROUTES)
def test_routes(name: str) -> None:
    rule, said = ROUTES[name]
    found = findings_of(
        'import "google/api/annotations.proto"; message M { string id = 1; repeated int32 list = 2; }'
        f"service S {{ rpc Do(M) returns (M) {{ option (google.api.http) = {{{rule}}}; }} }}"
    )
    assert len(found) == 1, found
    assert f"t.S.Do: {said}" in found[0]


def test_two_methods_with_one_route() -> None:
    found = findings_of(
        'import "google/api/annotations.proto"; message M { string id = 1; } service S {\n'
        'rpc One(M) returns (M) { option (google.api.http) = {get: "/v1/{id}"}; }\n'
        'rpc Two(M) returns (M) { option (google.api.http) = {get: "/v1/{id}"}; } }'
    )
    assert found == [
        "t.proto:3: t.S.Two: GET /v1/{id} is answered by t.S.One already. "
        "Way out: change one of the two, or let them differ in `only`."
    ]


DIALECTS = {
    "taken": ('{name: "default"}', 'the dialect name "default" is taken by the generator'),
    "malformed": ('{name: "A b"}', '"A b" is no dialect name'),
    "twice": ('{name: "a"}', 'the dialect "a" is declared twice'),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_dialect_names(name: str) -> None:
    rule, said = DIALECTS[name]
    found = findings_of(f"\noption (wire.v1.dialects) = {rule};")
    assert len(found) == 1, found
    assert found[0].startswith(f"t.proto:2: {said}")


def test_dialects_in_two_files() -> None:
    other = 'syntax = "proto3"; package t; import "wire/v1/wire.proto"; option (wire.v1.dialects) = {name: "x"};'
    found = findings_of('import public "o.proto";', o=other)
    assert found == [
        "t.proto:1: package t has its dialects in o.proto already. "
        "Way out: declare all dialects of a package in one file and import o.proto here."
    ]


def test_dialects_must_be_imported() -> None:
    found = findings_of(
        "",
        header='syntax = "proto3"; package t;',
        o='syntax = "proto3"; package t; import "wire/v1/wire.proto"; option (wire.v1.dialects) = {name: "x"};',
    )
    assert found == [
        "t.proto: package t has its dialects in o.proto, which this file does not import. "
        'Way out: import public "o.proto".'
    ]


def test_a_rule_for_a_dialect_where_there_is_none() -> None:
    header = 'syntax = "proto3"; package t; import "wire/v1/wire.proto";'
    found = findings_of('message M { int32 a = 1 [(wire.v1.field).only = "x"]; }', header=header)
    assert found == [
        't.proto:1: t.M.a: `only` names the dialect "x", but the package declares none. '
        "Way out: declare it with option (wire.v1.dialects), or remove the rule."
    ]


def test_flat_names_that_meet() -> None:
    found = findings_of("message A { message B {} }\nmessage A_B {}")
    assert found == [
        "t.proto:2: t.A_B: its Python class A_B has the name of that of t.A.B. Way out: rename one of the two."
    ]
