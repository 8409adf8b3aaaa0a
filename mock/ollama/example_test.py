"""Values for JSON Schemas, judged by the jsonschema package."""

from typing import Any

import jsonschema
import pytest

from mock.ollama import example, language

_TREE = {"type": "object", "properties": {"v": {"type": "integer"}, "kids": {"type": "array", "items": {"$ref": "#"}}}}
_SCHEMAS: dict[str, Any] = {
    "empty": {},
    "true": True,
    "string": {"type": "string"},
    "lengths": {"type": "string", "minLength": 30, "maxLength": 34},
    "pattern": {"type": "string", "pattern": "^[A-Z]{3}-\\d{4}$"},
    "open pattern": {"type": "string", "pattern": "^a+$", "minLength": 9},
    "date": {"type": "string", "format": "date"},
    "uuid": {"type": "string", "format": "uuid"},
    "email": {"type": "string", "format": "email"},
    "integer": {"type": "integer"},
    "between": {"type": "integer", "minimum": 3, "maximum": 4},
    "exactly": {"type": "integer", "minimum": 7, "maximum": 7},
    "below zero": {"type": "integer", "maximum": -10},
    "open bounds": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.1},
    "draft 4 bounds": {"type": "integer", "minimum": 2, "exclusiveMinimum": 1, "maximum": 3},
    "steps": {"type": "integer", "multipleOf": 7, "minimum": 30},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "types": {"type": ["null", "string"]},
    "enum": {"enum": ["red", 3, None]},
    "const": {"const": {"a": [1]}},
    "object": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
        "required": ["name", "age"],
        "additionalProperties": False,
    },
    "required only": {"required": ["x"]},
    "map": {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    "list": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 5},
    "unique": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 3},
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False, "minItems": 2},
    "contains": {"type": "array", "contains": {"const": 5}},
    "any": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    "one": {"oneOf": [{"type": "object", "properties": {"k": {"const": "a"}}, "required": ["k"]}, {"type": "null"}]},
    "all": {"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"required": ["a"]}]},
    "ref": {
        "$defs": {"p": {"type": "object", "required": ["n"], "properties": {"n": {"const": 1}}}},
        "$ref": "#/$defs/p",
    },
    "recursive": _TREE,
    "linked list": {
        "$ref": "#/definitions/node",
        "definitions": {
            "node": {
                "type": "object",
                "properties": {"next": {"anyOf": [{"$ref": "#/definitions/node"}, {"type": "null"}]}},
                "required": ["next"],
            }
        },
    },
    "pydantic": {
        "$defs": {"Pet": {"properties": {"name": {"title": "Name", "type": "string"}}, "required": ["name"]}},
        "properties": {"pets": {"items": {"$ref": "#/$defs/Pet"}, "type": "array"}, "when": {"default": None}},
        "required": ["pets"],
        "type": "object",
    },
}


@pytest.mark.parametrize("schema", _SCHEMAS.values(), ids=_SCHEMAS.keys())
def test_the_schema_allows_it(schema: Any) -> None:
    for seed in range(20):
        found = example.value(schema, language.source(seed))
        jsonschema.validate(found, schema, jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"type": "array", "items": False, "minItems": 1},
        {"$ref": "#/nowhere"},
        {"$ref": "#"},
        {"type": "string", "pattern": "("},
        {"type": "object", "properties": {"a": False}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
    ],
)
def test_what_allows_nothing(schema: Any) -> None:
    with pytest.raises(example.Unsatisfiable):
        example.value(schema, language.source(1))


def test_the_prompt_is_used() -> None:
    schema = {"properties": {"city": {"type": "string"}, "days": {"type": "integer"}, "unit": {"enum": ["C", "F"]}}}
    for seed in range(5):
        found = example.value(schema, language.source(seed), ["Paris", "3"], "Paris, 3 days, in f please")
        assert found == {"city": "Paris", "days": 3, "unit": "F"}
