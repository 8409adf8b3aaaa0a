"""test.xml: JUnit's format as Bazel, CI systems and IDEs read it, one `<testcase>` for every real case."""

import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.python.pytest.case import Case

# Characters that XML 1.0 cannot carry, not even escaped; terminals' colour codes are the usual ones.
_UNCARRIED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(path: Path, label: str, cases: Sequence[Case], properties: Mapping[str, str]) -> None:
    """Writes the cases of one target or shard in one step: a reader sees the whole file or none.

    Args:
        path: the file, replaced if it is there.
        label: the target, the suite's name.
        cases: the last attempt at each case; those before it stand beneath, by Surefire's names: `flakyFailure` where
            it passed in the end, `rerunFailure` where it did not.
        properties: facts of the whole run (seed, shard, interpreter …).
    """
    total = {
        "tests": len(cases),
        "failures": sum(case.outcome == "failed" for case in cases),
        "errors": sum(case.outcome == "error" for case in cases),
        "skipped": sum(case.outcome in ("skipped", "xfailed") for case in cases),
        "time": f"{sum(case.duration for case in cases):.3f}",
    }
    counts = {name: str(value) for name, value in total.items()}
    suites = ET.Element("testsuites", counts)
    suite = ET.SubElement(suites, "testsuite", {"name": label, **counts})
    _properties(suite, {"label": label, **properties})
    for case in cases:
        _case(suite, case)
    ET.indent(suites)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(ET.tostring(suites, encoding="utf-8", xml_declaration=True))
    os.replace(part, path)


def _case(suite: ET.Element, case: Case) -> None:
    element = ET.SubElement(
        suite,
        "testcase",
        {"classname": carried(case.classname), "name": carried(case.name), "time": f"{case.duration:.3f}"},
    )
    if case.file:
        element.set("file", carried(case.file))
        element.set("line", str(case.line))
    facts = {"node": case.node, "attempt": str(case.attempt), "worker": case.worker}
    _properties(element, {**facts, "flaky": "true"} if case.flaky else facts)
    message = {"message": carried(case.message)}
    if case.red:
        ET.SubElement(element, "failure" if case.outcome == "failed" else "error", message).text = carried(case.detail)
    elif case.outcome in ("skipped", "xfailed"):
        ET.SubElement(element, "skipped", {**message, "type": case.outcome})
    for before in case.earlier:
        tag = "rerunFailure" if case.red else "flakyFailure"
        ET.SubElement(element, tag, {"message": carried(before.message)}).text = carried(before.detail)
    if case.output:
        ET.SubElement(element, "system-out").text = carried(case.output)


def _properties(parent: ET.Element, values: Mapping[str, str]) -> None:
    element = ET.SubElement(parent, "properties")
    for name, value in values.items():
        ET.SubElement(element, "property", {"name": name, "value": carried(value)})


def carried(text: str) -> str:
    r"""`text` with every character that XML cannot carry written as Python would, `\x1b`."""
    return _UNCARRIED.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
