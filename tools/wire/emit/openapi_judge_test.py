"""Descriptions judged by those who will read them: the usual validator, and schemathesis, which runs them.

OPENAPI is the folder with the descriptions, ROUTES the one with the routes that they describe.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from openapi_spec_validator import OpenAPIV31SpecValidator

FOLDER = Path(os.environ["OPENAPI"])
ROUTES = Path(os.environ["ROUTES"])
DESCRIPTIONS = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.openapi.json"))


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_is_good_openapi(name: str) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(_read(name)).iter_errors()] == []


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_schemathesis_reads_every_route(name: str) -> None:
    """As many operations as the dialect has routes, each of which it understands."""
    document = _read(name)
    loaded = schemathesis.openapi.from_dict(document)
    loaded.validate()
    labels = [each.ok().label for each in loaded.get_all_operations()]
    dialect = document["info"]["version"]
    table = json.loads((ROUTES / name).with_name("routes.json").read_text(encoding="utf-8"))
    routes = [route for method in table["methods"] if dialect in method["dialects"] for route in method["routes"]]
    others = [verb for item in document["paths"].values() for verb in item.get("x-samewire-verbs", ())]
    assert routes
    assert len(labels) + len(others) == len(routes)


def test_the_validator_can_refuse() -> None:
    document = _read(DESCRIPTIONS[0])
    path, item = next(iter(document["paths"].items()))
    document["paths"] = {f"{path}/{{nobody}}": item}
    assert list(OpenAPIV31SpecValidator(document).iter_errors())
