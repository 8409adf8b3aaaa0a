"""Why a test is flaky: runs it many times, changes one thing at a time, and compares.

bench = Bench(workspace, "//pkg:a_test", "pkg/a_test.py::test_x")
report = investigate(bench, runs=30)
"""

from tools.runs.flakes.why.bench import Bench, CouldNotRun
from tools.runs.flakes.why.causes import CAUSES
from tools.runs.flakes.why.investigation import Finding, Report, investigate

__all__ = ["CAUSES", "Bench", "CouldNotRun", "Finding", "Report", "investigate"]
