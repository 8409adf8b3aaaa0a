"""What pytest's `--junitxml` holds of attempts, masks and workers.

One `<testcase>` for a test, whatever it took: failures before the last attempt are `<flakyFailure>` (it passed in the
end) or `<rerunFailure>` (it did not), as Maven's Surefire names them; a masked failure is `<skipped
type="pytest.quarantine">`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_samewire.summary import one_line

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

# Characters that XML 1.0 cannot carry, not even escaped.
_UNCARRIED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def reporter(config: pytest.Config, report: pytest.TestReport) -> Any:
    """Where pytest gathers what it writes of this test; None without --junitxml."""
    from _pytest.junitxml import xml_key

    xml = config.stash.get(xml_key, None)
    return None if xml is None else xml.node_reporter(report)


def attempts(failures: Iterable[str], *, passed: bool) -> list[ET.Element]:
    """One element for each failure before the last attempt."""
    return [_element("flakyFailure" if passed else "rerunFailure", one_line(text), text) for text in failures]


def masked(reason: str, text: str) -> ET.Element:
    """A failure that does not count."""
    element = _element("skipped", f"quarantined: {reason}", text)
    element.set("type", "pytest.quarantine")
    return element


def _element(tag: str, message: str, text: str) -> ET.Element:
    import xml.etree.ElementTree as ET

    element = ET.Element(tag, message=_carried(message))
    element.text = _carried(text)
    return element


def _carried(text: str) -> str:
    return _UNCARRIED.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
