"""Rules to pydantic-core validators: what reading JSON costs is decided here, once per message and dialect.

The validator builds instances of the generated classes straight from JSON text; no rule is looked up while it runs.
What its parser does not see by itself, duplicate keys and depth, is checked afterwards on the text (`_text_checks`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

from pydantic_core import CoreSchema, PydanticOmit, SchemaValidator
from pydantic_core import core_schema as cs

from samewire_wire import _rules as r
from samewire_wire import _text, _well_known

# Labels of union choices that are no step in the JSON path begin with this character (see _locate).
HIDDEN = "\0"
UNSET = object()
_STRING = cs.str_schema(strict=True)
_DIGITS = cs.str_schema(strict=True, pattern=r"^-?(?:0|[1-9][0-9]{0,18})$")
_INT64 = r.Int(-(2**63), 2**63 - 1)
_NEVER = cs.literal_schema([object()])

Rules = Callable[[r.Ref], r.Message]


def validator(root: r.Type, rules: Rules, *, ignore_unknown: bool = False, careful: bool = False) -> SchemaValidator:
    """Reads `root`. `ignore_unknown`: unknown keys and enum strings are dropped; `careful`: two spellings of one key
    are refused also where unknown keys are ignored."""
    return _validator(_Builder(rules, ignore_unknown, careful).root(root))


def _validator(schema: CoreSchema) -> SchemaValidator:
    # A prebuilt validator is the class's own, for Python values: never what a dialect asks for.
    return SchemaValidator(schema, _use_prebuilt=False)


class _Builder:
    def __init__(self, rules: Rules, ignore_unknown: bool, careful: bool) -> None:
        self._rules = rules
        self._ignore = ignore_unknown
        self._careful = careful
        self._used: Counter[r.Ref] = Counter()
        self._definitions: dict[str, CoreSchema] = {}

    def root(self, root: r.Type) -> CoreSchema:
        self._count(root)
        schema = self.type(root)
        return cs.definitions_schema(schema, list(self._definitions.values())) if self._definitions else schema

    def _count(self, kind: r.Type) -> None:
        todo = [kind]
        while todo:
            kind = todo.pop()
            if isinstance(kind, r.Ref):
                self._used[kind] += 1
                if self._used[kind] == 1:
                    todo.extend(parts(self._rules(kind)))
            else:
                todo.extend(parts(kind))

    def type(self, kind: r.Type) -> CoreSchema:
        return getattr(self, f"_{type(kind).__name__.lower()}")(kind)  # type: ignore[no-any-return]

    # Messages

    def _ref(self, kind: r.Ref) -> CoreSchema:
        if self._used[kind] < 2:
            return self.type(self._rules(kind))  # type: ignore[arg-type]
        name = f"{kind.message}/{kind.dialect}"
        if name not in self._definitions:
            self._definitions[name] = cs.any_schema()  # taken, until what refers to itself is built
            self._definitions[name] = {**self.type(self._rules(kind)), "ref": name}  # type: ignore[arg-type]
        return cs.definition_reference_schema(name)

    def _object(self, rule: r.Object) -> CoreSchema:
        unknown = r.IGNORE if self._ignore and rule.unknown == r.FORBID else rule.unknown
        extra = {r.FORBID: "forbid", r.IGNORE: "ignore", r.KEEP: "allow"}[r.KEEP if rule.extensions else unknown]
        fields = {}
        for key in rule.keys:
            aliases = [[key.key], *([also] for also in key.also)]
            alias = None if aliases == [[key.name]] else key.key if not key.also else aliases
            fields[key.name] = cs.model_field(self._key(key), validation_alias=alias)  # type: ignore[arg-type]
        schema: CoreSchema = cs.model_schema(
            rule.cls,
            cs.model_fields_schema(fields, extra_behavior=extra),  # type: ignore[arg-type]
            post_init="model_post_init" if rule.oneofs else None,
        )
        if rule.extensions:
            schema = cs.no_info_after_validator_function(_extensions(unknown == r.FORBID), schema)
        if self._careful and unknown != r.FORBID and any(key.also for key in rule.keys):
            schema = cs.no_info_before_validator_function(_spellings(rule.keys), schema)
        return schema

    def _key(self, key: r.Key) -> CoreSchema:
        schema = self.type(key.type) if key.key != r.ABSENT else _NEVER
        if self._ignore and isinstance(key.type, r.Enum):
            schema = _else(schema, cs.no_info_after_validator_function(lambda _: key.missing, _STRING))
        if key.null is None:
            schema = cs.nullable_schema(schema)
        elif isinstance(key.null, r.Json):
            read = default_factory(key, self._rules)
            schema = _else(schema, cs.no_info_after_validator_function(lambda _: read(), cs.none_schema()))
        elif key.null is not r.REFUSE:
            schema = _else(schema, cs.no_info_after_validator_function(_always(key.null), cs.none_schema()))
        if key.missing is r.REFUSE:
            return schema
        if isinstance(key.missing, r.Json):
            return cs.with_default_schema(schema, default_factory=default_factory(key, self._rules))
        if isinstance(key.missing, list | dict):
            return cs.with_default_schema(schema, default_factory=_always(key.missing))
        return cs.with_default_schema(schema, default=key.missing)

    def _inline(self, rule: r.Inline) -> CoreSchema:
        schema = self.type(rule.type)
        return cs.nullable_schema(schema) if rule.null else schema

    def _tagged(self, rule: r.Tagged) -> CoreSchema:
        tagged = cs.tagged_union_schema({tag: self.type(arm) for tag, arm in rule.arms.items()}, rule.tag)
        if not rule.shapes:
            return tagged
        return _choice([(tagged, HIDDEN + "tag"), *self._arms(rule.shapes)])

    def _shape(self, rule: r.Shape) -> CoreSchema:
        return _choice(self._arms(rule.arms))

    def _arms(self, arms: tuple[r.Type, ...]) -> list[tuple[CoreSchema, str]]:
        return [(self.type(arm), f"{HIDDEN}{index}") for index, arm in enumerate(arms)]

    def _wrapped(self, rule: r.Wrapped) -> CoreSchema:
        fields = {}
        for key in rule.keys:
            schema = self.type(key.type)
            if key.null is not r.REFUSE:
                schema = _else(schema, cs.no_info_after_validator_function(lambda _: UNSET, cs.none_schema()))
            fields[key.field] = cs.typed_dict_field(
                schema,
                required=False,
                validation_alias=[[key.key], *([also] for also in key.also)],  # type: ignore[arg-type]
            )
        known = cs.typed_dict_schema(fields, extra_behavior="ignore" if self._ignore else "forbid")
        return cs.no_info_after_validator_function(_only_value(rule.keys), known)

    # Containers

    def _list(self, kind: r.List) -> CoreSchema:
        limit = kind.limit or r.Limit()
        if kind.item == _INT64 and not kind.limit:
            # Bounds on each item would cost as much as all else; this looks at the whole list in C.
            whole = cs.list_schema(cs.int_schema(strict=True), strict=True, fail_fast=True)
            return cs.no_info_after_validator_function(_text.int64_list, whole)
        item = self._item(kind.item)
        return cs.list_schema(item, strict=True, fail_fast=True, min_length=limit.min_items, max_length=limit.max_items)

    def _map(self, kind: r.Map) -> CoreSchema:
        match kind.key:
            case r.Int(low, high):
                key: CoreSchema = cs.no_info_after_validator_function(_text.integer(low, high), _STRING)
            case r.Bool():
                key = cs.no_info_after_validator_function(_text.boolean, _STRING)
            case _:
                key = _STRING
        limit = kind.limit or r.Limit()
        value = self._item(kind.value)
        return cs.dict_schema(key, value, strict=True, min_length=limit.min_items, max_length=limit.max_items)

    def _item(self, kind: r.Type) -> CoreSchema:
        schema = self.type(kind)
        if self._ignore and isinstance(kind, r.Enum):
            return _else(schema, cs.no_info_after_validator_function(_omit, _STRING))
        return schema

    # Scalars

    def _int(self, kind: r.Int) -> CoreSchema:
        low, high = kind.low, kind.high
        if kind.limit:
            low = low if kind.limit.min is None else max(low, math.ceil(kind.limit.min))
            high = high if kind.limit.max is None else min(high, math.floor(kind.limit.max))
        schema = cs.int_schema(strict=True, ge=low, le=high)
        if kind.numbers == r.PLAIN:
            return schema
        # Plain digits in a string are read without a call into Python; all other forms by `_text`.
        digits = cs.chain_schema([_DIGITS, cs.int_schema(ge=low, le=high)])
        other = cs.no_info_plain_validator_function(_text.integer(low, high))
        return _choice([(schema, HIDDEN + "0"), (digits, HIDDEN + "else"), (other, HIDDEN + "else")])

    def _float(self, kind: r.Float) -> CoreSchema:
        limit = kind.limit or r.Limit()
        schema = cs.float_schema(
            strict=True,
            allow_inf_nan=False,
            ge=limit.min,
            le=limit.max,
            gt=-_text.SINGLE_LIMIT if kind.single else None,
            lt=_text.SINGLE_LIMIT if kind.single else None,
        )
        if kind.numbers == r.PLAIN:
            return schema
        text: CoreSchema = cs.no_info_plain_validator_function(_text.number(kind.single, kind.numbers == r.PROTOJSON))
        if limit.min is not None or limit.max is not None:
            text = cs.chain_schema([text, cs.float_schema(ge=limit.min, le=limit.max)])
        return _else(schema, text)

    def _bool(self, kind: r.Bool) -> CoreSchema:
        return cs.bool_schema(strict=True)

    def _string(self, kind: r.String) -> CoreSchema:
        if kind.limit is None:
            return _STRING
        limit = kind.limit
        return cs.str_schema(
            strict=True, min_length=limit.min_length, max_length=limit.max_length, pattern=limit.pattern
        )

    def _bytes(self, kind: r.Bytes) -> CoreSchema:
        schema = cs.no_info_after_validator_function(_text.BASE64[kind.alphabet], _STRING)
        if kind.limit is None:
            return schema
        limit = cs.bytes_schema(min_length=kind.limit.min_length, max_length=kind.limit.max_length)
        return cs.chain_schema([schema, limit])

    def _literal(self, kind: r.Literal) -> CoreSchema:
        return cs.literal_schema([kind.value])

    def _enum(self, kind: r.Enum) -> CoreSchema:
        fold = kind.ignore_case
        values = {wire.lower(): value for wire, value in reversed(kind.values.items())} if fold else kind.values
        schema: CoreSchema = cs.literal_schema(list(values)) if values else _STRING
        if fold:
            schema = cs.chain_schema([cs.str_schema(strict=True, to_lower=True), schema])
        if any(wire != value for wire, value in values.items()):
            # The bound method is a C function: cheaper than any function of ours.
            schema = cs.no_info_after_validator_function(values.__getitem__, schema)
        if kind.unknown == "keep":
            schema = _else(schema, _STRING)
        elif kind.unknown == "zero":
            schema = _else(schema, cs.no_info_after_validator_function(lambda _: kind.zero, _STRING))
        if kind.numbers is not None:
            schema = _else(schema, cs.no_info_plain_validator_function(_by_number(kind)))
        return schema

    def _wellknown(self, kind: r.WellKnown) -> CoreSchema:
        return _well_known.schema(kind)


def default_factory(key: r.Key, rules: Rules) -> Callable[[], Any]:
    """Reads a default that is given as JSON, anew each time; what reads it is made when first needed."""
    readers: list[SchemaValidator] = []

    def make() -> Any:
        if not readers:
            readers.append(validator(key.missing.type or key.type, rules))
        return readers[0].validate_json(key.missing.text)

    return make


def parts(kind: r.Type | r.Message) -> list[r.Type]:
    """The types that one holds."""
    match kind:
        case r.Object(keys=keys) | r.Wrapped(keys=keys):
            return [key.type for key in keys]
        case r.Inline(type=only):
            return [only]
        case r.Tagged(arms=arms, shapes=shapes):
            return [*arms.values(), *shapes]
        case r.Shape(arms=shapes):
            return list(shapes)
        case r.List(item=item):
            return [item]
        case r.Map(value=value):
            return [value]
    return []


def _else(first: CoreSchema, second: CoreSchema) -> CoreSchema:
    return _choice([(first, HIDDEN + "0"), (second, HIDDEN + "else")])


def _choice(choices: list[tuple[CoreSchema, str]]) -> CoreSchema:
    return cs.union_schema(choices, mode="left_to_right")  # type: ignore[arg-type]


def _always(value: Any) -> Callable[..., Any]:
    if isinstance(value, list | dict):
        return lambda *_: value.copy()
    return lambda *_: value


def _omit(_: str) -> Any:
    raise PydanticOmit


def _by_number(kind: r.Enum) -> Callable[[Any], Any]:
    numbers = kind.numbers or {}

    def read(value: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"expected a value of {kind.name}")
        if value in numbers:
            return numbers[value]
        if kind.closed or not -(2**31) <= value < 2**31:
            raise ValueError(f"{kind.name} has no value with the number {value}")
        return value

    return read


def _only_value(keys: tuple[r.Key, ...]) -> Callable[[dict[str, Any]], Any]:
    missing = keys[0].missing if len(keys) == 1 else r.REFUSE

    def pick(found: dict[str, Any]) -> Any:
        values = [value for value in found.values() if value is not UNSET]
        if len(values) == 1:
            return values[0]
        if not values and missing is not r.REFUSE:
            return missing.copy() if isinstance(missing, list | dict) else missing
        names = ", ".join(key.key for key in keys)
        raise ValueError(f"expected exactly one of the keys {names}, got {len(values)}")

    return pick


def _spellings(keys: tuple[r.Key, ...]) -> Callable[[Any], Any]:
    groups = [{key.key, *key.also} for key in keys if key.also]

    def check(value: Any) -> Any:
        if isinstance(value, dict):
            for group in groups:
                both = sorted(group & value.keys())
                if len(both) > 1:
                    raise ValueError(f"the keys {' and '.join(both)} are the same field: duplicate")
        return value

    return check


def _extensions(forbid: bool) -> Callable[[Any], Any]:
    def read(model: Any) -> Any:
        extra = model.__pydantic_extra__
        if extra:
            from samewire_wire import _binary

            _binary.read_extensions(model, extra, forbid)
        return model

    return read
