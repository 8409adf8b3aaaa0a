import pytest

from tools.wire.testing import findings_of

W = "(wire.v1.field)"
CASES = {
    # type, rule, what is said (None: good)
    "literal-on-int": ("int32", 'literal: "x"', "`literal` is for a single string, the field is int32"),
    "literal-on-list": (
        "repeated string",
        'literal: "x"',
        "`literal` is for a single string, the field is repeated string",
    ),
    "literal-and-default": (
        "string",
        'literal: "x" default: "\\"x\\""',
        "`literal` and `default` exclude each other",
    ),
    "literal-and-presence": (
        "string",
        'literal: "x" presence: PRESENCE_OMIT',
        "`literal` and `presence` exclude each other",
    ),
    "required-alone": ("string", "required: true", "`required` is for a field with a `literal`"),
    "numbers-on-string": ("string", "numbers: NUMBERS_PLAIN", "`numbers` is for numbers, the field is string"),
    "numbers-on-wrapper": ("google.protobuf.Int64Value", "numbers: NUMBERS_PLAIN", None),
    "bytes-on-string": ("string", "bytes: BYTES_BASE64", "`bytes` is for bytes, the field is string"),
    "time-on-int": ("int64", "time: TIME_LENIENT", "`time` is for google.protobuf.Timestamp, the field is int64"),
    "time": ("google.protobuf.Timestamp", "time: TIME_LENIENT", None),
    "length-on-int": ("int32", "limit: {min_length: 1}", "`limit.min_length` is for strings and bytes"),
    "min-on-string": ("string", "limit: {min: 1}", "`limit.min` is for numbers"),
    "items-on-single": ("string", "limit: {max_items: 1}", "`limit.max_items` is for lists and maps"),
    "min-over-max": ("int32", "limit: {min: 3 max: 2}", "`limit` leaves no value: min 3 is more than max 2"),
    "min-of-unsigned": (
        "uint32",
        "limit: {min: 0}",
        "`limit.min` of 0 changes nothing: uint32 has no smaller value",
    ),
    "infinite": ("double", "limit: {max: inf}", "`limit.max` is not finite"),
    "empty-limit": ("int32", "limit: {}", "`limit` is empty, which changes nothing"),
    "look-ahead": ("string", 'limit: {pattern: "a(?=b)"}', "`limit.pattern` uses look-around"),
    "bad-pattern": ("string", 'limit: {pattern: "("}', "`limit.pattern` is no regular expression"),
    "no-json": ("string", 'presence: PRESENCE_OMIT default: "x"', "the default x is no JSON"),
    "default-alone": ("int32", 'default: "1"', "`default` without `presence` changes nothing"),
    "default-type": (
        "int32",
        'presence: PRESENCE_OMIT default: "true"',
        "the default true does not fit: expected a number, got true",
    ),
    "default-range": (
        "uint32",
        'presence: PRESENCE_OMIT default: "-1"',
        "the default -1 does not fit: -1 is out of range for uint32",
    ),
    "default-limit": (
        "int32",
        'presence: PRESENCE_OMIT default: "9" limit: {max: 5}',
        "the default 9 does not fit: 9 is more than max 5",
    ),
    "default-list": (
        "repeated int32",
        'presence: PRESENCE_OMIT default: "[1,\\"x\\"]"',
        'the default [1,"x"] does not fit: expected a number, got a string',
    ),
    "default-null": (
        "int32",
        'presence: PRESENCE_OMIT default: "null"',
        "the default null contradicts PRESENCE_OMIT, which refuses null",
    ),
    "default-of-null": (
        "int32",
        'presence: PRESENCE_NULL default: "1"',
        "the default 1 contradicts PRESENCE_NULL: only null can stand for missing there",
    ),
    "default-enum": (
        "E",
        'presence: PRESENCE_OMIT default: "\\"y\\""',
        'the default "y" does not fit: t.E has no "y" there (x)',
    ),
    "default-message": (
        "Held",
        'presence: PRESENCE_OMIT default: "{\\"no\\":1}"',
        'the default {"no":1} does not fit: t.Held has no key "no"',
    ),
    "default-message-missing": (
        "Held",
        'presence: PRESENCE_OMIT default: "{}"',
        'the default {} does not fit: the key "must" of t.Held is missing',
    ),
    "presence-for-nothing": ("int32", "presence: PRESENCE_UNSPECIFIED", "`presence` says what ProtoJSON does anyway"),
    "json-for-nothing": ("int32", 'json: "f"', '`json` is "f", which the key is anyway'),
    "also-for-nothing": ("int32", 'also: "f"', '`also` repeats the key "f"'),
    "also-twice": ("int32", 'also: "g" also: "g"', "`also` names a key twice"),
    "empty": ("int32", "", "the rule is empty, which changes nothing"),
    "only-unknown": ("int32", 'only: "c"', '`only` names the unknown dialect "c"'),
    "only-all": ("int32", 'only: "a" only: "b"', "`only` lists every dialect, which changes nothing"),
    "per-left-out": (
        "int32",
        'only: "a" per: {dialects: "b" json: "g"}',
        '`per` speaks for the dialect "b", which `only` leaves out',
    ),
    "per-nobody": ("int32", 'per: {json: "g"}', "an entry of `per` names no dialect"),
    "per-twice": (
        "int32",
        'per: {dialects: "a" json: "g"} per: {dialects: "a" json: "h"}',
        'two entries of `per` speak for the dialect "a"',
    ),
    "per-nothing": ("int32", 'per: {dialects: "a"}', "the entry of `per` for a states nothing"),
    "per-repeats": (
        "int32",
        'presence: PRESENCE_OMIT per: {dialects: "a" presence: PRESENCE_OMIT}',
        "`per` for a repeats `presence`, which holds anyway",
    ),
    "per-in-per": (
        "int32",
        'per: {dialects: "a" json: "g" only: "a"}',
        "`only` and `per` have no meaning inside `per` (a)",
    ),
    "dialects-outside": ("int32", 'dialects: "a" json: "g"', "`dialects` has a meaning only inside `per`"),
    "inline-key": ("Inline", "presence: PRESENCE_OMIT", None),
}


@pytest.mark.parametrize("name", CASES)
def test_one_field(name: str) -> None:
    kind, rule, said = CASES[name]
    found = findings_of(
        'enum E { option (wire.v1.enumeration) = {}; X = 0 [(wire.v1.value).json = "x"]; }'
        f"message Held {{ int32 must = 1 [{W} = {{presence: PRESENCE_ALWAYS}}]; }}"
        "message Inline { option (wire.v1.message) = {inline: true}; repeated int32 f = 1; }\n"
        f"message M {{ {kind} f = 1 [{W} = {{{rule}}}]; }}"
    )
    if said is None:
        assert found == []
    else:
        assert len(found) == 1
        assert found[0].startswith(f"t.proto:2: t.M.f: {said}"), found[0]
        assert ". Way out: " in found[0]
        assert found[0].endswith(".")


def test_the_whole_line() -> None:
    assert findings_of('message M { int32 f = 1 [(wire.v1.field) = {literal: "x"}]; }') == [
        "t.proto:1: t.M.f: `literal` is for a single string, the field is int32. "
        "Way out: remove it, or make the field a string."
    ]


@pytest.mark.parametrize("presence", ["ALWAYS", "NULL", "OMIT_OR_NULL"])
def test_presence_of_an_arm(presence: str) -> None:
    found = findings_of(
        f"message M {{ oneof o {{ int32 f = 1 [{W} = {{presence: PRESENCE_{presence}}}]; }} }}",
    )
    assert len(found) == 1
    assert f"PRESENCE_{presence} contradicts the oneof o: an arm is there or not" in found[0]


def test_all_findings_at_once() -> None:
    found = findings_of(
        "message M {\n"
        f'  int32 a = 1 [{W} = {{literal: "x"}}];\n'
        f"  int32 b = 2 [{W} = {{bytes: BYTES_BASE64}}];\n"
        f'  int32 c = 3 [{W} = {{json: "b"}}];\n'
        "}"
    )
    assert [line.split(": ")[0] for line in found] == ["t.proto:2", "t.proto:3", "t.proto:4"]


def test_a_type_of_another_package_must_know_the_dialects() -> None:
    found = findings_of(
        'import "o.proto"; message M { o.O f = 1; }',
        o='syntax = "proto3"; package o; import "wire/v1/wire.proto";'
        'option (wire.v1.dialects) = {name: "a"}; message O {}',
    )
    assert found == [
        't.proto:1: t.M.f: o.O is not known in the dialect "b": its package declares other dialects. '
        'Way out: declare "b" in package o too, or limit the field with `only`.'
    ]


def test_a_field_that_no_dialect_has() -> None:
    found = findings_of(
        f'message M {{ O f = 1 [{W} = {{only: "b"}}]; }} message O {{ option (wire.v1.message) = {{only: "a"}}; }}'
    )
    assert len(found) == 1
    assert "no dialect has the field" in found[0]
