"""Why actions ran: first reasons before what follows from them."""

from __future__ import annotations

from pathlib import Path

from tools.runs.inputs import Action, actions, causes, misses, rates
from tools.runs.inputs.conftest import Writer
from tools.runs.inputs.misses import NEW, SAME


def _chain(log: Writer, digest: str, flag: str = "-x") -> list[Action]:
    """order.proto -> models.py -> bytecode/ -> two tests; and one test that stands alone."""
    source = log.file("order.proto", digest)
    models = log.file("bazel-out/k8-fastbuild/bin/models.py", "m" + digest)
    log.spawn("//a:models", log.inputs(source), "Wire", outputs=[models])
    bytecode = log.folder("bazel-out/k8-fastbuild/bin/bytecode", **{"models.pyc": "b" + digest})
    log.spawn("//a:bytecode", log.inputs(models), "PyCompile", outputs=[bytecode])
    for name in ("1", "2"):
        log.test(f"//a:{name}_test", log.inputs(models, bytecode, log.file(f"{name}_test.py")))
    log.test("//b:alone_test", environment={"FLAG": flag})
    return list(actions(log.save()))


def test_one_source_file(log: Writer, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    before = {action.name: action.manifest for action in _chain(Writer(tmp_path / "old"), "11")}
    now = _chain(log, "22")
    found = misses(now, lambda action: before.get(action.name))
    assert {miss.label for miss in found if miss.root} == {"//b:alone_test", "//a:models"}
    assert [miss.root for miss in found] == [True, True, False, False, False]
    by_label = {miss.label: miss for miss in found}
    assert by_label["//a:models"].reasons == ["order.proto changed"]
    assert by_label["//a:bytecode"].because == ("Wire bazel-out/k8-fastbuild/bin/models.py",)
    assert len(by_label["//a:1_test"].because) == 2
    assert by_label["//a:1_test"].reasons == ["order.proto changed"]
    assert by_label["//b:alone_test"].reasons == [SAME]
    first, second = causes(found)
    assert (first.what, first.reached, first.tests) == ("order.proto changed", 4, 2)
    assert first.example == "//a:models"
    assert (second.what, second.reached) == (SAME, 1)


def test_other_output_of_the_same_inputs(log: Writer, tmp_path: Path) -> None:
    """An action that is no function of its inputs: what it made is the first reason of what follows."""
    (tmp_path / "old").mkdir()

    def build(writer: Writer, made: str) -> list[Action]:
        stamp = writer.file("bazel-out/k8-fastbuild/bin/stamp", made)
        writer.spawn("//a:stamp", outputs=[stamp])
        writer.test("//a:x_test", writer.inputs(stamp))
        return list(actions(writer.save()))

    before = {action.name: action.manifest for action in build(Writer(tmp_path / "old"), "11")}
    first, second = misses(build(log, "22"), lambda action: before.get(action.name))
    assert (first.label, first.reasons) == ("//a:stamp", [SAME])
    assert (second.because, second.reasons) == ((first.name,), ["bazel-out/k8-fastbuild/bin/stamp changed"])


def test_own_reasons_beside_generated_ones(log: Writer, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    before = {action.name: action.manifest for action in _chain(Writer(tmp_path / "old"), "11", flag="-x")}
    found = misses(_chain(log, "11", flag="-y"), lambda action: before.get(action.name))
    assert {miss.label: miss.reasons for miss in found}["//b:alone_test"] == ["environment FLAG: -x -> -y"]
    assert {cause.what: cause.reached for cause in causes(found)} == {SAME: 4, "environment FLAG: -x -> -y": 1}


def test_never_seen(log: Writer) -> None:
    found = misses(_chain(log, "11"), lambda action: None)
    assert all(miss.reasons == [NEW] and miss.root for miss in found)
    [cause] = causes(found)
    assert (cause.reached, cause.tests) == (5, 3)


def test_what_no_spawn_made_is_a_first_reason(log: Writer, tmp_path: Path) -> None:
    """Bazel writes some files itself; no entry tells of it."""
    (tmp_path / "old").mkdir()
    old = Writer(tmp_path / "old")
    path = "bazel-out/k8-fastbuild/bin/params"
    old.test("//a:x_test", old.inputs(old.file(path, "11")))
    log.test("//a:x_test", log.inputs(log.file(path, "22")))
    before = {action.name: action.manifest for action in actions(old.save())}
    [miss] = misses(list(actions(log.save())), lambda action: before.get(action.name))
    assert miss.root
    assert miss.reasons == [f"{path} changed"]


def test_rates(log: Writer) -> None:
    log.spawn("//a:1", runner="linux-sandbox")
    log.spawn("//a:2", runner="disk cache hit", cache_hit=True)
    log.spawn("//a:3", runner="remote cache hit", cache_hit=True)
    log.spawn("//a:4", runner="remote cache hit", cache_hit=True)
    spawns = list(actions(log.save()))
    assert str(rates(spawns, local=4)) == "4 local (50%), 1 disk (12%), 2 remote (25%), 1 ran (12%)"
    assert str(rates([])) == "no action"
    assert [miss.label for miss in misses(spawns, lambda action: None)] == ["//a:1"]
