"""Names that are safe in Python.

The rule, also for readers of generated code: a name that Python or a generated class already uses gets a `_` at its end
(`class` -> `class_`, `copy` -> `copy_`, `json` -> `json_`); leading underscores are dropped and one is put at the end
(`_id` -> `id_`); as many as it takes until the name is free in its message. Names on the wire never change.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

# Attributes of pydantic.BaseModel, as of pydantic 2.14 (names_test.py compares).
_MODEL = frozenset(
    {
        *(
            "construct",
            "copy",
            "dict",
            "from_orm",
            "json",
            "parse_file",
            "parse_obj",
            "parse_raw",
            "schema",
            "schema_json",
        ),
        *("update_forward_refs", "validate", "model_computed_fields", "model_config", "model_construct", "model_copy"),
        *("model_dump", "model_dump_json", "model_extra", "model_fields", "model_fields_set", "model_json_schema"),
        *("model_parametrized_name", "model_post_init", "model_rebuild", "model_validate", "model_validate_json"),
        "model_validate_strings",
    }
)
# Attributes of generated models.
_OURS = frozenset(
    {"WIRE", "from_wire", "to_wire", "from_protojson", "to_protojson", "from_binary", "to_binary", "read_any"}
)
# Builtins that annotations in a class body name; a field of that name would hide them.
_BUILTINS = frozenset({"bool", "bytes", "dict", "float", "frozenset", "int", "list", "object", "set", "str", "tuple"})
# Attributes that an enum class keeps for itself.
_ENUM = frozenset(("mro", "name", "value"))


def _safe(name: str, taken: frozenset[str] | set[str]) -> str:
    stripped = name.lstrip("_") or "field"
    if stripped[0].isdigit():
        stripped = f"field_{stripped}"
    safe = f"{stripped}_" if stripped != name or keyword.iskeyword(name) else name
    while safe in taken:
        safe += "_"
    return safe


def _all_safe(names: Iterable[str], reserved: frozenset[str]) -> dict[str, str]:
    """A safe and unique name for each; names that are safe as they stand keep themselves whatever their neighbours."""
    names = tuple(names)
    taken = set(reserved)
    result = {name: name for name in names if _safe(name, reserved) == name}
    taken.update(result)
    for name in names:
        if name not in result:
            result[name] = _safe(name, taken)
            taken.add(result[name])
    return result


def fields(names: Iterable[str], classes: frozenset[str] = frozenset()) -> dict[str, str]:
    """Attribute names of one message's fields and oneofs. `classes`: those of the module, which must stay visible."""
    return _all_safe(names, _MODEL | _OURS | _BUILTINS | classes)


def enum_values(names: Iterable[str]) -> dict[str, str]:
    """Attribute names of an enum's values."""
    return _all_safe(names, _ENUM)


def methods(names: Iterable[str]) -> dict[str, str]:
    """snake_case, as the Python of gRPC servers has it: GetHTTPInfo -> get_http_info."""
    result: dict[str, str] = {}
    for name in names:
        result[name] = _safe(snake(name), set(result.values()))
    return result


def snake(name: str) -> str:
    """CamelCase to snake_case, runs of capitals taken as one word."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def flat(path: tuple[str, ...]) -> str:
    """The class name of a message, enum or service: ("Outer", "Inner") -> Outer_Inner."""
    return _safe("_".join(path), _BUILTINS)


def module(file: str) -> str:
    """The module of a file's models: "tinker/v1/training.proto" -> "tinker.v1.training_wire".

    google/protobuf/ becomes google_protobuf: google.protobuf belongs to the protobuf wheel, nobody can add to it.
    """
    file = re.sub("^google/protobuf/", "google_protobuf/", file)
    parts = (file.removesuffix(".proto") + "_wire").split("/")
    return ".".join(map(_segment, parts))


def _segment(part: str) -> str:
    part = re.sub(r"\W", "_", part, flags=re.ASCII)
    if part[:1].isdigit():
        part = f"_{part}"
    return f"{part}_" if keyword.iskeyword(part) else part
