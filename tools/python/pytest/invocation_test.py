"""Bazel's variables."""

from pathlib import Path

import pytest

from tools.python.pytest.invocation import Invocation, Shard


def test_a_plain_shell_asks_for_nothing() -> None:
    assert Invocation.read({}) == Invocation()


def test_reads_what_bazel_sets() -> None:
    read = Invocation.read(
        {
            "TEST_TARGET": "//pkg:x",
            "TEST_TOTAL_SHARDS": "4",
            "TEST_SHARD_INDEX": "3",
            "TESTBRIDGE_TEST_ONLY": "test_x",
            "TESTBRIDGE_TEST_RUNNER_FAIL_FAST": "1",
            "XML_OUTPUT_FILE": "/out/test.xml",
        }
    )
    assert read == Invocation(
        label="//pkg:x", shard=Shard(3, 4), only="test_x", fail_fast=True, xml=Path("/out/test.xml")
    )


@pytest.mark.parametrize(
    ("environ", "seed"),
    [({}, 0), ({"TEST_RUN_NUMBER": "3"}, 3), ({"TEST_RUN_NUMBER": "3", "TEST_RANDOM_SEED": "9"}, 9)],
)
def test_seed(environ: dict[str, str], seed: int) -> None:
    assert Invocation.read(environ).seed == seed


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"TEST_RANDOM_SEED": "many"}, "TEST_RANDOM_SEED is 'many'"),
        ({"TEST_TOTAL_SHARDS": "2", "TEST_SHARD_INDEX": "2"}, "must be 0 to 1"),
    ],
)
def test_refuses_nonsense(environ: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Invocation.read(environ)
