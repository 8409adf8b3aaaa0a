"""A test imports its own dependencies from bytecode, and so does the runner."""

import importlib.util
import marshal
from pathlib import Path

import pytest

from tools.python.bytecode.testdata import lower, upper

MODULES = [lower.__file__, upper.__file__, "tools/python/pytest/run.py"]


@pytest.mark.parametrize("module", MODULES)
def test_bytecode_stands_beside_its_source(module: str) -> None:
    bytecode = Path(importlib.util.cache_from_source(module)).read_bytes()
    assert bytecode[:4] == importlib.util.MAGIC_NUMBER
    assert bytecode[4:8] == b"\1\0\0\0", "a hash that Python does not compare with the source: no timestamp matters"
    assert bytecode[8:16] == importlib.util.source_hash(Path(module).read_bytes())
    assert marshal.loads(bytecode[16:]).co_filename == str(Path(module).absolute().relative_to(Path.cwd()))
