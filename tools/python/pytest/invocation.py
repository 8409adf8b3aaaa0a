"""What Bazel asks of one test process, read once from its environment.

Source: Bazel's test encyclopedia, "Initial conditions" (the environment variables a test sees).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NO_TARGET = "(no target)"


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `total` equal parts of a target; `index` counts from 0."""

    index: int
    total: int


@dataclass(frozen=True, slots=True)
class Invocation:
    """One run of one test target. Paths are None where Bazel (or a plain shell) asks for nothing.

    `case_attempts`: how often this run lets a red case try, whatever its target says; SAMEWIRE_CASE_ATTEMPTS.
    """

    label: str = NO_TARGET
    shard: Shard | None = None
    shard_status: Path | None = None
    only: str | None = None
    fail_fast: bool = False
    seed: int = 0
    order: int | None = None
    xml: Path | None = None
    outputs: Path | None = None
    tmp: Path | None = None
    premature_exit: Path | None = None
    case_attempts: int = 1

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Invocation":
        """Reads the variables that Bazel sets.

        The seed is TEST_RANDOM_SEED, else TEST_RUN_NUMBER (so `--runs_per_test` gives every run its own), else 0:
        a plain run is a function of its inputs, and may be cached. TEST_ORDER_SEED is ours: with it the cases run in an
        order of that number's own, which `samewire flaky why` uses; without it in the order they are written.

        Raises:
            ValueError: a variable that must be a whole number is not, or the shard lies outside its total.
        """
        total = _number(environ, "TEST_TOTAL_SHARDS", 0)
        index = _number(environ, "TEST_SHARD_INDEX", 0)
        if total and not 0 <= index < total:
            raise ValueError(
                f"TEST_SHARD_INDEX is {index}, but TEST_TOTAL_SHARDS is {total}: it must be 0 to {total - 1}"
            )
        return cls(
            label=environ.get("TEST_TARGET") or NO_TARGET,
            shard=Shard(index, total) if total else None,
            shard_status=_path(environ, "TEST_SHARD_STATUS_FILE"),
            only=environ.get("TESTBRIDGE_TEST_ONLY") or None,
            fail_fast=environ.get("TESTBRIDGE_TEST_RUNNER_FAIL_FAST") == "1",
            seed=_number(environ, "TEST_RANDOM_SEED", _number(environ, "TEST_RUN_NUMBER", 0)),
            order=_number(environ, "TEST_ORDER_SEED", 0) if environ.get("TEST_ORDER_SEED") else None,
            xml=_path(environ, "XML_OUTPUT_FILE"),
            outputs=_path(environ, "TEST_UNDECLARED_OUTPUTS_DIR"),
            tmp=_path(environ, "TEST_TMPDIR"),
            premature_exit=_path(environ, "TEST_PREMATURE_EXIT_FILE"),
            case_attempts=_number(environ, "SAMEWIRE_CASE_ATTEMPTS", 1),
        )


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name)
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}: it must be a whole number") from None


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    text = environ.get(name)
    return Path(text) if text else None
