from __future__ import annotations

import pytest

from parity.reference import path
from parity.reference.dialect import NEW, OLD
from parity.reference.path import PathError, TinkerPath


def test_parts() -> None:
    parsed = path.parse("tinker://r/sampler_weights/a b", OLD)
    assert parsed == TinkerPath("r", "sampler_weights", "a b")
    assert (parsed.checkpoint_id, str(parsed)) == ("sampler_weights/a b", "tinker://r/sampler_weights/a b")


@pytest.mark.parametrize(
    "text",
    ["", "r/weights/a", "tinker://r/weights", "tinker://r/weights/a/b", "tinker:///weights/a", "tinker://r/odd/a"],
)
def test_none(text: str) -> None:
    with pytest.raises(PathError, match="RUN/KIND/NAME"):
        path.parse(text, OLD)


def test_external_weights_of_the_newer() -> None:
    assert path.parse("tinker://r/external_weights/a", NEW).kind == "external_weights"
    with pytest.raises(PathError):
        path.parse("tinker://r/external_weights/a", OLD)
