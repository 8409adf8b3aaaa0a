"""What decided a result: inputs of every action that ran, from Bazel's compact execution log.

`read(log)` gives each test action's inputs and their key; `why(previous, now)` says what changed between two;
`explain(log, database, now)` does all that a run needs, and remembers.

    bazel test //... --execution_log_compact_file=FILE
"""

from tools.runs.inputs.action import Action, LogError, actions
from tools.runs.inputs.explain import Explanation, explain
from tools.runs.inputs.manifest import Difference, Manifest, why
from tools.runs.inputs.misses import Cause, Miss, Rates, causes, misses, rates
from tools.runs.inputs.store import Store
from tools.runs.inputs.tests import TestInputs, read, tests

__all__ = [
    "Action",
    "Cause",
    "Difference",
    "Explanation",
    "LogError",
    "Manifest",
    "Miss",
    "Rates",
    "Store",
    "TestInputs",
    "actions",
    "causes",
    "explain",
    "misses",
    "rates",
    "read",
    "tests",
    "why",
]
