from __future__ import annotations

import samewire_wire


def test_the_public_surface_is_what_stands_here() -> None:
    assert sorted(samewire_wire.__all__) == [
        "AnyMessage",
        "Duration",
        "Empty",
        "FieldMask",
        "Int32",
        "Int64",
        "JsonValue",
        "MISSING",
        "MessageSpec",
        "Model",
        "Registry",
        "Timestamp",
        "UInt32",
        "UInt64",
        "WireError",
        "WireFile",
        "one_arm",
        "registry",
    ]
    assert all(hasattr(samewire_wire, name) for name in samewire_wire.__all__)
