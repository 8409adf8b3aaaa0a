from __future__ import annotations

import sys
from types import ModuleType

import pytest
from pydantic import BaseModel, ConfigDict

from perf.bench import importer


class Early(BaseModel):
    model_config = ConfigDict(defer_build=True)
    late: Late | None = None


class Late(BaseModel):
    model_config = ConfigDict(defer_build=True)
    number: int


def test_eager_is_every_class_built() -> None:
    assert not any(each.__pydantic_complete__ for each in (Early, Late))
    assert importer.build([__name__]) == 2
    assert all(each.__pydantic_complete__ for each in (Early, Late))


def test_the_seconds_are_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "some_models", ModuleType("some_models"))
    monkeypatch.setattr(sys, "argv", ["importer.py", "lazy", "some_models"])
    importer.main()
    assert float(capsys.readouterr().out) >= 0
