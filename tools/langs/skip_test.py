"""A test whose toolchain the machine lacks says so everywhere: exit 0, log, test.xml, verdicts.jsonl."""

import json
import os
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

REASON = 'cobc is not on PATH, "<it\'s>" & gone'


def test_skip_says_why_everywhere(tmp_path: Path) -> None:
    environment = os.environ | {
        "TEST_TMPDIR": str(tmp_path),
        "TEST_UNDECLARED_OUTPUTS_DIR": str(tmp_path),
        "XML_OUTPUT_FILE": str(tmp_path / "test.xml"),
    }
    done = subprocess.run([os.environ["SKIPPED"]], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"SKIPPED: {REASON}\n"
    skipped = ET.parse(tmp_path / "test.xml").getroot().findall("testsuite/testcase/skipped")
    assert [one.get("message") for one in skipped] == [REASON]
    header = json.loads((tmp_path / "verdicts.jsonl").read_text(encoding="utf-8"))
    assert header == {"consumer": "cobol", "kind": "consumer", "skipped": REASON, "title": "cobol"}
