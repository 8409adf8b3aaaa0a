"""Test actions of a log: who, which try, and a key that is equal for equal inputs."""

from __future__ import annotations

from tools.runs.inputs import read
from tools.runs.inputs.conftest import Writer


def test_a_test_with_its_inputs(log: Writer) -> None:
    wheel = log.folder("external/pypi/six", **{"six.py": "11", "empty.py": ""})
    deep = log.inputs(log.file("lib/noun.py", "22"))
    log.test("//a:x_test", log.inputs(wheel, log.file("a/x_test.py", "33"), sets=[deep]))
    [test] = read(log.save())
    assert (test.label, test.configuration, test.shard, test.run, test.attempt) == (
        "//a:x_test",
        "k8-fastbuild",
        0,
        1,
        1,
    )
    assert test.files["lib/noun.py"] == "22"
    assert test.files.keys() == {"external/pypi/six/", "lib/noun.py", "a/x_test.py"}
    assert test.manifest.folders[test.files["external/pypi/six/"]] == {"six.py": "11", "empty.py": ""}
    assert test.passed


def test_the_same_inputs_in_other_sets_are_one_key(log: Writer) -> None:
    one, two = log.file("1.py", "11"), log.file("2.py", "22")
    log.test("//a:x_test", log.inputs(one, two))
    log.test(
        "//a:x_test", log.inputs(log.file("2.py", "22"), sets=[log.inputs(log.file("1.py", "11")), log.inputs(one)])
    )
    first, second = read(log.save())
    assert first.key == second.key
    assert (first.attempt, second.attempt) == (1, 2)


def test_whatever_decides_makes_another_key(log: Writer) -> None:
    inputs = log.inputs(log.file("a.py", "11"))
    log.test("//a:x_test", inputs)
    log.test("//a:x_test", log.inputs(log.file("a.py", "12")))
    log.test("//a:x_test", log.inputs(log.file("b.py", "11")))
    log.test("//a:x_test", inputs, {"TEST_SHARD_INDEX": "1"})
    log.test("//a:x_test", inputs, {"TEST_RANDOM_SEED": "7"})
    log.test("//a:x_test", inputs, platform={"properties": [{"name": "OSFamily", "value": "linux"}]})
    log.test("//a:x_test", log.inputs(log.folder("d", a="11")))
    log.test("//a:x_test", log.inputs(log.folder("d", a="12")))
    keys = [test.key for test in read(log.save())]
    assert len(set(keys)) == len(keys) == 8


def test_runs_of_one_test_are_one_key(log: Writer) -> None:
    for number in ("1", "2"):
        place = f"testlogs/a/x_test/run_{number}_of_2"
        log.test(
            "//a:x_test",
            environment={
                "TEST_RUN_NUMBER": number,
                "TEST_RANDOM_SEED": number,
                "TEST_TMPDIR": f"_tmp/{number}",
                "XML_OUTPUT_FILE": f"{place}/test.xml",
            },
        )
    first, second = read(log.save())
    assert (first.run, second.run) == (1, 2)
    assert (first.attempt, second.attempt) == (1, 1)
    assert first.key == second.key


def test_what_writes_the_xml_is_no_attempt(log: Writer) -> None:
    log.test("//a:x_test", exit_code=3, status="NON_ZERO_EXIT")
    log.spawn(
        "//a:x_test",
        mnemonic="TestRunner",
        arguments=["external/bazel_tools/tools/test/generate-xml.sh"],
        environment={"TEST_TARGET": "//a:x_test", "XML_OUTPUT_FILE": "x"},
    )
    [test] = read(log.save())
    assert not test.passed


def test_runfiles_with_places_of_their_own(log: Writer) -> None:
    links = log.add(symlink_entry_set={"direct_entries": {"data/link": log.file("real", "11")}})
    tree = log.add(
        runfiles_tree={
            "path": "x.runfiles",
            "input_set_id": log.inputs(log.file("a.py", "22")),
            "symlinks_id": links,
            "empty_files": ["a/__init__.py"],
            "repo_mapping_manifest": {"digest": {"hash": "33"}},
        }
    )
    log.test("//a:x_test", log.inputs(tree))
    [test] = read(log.save())
    assert test.files == {
        "a.py": "22",
        "real": "11",
        "x.runfiles/data/link": "-> real",
        "x.runfiles/a/__init__.py": "",
        "x.runfiles/_repo_mapping": "33",
    }


def test_caches(log: Writer) -> None:
    log.test("//a:1_test", runner="disk cache hit", cache_hit=True, digest={"hash": "dd"})
    log.test("//a:2_test", runner="remote cache hit", cache_hit=True)
    log.test("//a:3_test", runner="linux-sandbox")
    disk, remote, ran = read(log.save())
    assert (disk.cache, remote.cache, ran.cache) == ("disk", "remote", "")
    assert disk.digest == "dd"
