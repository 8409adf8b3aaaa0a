"""One release as a testee: all that it can do."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from parity.judges.tinker_sdk import TinkerSdk
from parity.testees.tinker_sdk import cli, futures, order, telemetry, training, transport
from parity.testees.tinker_sdk.clock import CLOCK
from parity.testees.tinker_sdk.codec import codec
from parity.testees.tinker_sdk.scenario import Scenarios
from parity.testees.tinker_sdk.serve import serve


def run(types: TinkerSdk, **hello: Any) -> None:
    """Until the runner has no more questions."""
    CLOCK.install()
    calls = {"codec": codec(types)}
    for part in (training, order, transport, futures, telemetry, cli):
        calls |= part.calls()
    calls["scenario"] = Scenarios()
    with tempfile.TemporaryDirectory() as home:
        # Nothing of the machine's: keys, projects, ~/.tinker.
        for name in os.environ.copy():
            if name.startswith(("TINKER_", "CLOUDFLARE_")):
                del os.environ[name]
        os.environ["HOME"] = home
        serve({"name": types.name, "title": types.title, "language": "python"} | hello, calls)
