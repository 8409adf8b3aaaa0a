"""A workspace whose bazelw plays back what a real one would do: events, reports of tests, an exit code."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from tools.runs.check.job import Checked, Request, check

TODAY = date(2026, 11, 21)


@dataclass(frozen=True)
class Case:
    """One `<testcase>` to be written; `red`: its message, `type` of the failure element as the runner writes it."""

    name: str
    red: str = ""
    skipped: str = ""
    attempt: int = 1
    flaky: str = ""

    def xml(self) -> str:
        node = f"a/a_test.py::{self.name}"
        properties = {"node": node, "attempt": str(self.attempt), "worker": "pid-1"}
        inner = "".join(f"<property name={quoteattr(k)} value={quoteattr(v)}/>" for k, v in properties.items())
        text = f"<properties>{inner}</properties>"
        if self.red:
            text += f"<failure message={quoteattr(self.red)}>traceback</failure>"
        if self.skipped:
            text += f"<skipped message={quoteattr(self.skipped)}/>"
        if self.flaky:
            text += f"<flakyFailure message={quoteattr(self.flaky)}>old traceback</flakyFailure>"
        place = f'classname="a.a_test" name={quoteattr(self.name)} file="a/a_test.py" line="3"'
        return f'<testcase {place} time="0.1">{text}</testcase>'


@dataclass
class Workspace:
    """A folder with a make-believe bazelw.

    Attributes:
        code: that it exits with. script: shell commands before that, after the events were written.
        query: what `bazelw query` answers, by a part of the expression.
    """

    folder: Path
    code: int = 0
    script: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    finished: bool = True
    query: str = ""

    def test(
        self,
        label: str,
        status: str = "PASSED",
        cases: Sequence[Case] | str | None = (),
        *,
        attempt: int = 1,
        cached: bool = False,
        tags: Sequence[str] = (),
        files: dict[str, str] | None = None,
    ) -> None:
        """Adds one test's events and the files it left; `cases` as text is the whole test.xml, None none at all."""
        outputs = self.folder / "testlogs" / str(len(list(self.folder.glob("testlogs/*"))))
        (outputs / "test.outputs").mkdir(parents=True)
        (outputs / "test.log").write_text("the log of it\n")
        for name, text in (files or {}).items():
            (outputs / "test.outputs" / name).write_text(text)
        named = [{"name": "test.log", "uri": (outputs / "test.log").as_uri()}]
        if cases is not None:
            body = cases if isinstance(cases, str) else "".join(case.xml() for case in cases)
            text = body if isinstance(cases, str) else f"<testsuites><testsuite>{body}</testsuite></testsuites>"
            (outputs / "test.xml").write_text(text)
            named.append({"name": "test.xml", "uri": (outputs / "test.xml").as_uri()})
        self.event({"targetConfigured": {"label": label}}, configured={"testSize": "SMALL", "tag": list(tags)})
        result = {
            "status": status,
            "testActionOutput": named,
            "cachedLocally": cached,
            "testAttemptStart": "2026-11-21T10:00:00Z",
            "testAttemptDuration": "1.5s",
        }
        self.event({"testResult": {"label": label, "run": 1, "shard": 1, "attempt": attempt}}, testResult=result)
        self.event({"testSummary": {"label": label}}, testSummary={"overallStatus": status, "runCount": 1})

    def event(self, ident: dict[str, Any], **payload: Any) -> None:
        """Adds any event."""
        self.events.append({"id": ident, **payload})

    def write(self) -> None:
        """Writes bazelw."""
        events = list(self.events)
        if self.finished:
            events.append({"id": {"buildFinished": {}}, "finished": {"exitCode": {"code": self.code}}})
        started = {"uuid": f"run-{len(list(self.folder.glob('events-*')))}", "startTime": "2026-11-21T10:00:00Z"}
        events.insert(0, {"id": {"started": {}}, "started": started})
        path = self.folder / f"events-{started['uuid']}.json"
        path.write_text("\n".join(map(json.dumps, events)) + "\n")
        script = self.folder / "bazelw"
        script.write_text(
            "#!/bin/bash\n"
            f"if [[ $1 == query ]]; then\n{self.query or 'exit 7'}\nfi\n"
            'for a in "$@"; do case "$a" in --build_event_json_file=*) f=${a#*=};; esac; done\n'
            f'printf "%s\\n" "$@" >{shlex.quote(str(self.folder / "arguments"))}\n'
            f'cat {shlex.quote(str(path))} >"$f"; echo "some words of Bazel" >&2\n'
            f"{self.script}\nexit {self.code}\n"
        )
        os.chmod(script, 0o755)

    def check(self, **request: Any) -> Checked:
        """Runs the check."""
        self.write()
        asked = Request(self.folder, where=str(self.folder / "history.sqlite"), today=TODAY)
        return check(replace(asked, **request), lambda state: None)

    def git(self, *arguments: str) -> str:
        """Runs git in the workspace."""
        plain = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
        who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        command = ["git", "-C", str(self.folder), *who, *arguments]
        return subprocess.run(command, env=plain, check=True, capture_output=True, text=True).stdout

    def quarantine(self, text: str) -> None:
        """Writes quarantine.yaml."""
        (self.folder / "quarantine.yaml").write_text(text)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty one."""
    return Workspace(tmp_path)


@pytest.fixture
def entry() -> Callable[..., str]:
    """The text of a quarantine file with one entry."""

    def text(case: str, until: str = "2026-12-24", **more: str) -> str:
        lines = [
            f"quarantine:\n  - cases: ['{case}']",
            "reason: slow",
            "owner: ann",
            "issue: '#1'",
            f'until: "{until}"',
        ]
        return "\n    ".join([*lines, *(f"{key}: {value}" for key, value in more.items())]) + "\n"

    return text
