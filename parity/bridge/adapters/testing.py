"""What the tests of adapters share: a program, a language model, and workers that find what the test found."""

from __future__ import annotations

import os
import sys

from bridge.v1.lm_wire import ConfigureLmArgs
from bridge.v1.program_wire import FieldSpec, Signature

from parity.bridge.host.launcher import PythonWorkers

LM = ConfigureLmArgs(model="gemini-1.5-flash", api_key="key")
SIGNATURE = Signature(
    inputs=[FieldSpec(name="query")], outputs=[FieldSpec(name="answer"), FieldSpec(name="n", type="int")]
)


def workers() -> PythonWorkers:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return PythonWorkers("bridge-v1", settings={"env": env, "start_timeout": 30.0})
