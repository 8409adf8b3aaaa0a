import dataclasses
import json

import pytest

from tools.wire import ir_json
from tools.wire.testing import cover


def test_back_and_forth() -> None:
    schema = cover()
    again = ir_json.load(ir_json.dump(schema))
    assert again == dataclasses.replace(schema, descriptors=b"")
    assert ir_json.dump(again) == ir_json.dump(schema)


def test_descriptors_are_left_out() -> None:
    assert "descriptors" not in json.loads(ir_json.dump(cover()))


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"files": 1}'])
def test_no_dump(text: str) -> None:
    with pytest.raises(ValueError):
        ir_json.load(text)
