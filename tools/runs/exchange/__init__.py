"""Results in and out of the history: JUnit XML from any CI, Bazel's event files, and JSON lines of our own.

brought = exchange.bring(history, [Path("TEST-a.xml")], Origin(commit="…", clean=True))
"""

from tools.runs.exchange.bring import Brought, Origin, bring
from tools.runs.exchange.export import NoSuchRun, junit_text, lines

__all__ = ["Brought", "NoSuchRun", "Origin", "bring", "junit_text", "lines"]
