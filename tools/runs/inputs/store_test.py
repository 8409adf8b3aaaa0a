"""Inputs of earlier runs: kept, compared with, and bounded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.runs import history
from tools.runs.history.database import Database
from tools.runs.inputs import Action, actions, explain, store, why
from tools.runs.inputs.conftest import Writer
from tools.runs.inputs.misses import NEW, SAME
from tools.runs.inputs.store import KEPT_OF_A_TEST, Store


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with history.open(tmp_path / "history.sqlite") as past:
        yield past.database


def _test(folder: Path, digest: str, label: str = "//a:x_test", **environment: str) -> list[Action]:
    folder.mkdir(exist_ok=True)
    log = Writer(folder)
    wheel = log.folder("external/wheel", **{"one.py": "11", "two.py": digest})
    log.test(label, log.inputs(wheel, log.file("a/x_test.py", "33")), environment)
    return list(actions(log.save()))


def test_a_file_in_a_folder_changed(database: Database, tmp_path: Path) -> None:
    [old], [new] = _test(tmp_path / "1", "22"), _test(tmp_path / "2", "23")
    kept = Store(database)
    assert kept.previous(old) is None
    kept.remember([old], now=1.0)
    before = Store(database).previous(new)
    assert before is not None
    assert before.key == old.manifest.key
    assert [str(difference) for difference in why(before, new.manifest)] == ["external/wheel/two.py changed"]


def test_the_last_one_counts(database: Database, tmp_path: Path) -> None:
    [one], [two] = _test(tmp_path / "1", "1"), _test(tmp_path / "2", "2")
    kept = Store(database)
    for now, action in enumerate([one, two, one], 1):
        kept.remember([action], now=float(now))
    assert kept.previous(two) == kept.kept("//a:x_test")[0][1]
    assert [(seen, manifest.key) for seen, manifest in kept.kept("//a:x_test")] == [
        (3.0, one.manifest.key),
        (2.0, two.manifest.key),
    ]


def test_a_clock_that_goes_back(database: Database, tmp_path: Path) -> None:
    kept = Store(database)
    for number, now in enumerate([9.0, 1.0, 1.0]):
        kept.remember(_test(tmp_path / str(number), str(number)), now)
    [last] = _test(tmp_path / "x", "2")
    before = kept.previous(last)
    assert before is not None
    assert before.key == last.manifest.key


def test_tries_are_one_action(database: Database, tmp_path: Path) -> None:
    log = Writer(tmp_path)
    for number in ("1", "2"):
        numbered = {"TEST_RUN_NUMBER": number, "TEST_RANDOM_SEED": number, "TEST_TMPDIR": number}
        log.test("//a:x_test", environment=numbered)
    Store(database).remember(actions(log.save()), now=1.0)
    assert len(Store(database).kept("//a:x_test")) == 1


def test_bounded(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_ACTIONS", 8)
    kept = Store(database)
    for now in range(20):
        kept.remember(_test(tmp_path / str(now), str(now)), now=float(now))
    assert len(kept.kept("//a:x_test")) == KEPT_OF_A_TEST
    for now in range(20, 40):
        kept.remember(_test(tmp_path / str(now), str(now), label=f"//a:{now}_test"), now=float(now))
    counts = [database.one(f"SELECT count(*) FROM {table}") for table in ("input", "input_manifest", "input_folder")]
    assert counts == [(8,), (8,), (8,)]
    assert kept.previous(_test(tmp_path / "x", "0", label="//a:20_test")[0]) is None
    assert kept.previous(_test(tmp_path / "x", "0", label="//a:39_test")[0]) is not None


def test_a_whole_run(database: Database, tmp_path: Path) -> None:
    log = tmp_path / "1" / "execution.log.zst"
    _test(tmp_path / "1", "22", CI="1")
    first = explain(log, database, now=1.0, local=3)
    assert [cause.what for cause in first.causes] == [NEW]
    assert str(first.rates) == "3 local (75%), 1 ran (25%)"
    assert first.key("//a:x_test") == first.tests[0].key != ""
    assert first.key("//a:x_test", shard=1) == first.key("//a:y_test") == ""
    again = explain(log, database, now=2.0)
    assert [cause.what for cause in again.causes] == [SAME]
    _test(tmp_path / "1", "23", CI="1")
    changed = explain(log, database, now=3.0)
    assert [miss.reasons for miss in changed.misses] == [["external/wheel/two.py changed"]]


def test_a_log_that_is_cut_off_or_missing(database: Database, tmp_path: Path) -> None:
    log = tmp_path / "1" / "execution.log.zst"
    assert explain(log, database, now=1.0).problem == f"{log}: No such file or directory"
    _test(tmp_path / "1", "22")
    log.write_bytes(log.read_bytes()[:-3])
    assert explain(log, database, now=1.0).problem.startswith(f"{log}: ends in the middle")
