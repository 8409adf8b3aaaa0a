"""Makes chance a function of the seed: a run repeats exactly, alone or among others, in any shard."""

import os
import random
from pathlib import Path

import pytest


class Seed:
    """A pytest plugin."""

    def __init__(self, seed: int, tmp: Path) -> None:
        self._seed = seed
        self._tmp = tmp

    def pytest_configure(self, config: pytest.Config) -> None:
        """Where the target uses hypothesis, takes from it everything that depends on the machine's load or on disk."""
        if config.pluginmanager.hasplugin("_hypothesis_pytestplugin"):
            os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(self._tmp / "hypothesis")
            from hypothesis import HealthCheck, settings

            # `derandomize` would override the seed; hypothesis turns it on by itself where it believes to be in CI.
            settings.register_profile(
                "pytest_test",
                derandomize=False,
                deadline=None,
                database=None,
                suppress_health_check=[HealthCheck.too_slow],
            )
            settings.load_profile("pytest_test")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Seeds `random` for each case by its own name, so a case alone sees the numbers it saw in the crowd."""
        random.seed(f"{self._seed}/{item.nodeid}")
