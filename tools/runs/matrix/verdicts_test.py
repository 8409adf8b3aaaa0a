"""Verdict files as consumers write them, and as they should not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.runs.matrix.verdicts import Kind, Outcome, VerdictsError, read

HEADER = '{"consumer":"go","title":"Go 1.27","kind":"consumer"}'
LINE = '{"fixture":"t.v1.A/d/x","verdict":"fail","detail":"$.a: 1, want 2"}'


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_reads_header_and_verdicts(tmp_path: Path) -> None:
    consumer = read(write(tmp_path / "v", HEADER, LINE, ""))
    assert (consumer.name, consumer.kind, consumer.skipped) == ("go", Kind.CONSUMER, "")
    [verdict] = consumer.verdicts
    assert (verdict.message, verdict.dialect, verdict.outcome) == ("t.v1.A", "d", Outcome.FAIL)


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ((), "empty"),
        (("nope",), ":1: not JSON"),
        (('{"consumer":"go"}',), ":1: not a VerdictHeader"),
        (('{"consumer":"go","title":"t","kind":"boss"}',), "boss"),
        ((HEADER, "[]"), ":2: expected a JSON object"),
        ((HEADER, '{"fixture":"a/b/c","verdict":"maybe"}'), ":2: not a Verdict"),
        ((HEADER, '{"fixture":"a","verdict":"pass"}'), "message/dialect/name"),
    ],
)
def test_a_bad_file_says_where(tmp_path: Path, lines: tuple[str, ...], error: str) -> None:
    with pytest.raises(VerdictsError, match=re.escape(error)):
        read(write(tmp_path / "v", *lines))
