"""The runner as a whole, in processes of its own."""

import signal
import time
from collections.abc import Callable

import pytest

from tools.python.pytest.conftest import Ran, Target

Make = Callable[[str], Target]

ONE = "def test_one(): pass\n"
MANY = """
    import pytest

    class TestCodec:
        def test_round_trip(self): pass

    @pytest.mark.parametrize("n", [1, 2, 3])
    def test_x(n): pass
"""


def test_green(of: Make) -> None:
    ran = of(MANY).run()
    assert (ran.code, list(ran.cases)) == (0, ["test_round_trip", "test_x[1]", "test_x[2]", "test_x[3]"])
    assert "premature" not in ran.left


def test_red(of: Make) -> None:
    ran = of("def test_sum():\n    print('seen')\n    assert 1 + 1 == 3\ndef test_ok(): pass").run()
    assert (ran.code, ran.cases) == (1, {"test_sum": "failure", "test_ok": "passed"})
    assert "--test_filter='pkg/a_test.py::test_sum'" in ran.log
    case = ran.suite.find("testcase")
    assert case is not None and (case.get("file"), case.get("line")) == ("pkg/a_test.py", "1")
    assert "seen" in str(case.findtext("system-out"))


def test_a_line_for_every_case(of: Make) -> None:
    ran = of("def test_ok(): pass\ndef test_bad(): assert 0, 'why'").run(
        TEST_TOTAL_SHARDS="1", TEST_SHARD_INDEX="0", TEST_RANDOM_SEED="7"
    )
    ok, bad = ran.lines
    assert set(ok) == {
        "label", "seed", "node", "outcome", "duration", "file", "line", "message", "attempt", "worker", "shard"
    }  # fmt: skip
    assert (ok["node"], ok["outcome"], ok["seed"], ok["label"]) == (
        "pkg/a_test.py::test_ok",
        "passed",
        7,
        "//pkg:target",
    )
    assert (bad["outcome"], bad["line"], bad["attempt"], bad["shard"]) == ("failed", 2, 1, 0)
    assert bad["message"].startswith("AssertionError: why")


def test_skips_and_expected_failures_say_why(of: Make) -> None:
    ran = of(
        """
        import pytest
        @pytest.mark.skip(reason="no elixir here")
        def test_s(): pass
        @pytest.mark.xfail(reason="not yet")
        def test_x(): assert 0
        """
    ).run()
    messages = [skipped.get("message") for skipped in ran.suite.iter("skipped")]
    assert (ran.code, messages) == (0, ["no elixir here", "expected failure: not yet"])
    assert "no elixir here" in ran.log


def test_an_order_of_a_number_s_own(of: Make) -> None:
    target = of("import pytest\n@pytest.mark.parametrize('n', range(9))\ndef test_x(n): pass\ndef test_last(): pass")
    written, one, again, other = (
        [line["node"] for line in target.run(**environ).lines]
        for environ in ({}, {"TEST_ORDER_SEED": "1"}, {"TEST_ORDER_SEED": "1"}, {"TEST_ORDER_SEED": "2"})
    )
    assert one == again != other and sorted(one) == sorted(other) == sorted(written)
    assert written[-1].endswith("test_last") and written not in (one, other)


def test_an_expected_failure_that_passes_is_red(of: Make) -> None:
    ran = of("import pytest\n@pytest.mark.xfail(reason='not yet')\ndef test_x(): pass").run()
    assert (ran.code, ran.cases) == (1, {"test_x": "failure"})


def test_a_file_that_skips_itself_is_a_skipped_case(of: Make) -> None:
    ran = of("import pytest\npytest.skip('no node', allow_module_level=True)").run()
    assert (ran.code, ran.cases) == (0, {"pkg/a_test.py": "skipped"})


@pytest.mark.parametrize("shards", [{}, {"TEST_TOTAL_SHARDS": "2", "TEST_SHARD_INDEX": "1"}])
def test_a_target_without_tests_is_red(of: Make, shards: dict[str, str]) -> None:
    ran = of("def tset_typo(): pass").run(**shards)
    assert (ran.code, ran.cases) == (2, {"//pkg:target": "error"})
    assert "//pkg:target has no tests" in ran.log


def test_a_file_that_cannot_be_imported_is_red(of: Make) -> None:
    ran = of("import no_such_module").run()
    assert (ran.code, ran.cases) == (1, {"pkg/a_test.py": "error"})
    assert "no_such_module" in str(ran.suite.findtext(".//error"))


def test_a_fixture_that_fails_is_an_error(of: Make) -> None:
    ran = of("import pytest\n@pytest.fixture\ndef up(): raise OSError('no port')\ndef test_x(up): pass").run()
    error = ran.suite.find(".//error")
    assert ran.code == 1 and error is not None and error.get("message") == "setup: OSError: no port"


def test_a_warning_is_red_unless_the_target_allows_it(of: Make) -> None:
    target = of("import warnings\ndef test_w(): warnings.warn('old', DeprecationWarning)")
    assert target.run().code == 1
    assert target.run("--warning=ignore::DeprecationWarning").code == 0


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import pytest\n@pytest.mark.typo\ndef test_x(): pass", "typo"),
        ("import pytest\n@pytest.mark.parametrize('n', [])\ndef test_x(n): pass", "Empty parameter set"),
        (
            "import pytest\n@pytest.mark.parametrize('n', ['a', 'a'])\ndef test_x(n): pass",
            "Duplicate parametrization IDs",
        ),
    ],
)
def test_strictness(of: Make, source: str, says: str) -> None:
    ran = of(source).run()
    assert (ran.code, says in ran.log) == (1, True)


@pytest.mark.parametrize(
    ("only", "cases"),
    [
        ("a_test.py::test_x[2]", ["test_x[2]"]),
        ("TestCodec.test_round_trip", ["test_round_trip"]),
        ("test_?", ["test_x[1]", "test_x[2]", "test_x[3]"]),
        ("test_x and not 2", ["test_x[1]", "test_x[3]"]),
    ],
)
def test_filter(of: Make, only: str, cases: list[str]) -> None:
    ran = of(MANY).run(TESTBRIDGE_TEST_ONLY=only)
    assert (ran.code, list(ran.cases)) == (0, cases)


@pytest.mark.parametrize("only", ["test_y", "a_test.py::test_x[4]", "test_y and not 2"])
@pytest.mark.parametrize("shards", [{}, {"TEST_TOTAL_SHARDS": "2", "TEST_SHARD_INDEX": "0"}])
def test_a_filter_that_matches_nothing_is_red(of: Make, only: str, shards: dict[str, str]) -> None:
    ran = of(MANY).run(TESTBRIDGE_TEST_ONLY=only, **shards)
    assert (ran.code, ran.cases) == (2, {"//pkg:target": "error"})
    assert "matches none of the 4 tests" in ran.log


def test_an_expression_that_cannot_be_read_is_red(of: Make) -> None:
    assert of(MANY).run(TESTBRIDGE_TEST_ONLY="test_x and (").code == 2


def test_shards_share_the_cases_and_an_empty_one_is_green(of: Make) -> None:
    target, status = of(MANY), "out/status"
    shards: list[Ran] = []
    seen: list[str] = []
    for index in range(8):
        (target.folder / status).unlink(missing_ok=True)
        ran = target.run(TEST_TOTAL_SHARDS="8", TEST_SHARD_INDEX=str(index), TEST_SHARD_STATUS_FILE=status)
        assert (target.folder / status).exists()
        shards.append(ran)
        seen += ran.cases
    assert {ran.code for ran in shards} == {0}
    assert sorted(seen) == ["test_round_trip", "test_x[1]", "test_x[2]", "test_x[3]"]


def test_durations_balance_the_shards(of: Make) -> None:
    target = of("def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass")
    (target.folder / "durations.json").write_text('{"pkg/a_test.py::test_a": 5, "pkg/a_test.py::test_b": 1}')
    ran = target.run("--durations=durations.json", TEST_TOTAL_SHARDS="2", TEST_SHARD_INDEX="0")
    assert list(ran.cases) == ["test_a"]


def test_durations_that_cannot_be_read_are_misuse(of: Make) -> None:
    ran = of(ONE).run("--durations=nowhere.json")
    assert (ran.code, "nowhere.json" in ran.log, "Traceback" in ran.log) == (2, True, False)


def test_fail_fast(of: Make) -> None:
    ran = of("def test_a(): assert 0\ndef test_b(): pass").run(TESTBRIDGE_TEST_RUNNER_FAIL_FAST="1")
    assert (ran.code, list(ran.cases)) == (1, ["test_a"])


def test_chance_follows_the_seed_and_the_case(of: Make) -> None:
    target = of(
        """
        import random
        def test_a(): print(random.random()); assert 0
        def test_b(): print(random.random()); assert 0
        """
    )

    def numbers(**environ: str) -> list[str | None]:
        return [case.findtext("system-out") for case in target.run(**environ).suite.iter("testcase")]

    first, second = numbers()
    assert first != second
    assert numbers(TESTBRIDGE_TEST_ONLY="test_b") == [second]
    assert numbers(TEST_RANDOM_SEED="1") != [first, second]


def test_hypothesis_follows_the_seed_and_leaves_nothing_behind(of: Make) -> None:
    target = of(
        """
        from hypothesis import given, settings, strategies as st
        @given(st.integers())
        def test_n(n): print(n, settings.default.deadline); assert 0 < n < 10**6
        """
    )
    plugin = "--plugin=_hypothesis_pytestplugin"
    first, again, other = (target.run(plugin, TEST_RANDOM_SEED=seed) for seed in ("1", "1", "2"))
    first_output, again_output, other_output = (ran.suite.findtext(".//system-out") for ran in (first, again, other))
    assert first.code == 1 and first_output == again_output != other_output
    assert "None" in str(first_output)
    assert not list(target.folder.rglob(".hypothesis"))


def test_only_named_plugins_are_loaded(of: Make) -> None:
    target = of("def test_p(request): assert not request.config.pluginmanager.hasplugin('_hypothesis_pytestplugin')")
    assert target.run(PYTEST_ADDOPTS="--no-such-option", PYTEST_PLUGINS="no_such_plugin").code == 0


def test_conftest_beside_the_test_is_used(of: Make) -> None:
    target = of("def test_c(answer): assert answer == 42")
    target.write("conftest.py", "import pytest\n@pytest.fixture\ndef answer(): return 42")
    assert target.run().code == 0


def test_files_of_one_name_in_two_folders(target: Target) -> None:
    target.write("a_test.py", ONE)
    (target.folder / "other").mkdir()
    (target.folder / "other" / "a_test.py").write_text(ONE)
    ran = target.run("other/a_test.py")
    assert ran.code == 0
    assert [case.get("classname") for case in ran.suite.iter("testcase")] == ["other.a_test", "pkg.a_test"]


def test_pytest_arguments_after_two_dashes(of: Make) -> None:
    ran = of(MANY).run("--", "--collect-only", "-q")
    assert "pkg/a_test.py::test_x[1]" in ran.log.splitlines()


def test_a_process_that_leaves_early_leaves_its_mark(of: Make) -> None:
    ran = of("import os\ndef test_ok(): pass\ndef test_out(): os._exit(0)").run()
    assert "premature" in ran.left
    assert [line["node"] for line in ran.lines] == ["pkg/a_test.py::test_ok"]


HANGS = """
    import time
    def test_ok(): pass
    def test_hangs():
        open("out/hanging", "w").close()
        time.sleep(60)
    def test_later(): pass
"""


def stopped(target: Target, *arguments: str) -> Ran:
    process = target.start(*arguments)
    hanging = target.folder / "out" / "hanging"
    limit = time.monotonic() + 30
    while not hanging.exists() and time.monotonic() < limit:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    return target.end(process)


def test_sigterm_leaves_a_report_that_names_the_running_case(of: Make) -> None:
    ran = stopped(of(HANGS))
    assert (ran.code, ran.cases) == (143, {"test_ok": "passed", "test_hangs": "error"})
    error = ran.suite.find(".//error")
    assert error is not None and "still running after" in str(error.get("message"))
    assert "time.sleep(60)" in str(error.text)
    assert "in test_hangs" in ran.log
    assert [line["outcome"] for line in ran.lines] == ["passed", "error"]
    assert "premature" in ran.left


FLAKY = """
    from pathlib import Path
    def test_flaky():
        seen = Path("out/seen")
        if not seen.exists():
            seen.touch()
            assert 0, "cold cache"
    def test_ok(): pass
"""


@pytest.mark.parametrize(("policy", "code"), [("pass", 0), ("fail", 1)])
def test_a_red_case_may_try_again_and_is_called_flaky(of: Make, policy: str, code: int) -> None:
    ran = of(FLAKY).run("--case-attempts=3", f"--flaky-cases={policy}")
    assert (ran.code, ran.cases) == (code, {"test_flaky": "flakyFailure", "test_ok": "passed"})
    attempts = [(line["node"].split("::")[1], line["outcome"], line["attempt"]) for line in ran.lines]
    assert attempts == [("test_flaky", "failed", 1), ("test_ok", "passed", 1), ("test_flaky", "passed", 2)]
    flaky = ran.suite.find(".//flakyFailure")
    assert flaky is not None and "cold cache" in str(flaky.get("message"))
    assert "FLAKY pkg/a_test.py::test_flaky" in ran.log


def test_a_run_may_ask_for_more_attempts_than_its_target(of: Make) -> None:
    ran = of(FLAKY).run(SAMEWIRE_CASE_ATTEMPTS="2")
    assert (ran.code, ran.cases) == (0, {"test_flaky": "flakyFailure", "test_ok": "passed"})


def test_a_case_that_stays_red_is_red(of: Make) -> None:
    ran = of("def test_bad(): assert 0\ndef test_ok(): pass").run("--case-attempts=2")
    assert (ran.code, ran.cases) == (1, {"test_bad": "failure", "test_ok": "passed"})
    assert ran.suite.find(".//testcase/rerunFailure") is not None
    assert [line["attempt"] for line in ran.lines] == [1, 1, 2]


def test_a_crash_at_the_second_attempt_stays_red(of: Make) -> None:
    once_then_out = """
        import os
        def test_flaky():
            if os.path.exists("out/seen"):
                os._exit(0)
            open("out/seen", "w").close()
            assert 0
    """
    ran = of(once_then_out).run("--case-attempts=2")
    assert (ran.code, ran.cases) == (1, {"test_flaky": "failure"})


def test_fail_fast_does_not_try_again(of: Make) -> None:
    ran = of("def test_a(): assert 0\ndef test_b(): pass").run(
        "--case-attempts=3", TESTBRIDGE_TEST_RUNNER_FAIL_FAST="1"
    )
    assert (ran.code, [line["attempt"] for line in ran.lines]) == (1, [1])


def test_works_without_bazel(target: Target) -> None:
    target.write("a_test.py", ONE)
    unset = dict.fromkeys(("XML_OUTPUT_FILE", "TEST_UNDECLARED_OUTPUTS_DIR", "TEST_PREMATURE_EXIT_FILE"), "")
    ran = target.run(**unset)
    assert (ran.code, ran.left) == (0, {})
