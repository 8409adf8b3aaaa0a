"""Results as JUnit's XML: one suite for each testee, one case for each answer."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from samewire.parity.v1.result_wire import CaseResult, Results

from parity.report.summary import RED
from parity.runner.difference import one_line

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(results: Results) -> bytes:
    root = ElementTree.Element("testsuites", name="parity", time=f"{results.seconds:.3f}")
    for testee in results.testees:
        of = [result for result in results.results if result.testee == testee.name]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=testee.name,
            tests=str(len(of)),
            failures=str(sum(result.verdict in RED for result in of)),
            skipped=str(sum(result.verdict == "unsupported" for result in of)),
        )
        for result in of:
            _case(suite, result)
        if testee.skipped:
            case = ElementTree.SubElement(suite, "testcase", classname=testee.name, name="runs here")
            ElementTree.SubElement(case, "skipped", message=_clean(testee.skipped))
    if results.findings:
        suite = ElementTree.SubElement(
            root, "testsuite", name="run", tests=str(len(results.findings)), failures=str(len(results.findings))
        )
        for line in results.findings:
            case = ElementTree.SubElement(suite, "testcase", classname="run", name=_clean(line))
            ElementTree.SubElement(case, "failure", message=_clean(line))
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _case(suite: ElementTree.Element, result: CaseResult) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"{result.testee}.{result.dialect}",
        name=_clean(result.case),
        time=f"{result.seconds:.6f}",
    )
    if result.verdict in RED:
        told = [*filter(None, [result.detail]), *map(one_line, result.differences)]
        failure = ElementTree.SubElement(case, "failure", message=_clean(told[0] if told else result.verdict))
        failure.text = _clean("\n".join([*told, *result.exchanges, result.stderr or ""]))
    elif result.verdict == "unsupported":
        ElementTree.SubElement(case, "skipped", message=_clean(result.detail or "not implemented"))
    elif result.verdict == "known":
        ElementTree.SubElement(case, "system-out").text = _clean(f"known difference: {result.detail}")


def _clean(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return _NOT_XML.sub("�", text)
