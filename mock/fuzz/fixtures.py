"""What the fuzzers of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock.fuzz.effort import Effort
from mock.fuzz.target import Target


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as target:
        yield target


@pytest.fixture
def effort(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[Effort]:
    effort = Effort(request.node.name.removeprefix("test_"))
    yield effort
    with capsys.disabled():
        print(f"\n{effort.told()}", flush=True)
