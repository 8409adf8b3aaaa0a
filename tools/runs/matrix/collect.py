"""Consumers and judges of a run, from the verdicts.jsonl that their tests left."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from tools.runs.events import TestResult
from tools.runs.matrix.verdicts import Consumer, VerdictsError, read


def collect(results: Iterable[TestResult], owed: Collection[str] | None = None) -> tuple[list[Consumer], list[str]]:
    """The consumers, and what could not be read of them, one line each.

    Args:
        results: the last result of each test action.
        owed: labels of tests that must have written verdicts when they passed; every one of `results` by default.
    """
    consumers: dict[str, Consumer] = {}
    owners: dict[str, str] = {}
    unreadable: list[str] = []
    for result in results:
        must = owed is None or result.label in owed
        if result.outputs is None:
            if must:
                unreadable.append(f"{result.label}: Bazel named no local outputs")
            continue
        path = result.outputs / "test.outputs" / "verdicts.jsonl"
        try:
            consumer = read(path)
            if owners.setdefault(consumer.name, result.label) != result.label:
                unreadable.append(f"{result.label}: calls itself {consumer.name!r} as {owners[consumer.name]} does")
                continue
            shards = consumers.get(consumer.name)
            verdicts = (*shards.verdicts, *consumer.verdicts) if shards else consumer.verdicts
            consumers[consumer.name] = replace(consumer, verdicts=verdicts)
        except VerdictsError as error:
            unreadable.append(str(error))
        except OSError:
            if must and result.status == "PASSED":
                unreadable.append(f"{result.label}: passed, but wrote no verdicts.jsonl")
    return list(consumers.values()), unreadable
