"""One fresh process of the import benchmark: `importer.py WAY MODULE...` prints the seconds that the modules took.

What a program has loaded anyway does not count: pydantic, or Google's protobuf runtime.
"""

from __future__ import annotations

import importlib
import sys
import time


def main() -> None:
    way, *modules = sys.argv[1:]
    if way == "protobuf":
        importlib.import_module("google.protobuf.internal.builder")
    else:
        # One class brings in all of pydantic that classes need; pydantic's own modules are loaded lazily.
        pydantic = importlib.import_module("pydantic")
        pydantic.create_model("First", numbers=(list[int], pydantic.Field(min_length=1)))
    start = time.perf_counter()
    for name in modules:
        importlib.import_module(name)
    if way == "eager":
        build(modules)
    print(time.perf_counter() - start)


def build(modules: list[str]) -> int:
    """Builds what `defer_build` put off: validator and serializer of every class, once. Returns how many classes."""
    from pydantic import BaseModel

    classes = {
        value: None
        for name in modules
        for value in vars(sys.modules[name]).values()
        if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == name
    }
    for cls in classes:
        cls.model_rebuild(force=True)
    return len(classes)


if __name__ == "__main__":
    main()
