"""One test case and what became of it: the record behind test.xml and cases.jsonl."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tools.python.pytest.node import split

Outcome = Literal["passed", "failed", "error", "skipped", "xfailed"]

RED: frozenset[Outcome] = frozenset({"failed", "error"})


@dataclass(frozen=True, slots=True)
class Case:
    """One attempt at one test case.

    Attributes:
        node: pytest's node id, `path/to/file_test.py::Class::test_name[param]`; the label where no case exists.
        outcome: `error` is a failure outside the test's own call (set-up, tear-down, collection, a timeout).
        duration: seconds of set-up, call and tear-down together.
        line: where the test stands, from 1; 0 where unknown.
        message: what went wrong, or why it was skipped; one line or a few.
        detail: the traceback.
        output: what the case printed; kept for red cases only.
        attempt: from 1; above 1 only where the target lets its red cases run again.
        worker: the process that ran it, as `pid-N`.
        shard: from 0; 0 in a target that is not sharded.
        earlier: the red attempts before this one, oldest first; only in the last word on a case.
    """

    node: str
    outcome: Outcome
    duration: float = 0.0
    file: str = ""
    line: int = 0
    message: str = ""
    detail: str = ""
    output: str = ""
    attempt: int = 1
    worker: str = ""
    shard: int = 0
    earlier: tuple["Case", ...] = ()

    @property
    def red(self) -> bool:
        """Whether this case alone makes its target fail."""
        return self.outcome in RED

    @property
    def flaky(self) -> bool:
        """Whether it passed at this attempt and was red at an earlier one."""
        return bool(self.earlier) and not self.red

    @property
    def classname(self) -> str:
        """JUnit's dotted place: module path and classes, without the test's own name."""
        path, names = split(self.node)
        return ".".join([path.removesuffix(".py").replace("/", "."), *names[:-1]])

    @property
    def name(self) -> str:
        """The test's own name with its parameters."""
        path, names = split(self.node)
        return names[-1] if names else path

    def to_line(self, *, label: str, seed: int) -> str:
        """One line of cases.jsonl, without traceback and output (test.xml has them)."""
        record: dict[str, Any] = {"label": label, "seed": seed, **asdict(self)}
        del record["detail"], record["output"], record["earlier"]
        record["duration"] = round(self.duration, 6)
        return json.dumps(record)
