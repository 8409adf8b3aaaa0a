"""One judge as a pytest suite: a case per message, one for the list of disagreements, verdicts.jsonl at the end.

The folder of the archive comes from $SAMEWIRE_FIXTURES, the list of disagreements lies beside this file.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

from parity.judges.judge import Sdk, disagreements, fixtures, judge, write

SHOWN = 5


class Suite:
    """Judges everything once, when it is made; the checks then look at what was said."""

    def __init__(self, sdk: Sdk, known: str) -> None:
        self._list = known
        self._known = disagreements(Path(__file__).with_name(known))
        self._folder = Path(os.environ["SAMEWIRE_FIXTURES"])
        verdicts = list(judge(self._folder, sdk, self._known))
        if outputs := os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR"):
            write(Path(outputs) / "verdicts.jsonl", sdk, verdicts)
        self._failures: dict[str, list[str]] = {}
        for line in verdicts:
            failures = self._failures.setdefault(line["fixture"].split("/", 1)[0], [])
            if line["verdict"] == "fail":
                failures.append(f"{line['fixture']}: {line['detail']}")

    def binary(self, ident: str) -> bytes:
        """The binary form of one fixture. Raises LookupError when there is none."""
        message, dialect, _ = ident.split("/", 2)
        for of, fixture in fixtures(self._folder, frozenset({dialect})):
            if of == message and fixture["id"] == ident:
                return base64.b64decode(fixture["binary"])
        raise LookupError(ident)

    @property
    def messages(self) -> list[str]:
        """The messages that the SDK has a type for."""
        return sorted(self._failures)

    def check_message(self, message: str) -> None:
        """Fails with the first few disagreements that the list does not hold."""
        failures = self._failures[message]
        more = f"\n… and {len(failures) - SHOWN} more" if len(failures) > SHOWN else ""
        assert not failures, "\n".join(failures[:SHOWN]) + more

    def check_list(self) -> None:
        """Fails for entries whose count is not what was seen."""
        wrong = [
            f"{self._list}:{entry.line}: {entry.pattern}: {entry.seen} differ now, the list says {entry.count}"
            for entry in self._known
            if entry.seen != entry.count
        ]
        assert not wrong, "look why, then correct the counts or remove the entries:\n" + "\n".join(wrong)
