"""What a failure means: another attempt follows ("rerun"), it is masked ("quarantined"), or it is a failure.

Works where tests run. What the session's end has to know of a test goes with its reports, as `report.samewire`: they
cross to pytest-xdist's controller.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from pytest_samewire import outcome
from pytest_samewire.masking import Mask, Masks
from pytest_samewire.reruns import Reruns

_MASK = pytest.StashKey[Mask]()


class Judge:
    """The plugin. `reruns` is None where another plugin tries tests again."""

    def __init__(self, masks: Masks, reruns: Reruns | None, *, skip: bool) -> None:
        self._masks = masks
        self._reruns = reruns
        self._skip = skip
        self._any = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Looks once, at the start: what is edited or marked later does not count."""
        for item in items:
            mask = self._masks.of(item)
            if mask is None:
                continue
            self._any = True
            item.stash[_MASK] = mask
            if self._skip:
                item.add_marker(pytest.mark.skip(reason=f"quarantined: {mask.reason}"))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        mask = item.stash.get(_MASK, None) if self._any else None
        told = {}
        if mask is not None:
            told = {"mask": mask.reason, "entry": mask.entry, "patterns": list(mask.patterns)}
            vars(report)["samewire"] = told
        if not outcome.is_red(report):
            return report
        if self._reruns is not None:
            again = self._reruns.was_red(item.session)
            vars(report)["samewire"] = told | {"attempt": self._reruns.attempt}
            if again:
                outcome.become(report, outcome.RERUN)
                return report
        if mask is not None:
            if (against := mask.against(report.longreprtext)) is None:
                outcome.become(report, outcome.QUARANTINED)
            else:
                report.sections.append(("quarantined, and not masked", against))
        return report
