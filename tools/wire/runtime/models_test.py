"""The covering set of definitions as generated models: states, forms, unions, hostile input, binary."""

from __future__ import annotations

import copy
import json
import math
import pickle
import struct
from typing import Any

import pytest
from cover.v1.annotated_wire import Forms, Holder, ImagePart, ListPart, States, TextPart
from cover.v1.edition2023_wire import New
from cover.v1.legacy2_wire import Old
from cover.v1.plain3_wire import Reserved, Scalars, Tree, WellKnown
from hypothesis import given
from hypothesis import strategies as st
from samewire_wire import MISSING, AnyMessage, Timestamp, WireError, registry

DIALECTS = ("terse", "chatty-1.0", "nulls")


def reason(spec: Any, data: bytes | str, dialect: str | None) -> WireError:
    with pytest.raises(WireError) as caught:
        spec.read(data, dialect)
    assert "\n" not in str(caught.value)
    return caught.value


# The five states

INT32 = st.integers(-(2**31), 2**31 - 1)
OPTIONAL = {
    "null_by_default": st.none() | INT32,
    "maybe_missing": INT32,
    "missing_is": st.text(),
    "three_states": st.none() | st.booleans(),
    "list": st.none() | st.lists(st.text()),
}
STATES = st.fixed_dictionaries({"always": INT32, "maybe_null": st.none() | INT32}, optional=OPTIONAL)


@given(STATES)
def test_every_state_survives_where_only_what_was_set_is_written(value: dict[str, Any]) -> None:
    model = States.from_wire(json.dumps(value), "terse")
    assert json.loads(model.to_wire("terse")) == value
    assert States.from_wire(model.to_wire("terse"), "terse") == model
    assert pickle.loads(pickle.dumps(model)) == copy.deepcopy(model) == model


@given(STATES)
def test_binary_keeps_what_it_can_say(value: dict[str, Any]) -> None:
    model = States.from_wire(json.dumps(value), "terse")
    again = States.from_binary(model.to_binary())
    assert again.to_binary() == model.to_binary()
    # Null and missing are one state in binary, an empty list and no list too.
    wanted = {key: each for key, each in value.items() if each not in (None, [])}
    assert json.loads(again.to_wire("terse")) == {"always": 0, "maybe_null": None, **wanted} | {
        key: each for key, each in json.loads(again.to_wire("terse")).items() if key not in value
    }


def test_what_writers_do_with_unset_and_null() -> None:
    model = States(always=1, maybe_null=None, three_states=None)
    assert json.loads(model.to_wire("terse")) == {"always": 1, "maybe_null": None, "three_states": None}
    chatty = json.loads(model.to_wire("chatty-1.0"))
    assert chatty == {
        "always": 1,
        "with_default": 7,
        "maybe_null": None,
        "null_by_default": None,
        "missing_is": "x",
        "counts": {"a": 1},
    }
    nulls = json.loads(States(always=1, maybe_null=None, differs=5).to_wire("nulls"))
    assert nulls["three_states"] is None
    assert nulls["differing"] == 5


def test_a_field_that_the_dialect_lacks_is_never_dropped() -> None:
    model = States(always=1, maybe_null=None, differs=5)
    with pytest.raises(WireError, match=r"\$\.differs: is set, but the dialect chatty-1.0 does not have it") as caught:
        model.to_wire("chatty-1.0")
    assert (caught.value.path, caught.value.owner, caught.value.field) == ("$.differs", "cover.v1.States", "differs")
    assert reason(States.WIRE, b'{"always":1,"maybe_null":2,"differs":1}', "chatty-1.0").path == "$.differs"


def test_unknown_keys_by_message_and_dialect() -> None:
    data = b'{"always":1,"maybe_null":2,"differing":1,"new":{"a":[1]}}'
    kept = States.from_wire(data, "nulls")
    assert json.loads(kept.to_wire("nulls"))["new"] == {"a": [1]}
    assert reason(States.WIRE, data.replace(b"differing", b"differs"), "terse").reason == "unknown key"
    assert TextPart.from_wire(b'{"text":"x","new":1}', "terse").to_wire("chatty-1.0") == b'{"type":"text","text":"x"}'


def test_dialects_are_told_apart() -> None:
    assert States.read_any(b'{"always":1,"maybe_null":2}')[1] == "terse"
    assert States.read_any(b'{"always":1,"maybe_null":2,"differing":3}')[1] == "nulls"
    with pytest.raises(LookupError, match="terse, chatty-1.0, nulls, protojson"):
        States.from_wire(b"{}", "polite")


# Hostile and edge input

EDGES = {
    b'{"exact":9007199254740993}': 2**53 + 1,
    b'{"exact":-9007199254740993}': -(2**53) - 1,
    b'{"exact":9223372036854775807}': 2**63 - 1,
    b'{"exact":-9223372036854775808}': -(2**63),
}


@pytest.mark.parametrize("data", EDGES)
def test_integers_are_exact(data: bytes) -> None:
    model = Forms.from_wire(data, "terse")
    assert model.exact == EDGES[data]
    assert model.to_wire("terse") == data
    assert Forms.from_protojson(model.to_protojson()) == model == Forms.from_binary(model.to_binary())


@pytest.mark.parametrize(
    ("data", "path", "about"),
    [
        (b'{"exact":9223372036854775808}', "$.exact", "at most"),
        (b'{"exact":true}', "$.exact", "expected an integer, got true"),
        (b'{"exact":1.0}', "$.exact", "expected an integer"),
        (b'{"exact":"1"}', "$.exact", "expected an integer"),
        (b'{"exact":1e2}', "$.exact", "expected an integer"),
        (b'{"lenient":NaN}', "$.lenient", "finite"),
        (b'{"lenient":1e999}', "$.lenient", ""),
        (b'{"lenient":2e9}', "$.lenient", "at most"),
        (b'{"name":"UPPER"}', "$.name", "match"),
        (b'{"Name":"a","title":"b"}', "$", "duplicate"),
        (b'{"standard":"-_8="}', "$.standard", "standard base64"),
        (b'{"url":["+/8="]}', "$.url[0]", "URL-safe"),
        (b'{"exact":1,"exact":1}', "$", 'duplicate key "exact"'),
        (b'{"name":"\\ud800"}', "$", "not JSON"),
        (b'{"name":"\xff"}', "$", "not JSON"),
        (b"\xef\xbb\xbf{}", "$", "not JSON"),
        (b"{} x", "$", "not JSON"),
        (b"{", "$", "not JSON"),
        (b"", "$", "not JSON"),
        (b"null", "$", "expected an object"),
        ("\ud800", "$", "not JSON"),
    ],
)
def test_what_is_refused(data: bytes | str, path: str, about: str) -> None:
    data = data.replace(b'"name"', b'"Name"') if isinstance(data, bytes) else data
    error = reason(Forms.WIRE, data, "terse")
    assert error.path == (path if path != "$.name" else "$.Name")
    assert about in error.reason


def test_colons_in_strings_are_no_keys() -> None:
    part = TextPart.from_wire(b'{"text":":\\":\\":","type" : "text"}', "terse")
    assert part.text == ':":":'


def test_negative_zero_and_line_separator() -> None:
    assert math.copysign(1, Scalars.from_protojson(b'{"aDouble":-0.0}').a_double) == -1
    assert Scalars(a_double=-0.0).to_protojson() == b'{"aDouble":-0.0}'
    assert Scalars().to_protojson() == b"{}"
    assert Scalars.from_protojson(Scalars(a_string="\u2028").to_protojson()).a_string == "\u2028"


def test_depth() -> None:
    def nested(levels: int) -> bytes:
        return b'{"left":' * levels + b"{}" + b"}" * levels

    assert Tree.from_protojson(nested(99)).to_protojson() == nested(99)
    for levels in (100, 150, 5000):
        with pytest.raises(WireError):
            Tree.from_protojson(nested(levels))


def test_what_cannot_be_written() -> None:
    tree = Tree()
    tree.left = tree
    for model in (tree, Tree(leaf=Tree.from_protojson(b'{"leaf":{}}').leaf, children=[tree])):
        with pytest.raises(WireError):
            model.to_protojson()
    with pytest.raises(WireError, match="NaN"):
        Forms(lenient=math.nan).to_wire("terse")
    with pytest.raises(WireError, match="surrogate"):
        TextPart(text="\ud800").to_wire("terse")


# Forms of values


def test_enum_strings() -> None:
    assert Forms.from_wire(b'{"mood":"glad"}', "terse").mood == "happy"
    assert reason(Forms.WIRE, b'{"mood":"HAPPY"}', "terse").path == "$.mood"
    assert Forms.from_wire(b'{"mood":"HAPPY"}', "nulls").mood == "happy"
    assert json.loads(Forms.from_wire(b'{"mood":"strange"}', "nulls").to_wire("nulls"))["mood"] == "strange"
    assert reason(Forms.WIRE, b'{"mood":1}', "terse").path == "$.mood"
    assert Forms(mood="happy").to_protojson() == b'{"mood":"MOOD_HAPPY"}'


def test_times_and_bytes() -> None:
    model = Forms.from_wire(b'{"when":1795165200.12,"standard":"+/8=","url":["-_8="]}', "terse")
    assert model.when == Timestamp.parse("2026-11-20T09:00:00.120Z")
    assert model.to_wire("terse") == b'{"standard":"+/8=","url":["-_8="],"when":1795165200.12}'
    written = json.loads(model.to_protojson())
    assert written == {"standard": "+/8=", "url": ["+/8="], "when": "2026-11-20T09:00:00.120Z", "mood": "MOOD_SAD"}


def test_numbers_in_protojson() -> None:
    data = b'{"aDouble":"NaN","aFloat":0.1,"anInt64":"9007199254740993","aUint64":"18446744073709551615"}'
    assert Scalars.from_protojson(data).to_protojson() == data
    assert Scalars(a_float=struct.unpack("f", struct.pack("f", 0.1))[0]).to_protojson() == b'{"aFloat":0.1}'
    for wrong in (
        b'{"anInt32":true}',
        b'{"anInt32":2147483648}',
        b'{"aFloat":1e39}',
        b'{"aDouble":NaN}',
        b'{"anInt32":1.5}',
    ):
        with pytest.raises(WireError):
            Scalars.from_protojson(wrong)


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_lists_of_integers(values: list[int]) -> None:
    assert Scalars.from_protojson(json.dumps({"packed": [v % 1000 for v in values]})).packed == [
        v % 1000 for v in values
    ]


# Unions


def test_unions_are_their_arms() -> None:
    data = (
        b'{"part":{"type":"list","list":[{"text":"a"},{"type":"image","image":""}]},"stops":["x",["y"],[1],[],{"text":"z"}],'
        b'"by_name":{"k":{"type":"end"}},"image":{"type":"image","image":"AA=="},"left":"l"}'
    )
    holder = Holder.from_wire(data, "terse")
    assert isinstance(holder.part, ListPart)
    assert holder.part.list_ == [TextPart(text="a"), ImagePart(image=b"")]
    assert holder.stops == ["x", ["y"], [1], [], TextPart(text="z")]
    for again in (Holder.from_protojson(holder.to_protojson()), Holder.from_binary(holder.to_binary())):
        assert json.loads(again.to_wire("terse")) == json.loads(holder.to_wire("terse"))
    # terse leaves the tags out, so what it writes is no longer told apart; nulls does not, and has another tag there.
    again = Holder.from_wire(data.replace(b"end", b"stop"), "nulls")
    assert Holder.from_wire(again.to_wire("nulls"), "nulls") == again


def test_wrong_tags_and_two_arms() -> None:
    part = registry.find("cover.v1.Part")
    assert reason(part, b'{"type":"vide"}', "chatty-1.0").path == "$.type"
    assert reason(part, b'{"type":"text","text":1}', "chatty-1.0").path == "$.text"
    rest = b'"part":{"text":""},"stops":[],"by_name":{},"image":{"type":"image","image":""}'
    assert "at most one" in reason(Holder.WIRE, b"{" + rest + b',"left":"","right":1}', "terse").reason
    assert "must be set" in reason(Holder.WIRE, b"{" + rest + b"}", "terse").reason
    with pytest.raises(ValueError, match="at most one"):
        Reserved(lambda_=1, async_="")


# ProtoJSON and binary


def test_well_known_types() -> None:
    data = (
        b'{"any":{"@type":"type.googleapis.com/cover.plain.Scalars","aBool":true},"timestamp":"2026-11-21T09:00:00Z",'
        b'"duration":"1.500s","mask":"a.bC","struct":{"n":9007199254740993},"value":null,"list":[1,"x",null],"empty":{},'
        b'"wrapped":"7","values":{"k":null}}'
    )
    model = WellKnown.from_protojson(data)
    assert json.loads(model.to_protojson()) == json.loads(data)
    assert isinstance(model.any, AnyMessage)
    assert model.any.unpack() == Scalars(a_bool=True)
    assert model.value is None
    assert WellKnown().value is MISSING
    assert json.loads(WellKnown.from_protojson(b'{"value":null}').to_protojson()) == {"value": None}
    with pytest.raises(WireError, match="double"):
        model.to_binary()
    model.struct = {"n": 1}
    assert WellKnown.from_binary(model.to_binary()) == model


def test_any_of_an_unknown_message() -> None:
    with pytest.raises(WireError, match="no generated module with the message no.Such"):
        WellKnown.from_protojson(b'{"any":{"@type":"x/no.Such"}}')


def test_proto2_extensions_groups_and_unknown_fields() -> None:
    data = b'{"must":1,"item":[{"name":"a"}],"two":{"two":2},"[cover.legacy.tags]":["t"],"shade":"DARK"}'
    old = Old.from_protojson(data)
    assert json.loads(old.to_protojson()) == json.loads(data)
    assert Old.from_binary(old.to_binary()).to_protojson() == old.to_protojson()
    unknown = old.to_binary() + b"\xfa\x0f\x01x"  # field 255
    assert Old.from_binary(unknown).to_binary() == unknown
    with pytest.raises(WireError, match="unknown key"):
        Old.from_protojson(b'{"must":1,"[cover.legacy.no]":1}')
    with pytest.raises(WireError, match="must"):
        Old().to_binary()


def test_open_and_closed_enums() -> None:
    assert New.from_binary(b"\x18\x01\x40\x07").open == 7
    # A closed enum does not hold the number; it stays among the unknown fields.
    closed = New.from_binary(b"\x18\x01\x48\x07")
    assert closed.closed is None
    assert closed.to_binary() == b"\x18\x01\x48\x07"
    with pytest.raises(WireError, match="closed: expected"):
        New.from_protojson(b'{"closed":7}')
    assert New.from_protojson(b'{"open":7}').to_protojson() == b'{"open":7}'


def test_broken_binary() -> None:
    with pytest.raises(WireError, match="not protobuf binary"):
        Scalars.from_binary(b"\xff")


def test_ignore_unknown() -> None:
    data = b'{"new":{"a":1},"color":"COLOR_NEW","anInt32":1}'
    assert Scalars.from_protojson(data, ignore_unknown=True).to_protojson() == b'{"anInt32":1}'
    with pytest.raises(WireError, match=r"\$\.(new|color): "):
        Scalars.from_protojson(data)
    with pytest.raises(WireError, match="duplicate"):
        Scalars.from_protojson(b'{"anInt32":1,"an_int32":1,"x":1}', ignore_unknown=True)


def test_a_built_class_does_not_change_how_json_is_read() -> None:
    assert Scalars(a_float=0.5).model_dump()["a_float"] == 0.5
    Tree(leaf=None)
    spec = type(registry.find("cover.plain.Tree"))("cover.plain.Tree", Tree.WIRE.file, Tree.WIRE.dialects)
    assert spec.read_protojson(b'{"leaf":{"kind":"KIND_UNSPECIFIED"}}').leaf is not None
