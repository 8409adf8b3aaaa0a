from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from tools.wire.emit import jsonschema as emitter
from tools.wire.fixtures.corpus import Corpus
from tools.wire.fixtures.fixture import Expect
from tools.wire.ir import Schema
from tools.wire.testing import cover

STATES = {"always": 1, "maybe_null": None}
CASES: list[tuple[str, str, Any, bool]] = [
    ("cover.v1.States", "terse", STATES, True),
    ("cover.v1.States", "terse", STATES | {"always": None}, False),
    ("cover.v1.States", "terse", {"always": 1}, False),
    ("cover.v1.States", "terse", STATES | {"no": 1}, False),
    ("cover.v1.States", "nulls", STATES | {"no": 1, "differing": 0}, True),
    ("cover.v1.States", "nulls", STATES | {"differing": -1}, False),
    ("cover.v1.States", "terse", STATES | {"maybe_missing": None}, False),
    ("cover.v1.States", "terse", STATES | {"three_states": None}, True),
    ("cover.v1.States", "terse", STATES | {"always": "1"}, False),
    ("cover.v1.States", "protojson", {"always": "1", "maybeNull": None}, True),
    ("cover.v1.States", "protojson", {"maybeNull": 1, "maybe_null": 1}, False),
    ("cover.v1.Forms", "terse", {"standard": "+/8=", "url": ["-_8="]}, True),
    ("cover.v1.Forms", "terse", {"standard": "-_8="}, False),
    ("cover.v1.Forms", "terse", {"url": ["+/8="]}, False),
    ("cover.v1.Forms", "terse", {"url": ["-_8="] * 5}, False),
    ("cover.v1.Forms", "terse", {"text": "9007199254740993", "exact": 9007199254740993}, True),
    ("cover.v1.Forms", "terse", {"exact": "1"}, False),
    ("cover.v1.Forms", "terse", {"exact": 2**63}, False),
    ("cover.v1.Forms", "terse", {"Name": "abc"}, True),
    ("cover.v1.Forms", "terse", {"Name": "ABC"}, False),
    ("cover.v1.Forms", "terse", {"title": "abc"}, True),
    ("cover.v1.Forms", "terse", {"title": "abc", "label": "abc"}, False),
    ("cover.v1.Forms", "terse", {"mood": "HAPPY"}, False),
    ("cover.v1.Forms", "chatty-1.0", {"mood": "HAPPY"}, True),
    ("cover.v1.Part", "terse", {"type": "text", "text": "x"}, True),
    ("cover.v1.Part", "terse", {"text": "x"}, True),
    ("cover.v1.Part", "terse", {"type": "list", "list": [{"type": "end"}]}, True),
    ("cover.v1.Part", "terse", {"type": "list", "list": [{"type": "no"}]}, False),
    ("cover.v1.Part", "chatty-1.0", {"type": "image", "image": ""}, False),
    ("cover.v1.Parts", "terse", {"list": []}, False),
    ("cover.v1.Stop", "terse", "x", True),
    ("cover.v1.Stop", "terse", [1], True),
    ("cover.v1.Stop", "terse", [True], False),
    ("cover.plain.Scalars", "default", {"aDouble": "NaN", "aUint64": "18446744073709551615", "color": 7}, True),
    ("cover.plain.Scalars", "default", {"aUint32": -1}, False),
    ("cover.plain.Tree", "default", {"left": {"left": {}}, "byId": {"-1": {}}, "children": []}, True),
    ("cover.plain.Tree", "default", {"byId": {"x": {}}}, False),
    ("cover.plain.Reserved", "default", {"lambda": 1, "async": None}, True),
    ("cover.plain.Reserved", "default", {"lambda": 1, "async": "x"}, False),
    ("cover.plain.WellKnown", "default", {"duration": "1.5s", "null": None, "value": [1], "any": {"@type": "x"}}, True),
    ("cover.plain.WellKnown", "default", {"duration": "1.5"}, False),
    ("cover.legacy.Old", "default", {}, True),  # `required` of proto2 is not ProtoJSON's business
    ("cover.legacy.Old", "default", {"oneWay": 1}, False),
    ("cover.legacy.Old", "default", {"must": 1, "[cover.legacy.tags]": ["x"]}, True),
]


@pytest.fixture(scope="module")
def schema() -> Schema:
    return cover()


@pytest.mark.parametrize(("message", "dialect", "value", "good"), CASES)
def test_what_it_accepts(schema: Schema, message: str, dialect: str, value: Any, good: bool) -> None:
    document = emitter.document(schema, message, dialect)
    jsonschema.Draft202012Validator.check_schema(document)
    assert jsonschema.Draft202012Validator(document).is_valid(value) == good


def test_bundles_hold_every_message_of_the_package_and_are_good_schemas(schema: Schema) -> None:
    texts = emitter.emit(schema)
    assert {"cover/v1/terse.schema.json", "cover/v1/protojson.schema.json", "cover/plain/default.schema.json"} <= set(
        texts
    )
    for text in texts.values():
        bundle = json.loads(text)
        jsonschema.Draft202012Validator.check_schema(bundle)
        references = {line.split('"')[3] for line in text.split("\n") if '"$ref"' in line}
        assert references <= {f"#/$defs/{name}" for name in bundle["$defs"]}
    terse = json.loads(texts["cover/v1/terse.schema.json"])
    chatty = json.loads(texts["cover/v1/chatty-1.0.schema.json"])
    assert "cover.v1.ImagePart" in terse["$defs"]
    assert "cover.v1.ImagePart" not in chatty["$defs"]


def test_a_message_that_a_dialect_does_not_have(schema: Schema) -> None:
    with pytest.raises(KeyError):
        emitter.document(schema, "cover.v1.ImagePart", "chatty-1.0")


# What JSON Schema has no words for: by what a reader needs, and by the last part of a reject-fixture's name.
NEEDS = {"duplicate-keys", "lone-surrogates", "depth", "number-syntax", "invalid-utf8"}
BEYOND = {
    "overflow": "64 bits in a string; 1e309 is infinite to a parser",
    "underflow": "the same",
    "key-too-large": "the same in the key of a map",
    "february-30": "a calendar",
    "too-long": "the range of a Duration",
    "zone-24": "the schema says little of lenient times",
    "bom": "Python's json takes it",
    "utf-16": "Python's json takes it",
}


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def test_the_corpus_agrees(schema: Schema) -> None:
    """What the oracle accepts a schema accepts; what it refuses a schema refuses, as far as a schema can."""
    corpus = Corpus(schema)
    wrong, refused = [], 0
    for message, dialect in corpus.subjects():
        validator = jsonschema.Draft202012Validator(emitter.document(schema, message, dialect))
        for fixture in corpus.fixtures(message, dialect):
            if NEEDS & set(fixture.needs) or fixture.id.rpartition(":")[2] in BEYOND:
                continue
            try:
                value = json.loads(fixture.data, parse_constant=_refuse)
            except ValueError:
                continue
            good = fixture.expect is not Expect.REJECT
            refused += not good
            if validator.is_valid(value) != good:
                wrong.append(fixture.id)
    # Where null is a value the oracle takes it for one in place of a whole map too.
    assert wrong == ["cover.plain.WellKnown/default/values:null"]
    assert refused > len(CASES)
