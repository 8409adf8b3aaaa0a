"""What changed between two times."""

from __future__ import annotations

from tools.runs.inputs import Difference, Manifest, why


def _lines(before: Manifest, now: Manifest) -> list[str]:
    return [str(difference) for difference in why(before, now)]


def test_nothing() -> None:
    one = Manifest(("a",), {"PATH": "/bin"}, {}, {"x.py": "11"})
    assert why(one, Manifest(("a",), {"PATH": "/bin"}, {}, {"x.py": "11"})) == []


def test_each_kind() -> None:
    before = Manifest(("tool", "--fast"), {"TZ": "UTC", "LANG": "C"}, {"os": "linux"}, {"a.py": "11", "gone.py": "22"})
    now = Manifest(("tool", "--slow"), {"TZ": "CET", "CI": "1"}, {"os": "mac"}, {"a.py": "12", "new.py": "33"})
    assert _lines(before, now) == [
        "a.py changed",
        "gone.py removed",
        "new.py added",
        "environment CI=1 added",
        "environment LANG=C removed",
        "environment TZ: UTC -> CET",
        "argument --fast removed",
        "argument --slow added",
        "platform os: linux -> mac",
    ]


def test_what_was_generated_comes_last() -> None:
    before = Manifest(files={"bazel-out/k8/bin/model.py": "11", "z.proto": "22"})
    now = Manifest(files={"bazel-out/k8/bin/model.py": "12", "z.proto": "23"})
    assert _lines(before, now) == ["z.proto changed", "bazel-out/k8/bin/model.py changed"]


def test_a_folder_gives_its_files_where_they_are_known() -> None:
    folders = {"old": {"a.py": "1", "b.py": "2"}, "new": {"a.py": "1", "b.py": "3", "c.py": "4"}}
    before, now = Manifest(files={"wheel/": "old"}, folders=folders), Manifest(files={"wheel/": "new"}, folders=folders)
    assert _lines(before, now) == ["wheel/b.py changed", "wheel/c.py added"]
    assert _lines(Manifest(files={"wheel/": "old"}), now) == ["wheel/ changed"]


def test_places_are_no_reason() -> None:
    before = Manifest(environment={"TEST_TMPDIR": "a", "TEST_RUN_NUMBER": "1", "TEST_RANDOM_SEED": "1"})
    now = Manifest(environment={"TEST_TMPDIR": "b"})
    assert why(before, now) == []
    assert before.key == now.key


def test_a_seed_that_was_asked_for_is_one() -> None:
    before, now = Manifest(), Manifest(environment={"TEST_RANDOM_SEED": "7"})
    assert why(before, now) == [Difference("environment", "added", "TEST_RANDOM_SEED", now="7")]
    assert before.key != now.key


def test_order_of_arguments() -> None:
    before, now = Manifest(("a", "b")), Manifest(("b", "a"))
    assert _lines(before, now) == ["argument order: a b -> b a"]
    assert before.key != now.key


def test_no_two_manifests_run_into_each_other() -> None:
    manifests = [
        Manifest(("a", "b")),
        Manifest(("ab",)),
        Manifest(("a",), {"b": ""}),
        Manifest(environment={"a": "b"}),
        Manifest(platform={"a": "b"}),
        Manifest(files={"a": "b"}),
        Manifest(("files", "a", "b")),
    ]
    assert len({manifest.key for manifest in manifests}) == len(manifests)
