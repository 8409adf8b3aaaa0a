"""The plugin that pytest loads: options, markers, and who does what in which process.

    controller of pytest-xdist, or the only process     Ledger: history, summary, test.xml
    workers of pytest-xdist, or the only process        Judge and Reruns: attempts and masks

Beside pytest-rerunfailures it leaves reruns to that; beside flaky it leaves the marker `flaky` to that. (Where plugins
are named one by one with -p, pytest-rerunfailures has to be named before this one.)
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_samewire import history_file, isolation, rule
from pytest_samewire import quarantine as quarantine_file
from pytest_samewire.crashes import Begun, Crashes
from pytest_samewire.isolation import (
    free_port,
    isolate_environment,
    isolate_folder,
    isolate_redis_db,
    worker_number,
    worker_ports,
)
from pytest_samewire.judge import Judge
from pytest_samewire.ledger import Ledger
from pytest_samewire.masking import Masks
from pytest_samewire.reruns import LeftToFlaky, Plan, Reruns

# Fixtures are found in the plugin's module.
__all__ = [
    "free_port",
    "isolate_environment",
    "isolate_folder",
    "isolate_redis_db",
    "worker_number",
    "worker_ports",
]

_OFF = "off"
_INPUT = "samewire"  # what the controller hands to workers

Handed = dict[str, str]
_HANDED = pytest.StashKey[Handed]()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    group = parser.getgroup("samewire", "flaky tests and quarantine")
    if not _active(pluginmanager, "rerunfailures", "pytest_rerunfailures"):
        group.addoption(
            "--reruns",
            dest="samewire_reruns",
            type=_count,
            default=0,
            metavar="N",
            help="try a red test again, up to N times; a marker flaky(reruns=...) goes before it",
        )
        group.addoption(
            "--reruns-delay",
            dest="samewire_reruns_delay",
            type=_seconds,
            default=0.0,
            metavar="SECONDS",
            help="wait before each of them",
        )
    group.addoption(
        "--skip-quarantine",
        dest="samewire_skip_quarantine",
        action="store_true",
        help="skip quarantined tests instead of running them and masking their failures",
    )
    group.addoption(
        "--flaky-report",
        dest="samewire_flaky_report",
        action="store_true",
        help="all there is to say of flaky tests, of tests tried again, and of who ran what for how long",
    )
    group.addoption(
        "--flaky-threshold",
        dest="samewire_flaky_threshold",
        type=_share,
        default=rule.THRESHOLD,
        metavar="SHARE",
        help="least share of failures of a flaky test, as 30%% or 0.3 (default: 30%%)",
    )
    parser.addini("flaky_history", f"where results are kept, or {_OFF}", default=history_file.NAME)
    parser.addini("quarantine_file", "list of quarantined tests", default=quarantine_file.NAME)
    parser.addini("isolate", f"isolation for all tests: {', '.join(isolation.WORDS)}", type="args", default=[])
    parser.addini("isolate_drop", "environment variables, with *, that tests do not see", type="args", default=[])


@pytest.hookimpl(trylast=True)  # the others have registered themselves
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "flaky(reruns=1, reruns_delay=0, reruns_scope='function'): try the test again when it is red, up to so many "
        "times, after so many seconds, with fixtures up to this scope set up anew",
    )
    config.addinivalue_line(
        "markers", "quarantine(reason=None): the test runs; its failure is masked, and shown as quarantined"
    )
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    handed: Handed | None = worker.get(_INPUT) if worker is not None else None
    if handed is None:
        handed = config.stash[_HANDED] = _handed(config)
    masks = _masks(config, handed)
    begun = Begun(Path(handed["begun"]) if handed["begun"] else None)
    reruns = _reruns(config, begun)
    manager = config.pluginmanager
    if reruns is not None:
        manager.register(reruns, "samewire-reruns")
    manager.register(Judge(masks, reruns, skip=config.option.samewire_skip_quarantine), "samewire-judge")
    if worker is None:
        manager.register(_ledger(config, masks), "samewire-ledger")
        if reruns is not None and handed["begun"]:
            manager.register(Crashes(begun), "samewire-crashes")
    if names := _isolation(config):
        manager.register(isolation.Everywhere(names), "samewire-isolation")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Of pytest-xdist: all workers go by the list as the controller read it."""
    node.workerinput[_INPUT] = node.config.stash[_HANDED]


def pytest_report_header(config: pytest.Config) -> str | None:
    if not hasattr(config.option, "samewire_reruns"):
        return "samewire: reruns are pytest-rerunfailures'"
    return "samewire: the marker flaky is the plugin flaky's" if _has_flaky(config.pluginmanager) else None


def _active(manager: pytest.PytestPluginManager, name: str, module: str) -> bool:
    """Whether another plugin is loaded or, as plugins that are installed are loaded in no certain order, will be."""
    if manager.hasplugin(name) or manager.hasplugin(module):
        return True
    if manager.is_blocked(name) or os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        return False
    return importlib.util.find_spec(module) is not None


def _has_flaky(manager: pytest.PytestPluginManager) -> bool:
    return manager.hasplugin("flaky") or manager.hasplugin("flaky.flaky_pytest_plugin")


def _reruns(config: pytest.Config, begun: Begun) -> Reruns | None:
    if not hasattr(config.option, "samewire_reruns"):
        return None
    if not _has_flaky(config.pluginmanager):
        return Reruns(Plan(config.option.samewire_reruns, config.option.samewire_reruns_delay), begun)
    if config.option.samewire_reruns:
        raise pytest.UsageError("--reruns: the plugin flaky tries tests again too; add -p no:flaky, or drop --reruns")
    config.pluginmanager.register(LeftToFlaky(), "samewire-left-to-flaky")
    return None


def _handed(config: pytest.Config) -> Handed:
    """What holds for the whole session, in all its processes."""
    path = Path(config.rootpath, config.getini("quarantine_file"))
    try:
        text = quarantine_file.load(path, path.name)
    except quarantine_file.Refused as refused:
        raise pytest.UsageError(*refused.problems) from None
    begun = ""
    if getattr(config.option, "dist", "no") != "no":
        folder = tempfile.TemporaryDirectory(prefix="pytest-samewire-")
        config.add_cleanup(folder.cleanup)
        begun = folder.name
    return {"quarantine": text, "today": datetime.now().astimezone().date().isoformat(), "begun": begun}


def _masks(config: pytest.Config, handed: Handed) -> Masks:
    name = Path(config.getini("quarantine_file")).name
    try:
        return Masks(quarantine_file.parse(handed["quarantine"], name), date.fromisoformat(handed["today"]))
    except quarantine_file.Refused as refused:
        raise pytest.UsageError(*refused.problems) from None
    except ModuleNotFoundError as error:
        if error.name != "yaml":
            raise
        raise pytest.UsageError(
            f"{name} is there, and PyYAML, which reads it, is not: pip install 'pytest-samewire[quarantine]'"
        ) from None


def _ledger(config: pytest.Config, masks: Masks) -> Ledger:
    name = config.getini("flaky_history")
    history = None if name in (_OFF, "") else history_file.HistoryFile(Path(config.rootpath, name))
    option = config.option
    return Ledger(config, masks, history, option.samewire_flaky_threshold, detailed=option.samewire_flaky_report)


def _isolation(config: pytest.Config) -> list[str]:
    words: list[str] = config.getini("isolate")
    for word in words:
        if word not in isolation.WORDS:
            raise pytest.UsageError(f"isolate = {word}: there are {', '.join(isolation.WORDS)}")
    return [isolation.WORDS[word] for word in words]


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,4}", text):
        raise argparse.ArgumentTypeError(f"{text!r}: write how often a red test is tried again, e.g. 2")
    return int(text)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d{1,5}(\.\d+)?", text):
        raise argparse.ArgumentTypeError(f"{text!r}: write seconds, e.g. 0.5")
    return float(text)


def _share(text: str) -> float:
    number = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)", text)
    share = float(number[1]) / (100 if number[2] else 1) if number else 2.0
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r}: write a share of failures, e.g. 30% or 0.3")
    return share
