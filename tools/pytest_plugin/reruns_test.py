"""Red tests are tried again: what is set up anew, and what is reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_samewire.reruns import Plan, Refused, read_marker

if TYPE_CHECKING:
    from conftest import Session


# The first `n` calls of `fails(n)` fail.
FAILS = """
    import itertools, pytest
    counts = {}
    def fails(n, key=0):
        call = next(counts.setdefault(key, itertools.count()))
        assert call >= n, f"call {call}"
"""


@pytest.mark.parametrize(
    ("mark", "plan"),
    [
        (pytest.mark.flaky, Plan(1)),
        (pytest.mark.flaky(reruns=3, reruns_delay=1), Plan(3, 1.0)),
        (pytest.mark.flaky(2), Plan(2)),
        (pytest.mark.flaky(2, 0.5), Plan(2, 0.5)),
        (pytest.mark.flaky(reruns=0), Plan(0)),
        (pytest.mark.flaky(reruns_scope="module"), Plan(1, 0.0, "module")),
    ],
)
def test_marker(mark: pytest.MarkDecorator, plan: Plan) -> None:
    assert read_marker(mark.mark, Plan()) == plan


def test_a_marker_goes_before_options_in_what_it_says() -> None:
    assert read_marker(pytest.mark.flaky(reruns_delay=2).mark, Plan(5, 1.0)) == Plan(5, 2.0)
    assert read_marker(pytest.mark.flaky(reruns=2).mark, Plan(5, 1.0)) == Plan(2, 1.0)


@pytest.mark.parametrize(
    ("mark", "says"),
    [
        (pytest.mark.flaky(rerun=3), "@pytest.mark.flaky(rerun=...): there are reruns, reruns_delay, reruns_scope"),
        (pytest.mark.flaky(max_runs=3), "is the package flaky's: install it, or write reruns=N"),
        (pytest.mark.flaky(reruns=-1), "@pytest.mark.flaky(reruns=-1): write how often"),
        (pytest.mark.flaky(reruns="3"), "@pytest.mark.flaky(reruns='3'): write how often"),
        (pytest.mark.flaky(reruns=1, reruns_delay=-1), "@pytest.mark.flaky(reruns_delay=-1): write seconds"),
        (pytest.mark.flaky(reruns_scope="all"), "reruns_scope='all'): there are function, class, module"),
        (pytest.mark.flaky(1, 2, 3), "takes reruns and reruns_delay, not 3 values"),
    ],
)
def test_marker_that_is_not_understood(mark: pytest.MarkDecorator, says: str) -> None:
    with pytest.raises(Refused) as refused:
        read_marker(mark.mark, Plan())
    assert says in str(refused.value)


def test_such_a_marker_is_a_red_test_with_one_line(session: Session) -> None:
    ran = session("import pytest\n@pytest.mark.flaky(rerun=3)\ndef test_x(): pass\n")
    assert ran.counts == {"errors": 1}
    assert "test_a.py::test_x: @pytest.mark.flaky(rerun=...): there are reruns" in ran.text
    assert "Traceback" not in ran.text


@pytest.mark.parametrize(("fails", "counts"), [(0, {"passed": 1}), (2, {"passed": 1, "rerun": 2}), (3, None)])
def test_by_option(session: Session, fails: int, counts: dict[str, int] | None) -> None:
    ran = session(f"{FAILS}\n    def test_x(): fails({fails})\n", "--reruns=2")
    assert ran.counts == (counts or {"failed": 1, "rerun": 2})
    assert ran.code == (0 if counts else 1)


def test_by_marker_and_what_history_and_xml_hold(session: Session) -> None:
    ran = session(
        f"""{FAILS}
    @pytest.mark.flaky(reruns=3)
    def test_third(): fails(2, "third")
    @pytest.mark.flaky(reruns=1)
    def test_never(): fails(9, "never")
    def test_once(): fails(1, "once")
    """
    )
    assert ran.counts == {"passed": 1, "failed": 2, "rerun": 3}
    assert ran.history == {"test_third": "ffp", "test_never": "ff", "test_once": "f"}
    third, never = ran.cases["test_third"], ran.cases["test_never"]
    assert [child.tag for child in third] == ["properties", "flakyFailure", "flakyFailure"]
    assert [child.get("message") for child in third[1:]] == ["AssertionError: call 0", "AssertionError: call 1"]
    assert [child.tag for child in never] == ["properties", "failure", "rerunFailure"]
    assert ran.properties("test_third") == {"attempts": "3"}
    assert len(ran.cases) == 3


def test_an_attempt_starts_afresh(session: Session) -> None:
    """Fixtures of function scope, the class's instance, the temporary folder, output and recorded properties."""
    ran = session(
        f"""{FAILS}
    log = []
    @pytest.fixture
    def fresh(tmp_path, record_property):
        log.append("up")
        record_property("folder", len(list(tmp_path.iterdir())))
        (tmp_path / "left").touch()
        yield []
        log.append("down")
    @pytest.fixture(scope="module")
    def wide():
        log.append("wide up")
        yield
        log.append("wide down")
    class TestIt:
        seen = False
        @pytest.mark.flaky(reruns=2)
        def test_x(self, fresh, wide):
            print(f"attempt {{len(log)}}")
            assert not self.seen and not fresh
            self.seen = True
            fresh.append(1)
            fails(2)
    def test_log(wide):
        assert log == ["wide up", "up", "down", "up", "down", "up", "down"]
    """,
        "-rA",
    )
    assert ran.counts == {"passed": 2, "rerun": 2}
    assert ran.properties("test_x") == {"folder": "0", "attempts": "3"}
    assert ran.text.count("attempt 6") == 1
    assert "attempt 2\nattempt" not in ran.text


@pytest.mark.parametrize("scope", ["class", "module", "package", "session"])
def test_a_wider_fixture_that_failed_is_set_up_anew(session: Session, scope: str) -> None:
    ran = session(
        f"""{FAILS}
    log = []
    @pytest.fixture(scope="{scope}")
    def under(request):
        request.addfinalizer(lambda: log.append("under down"))
        fails(1, "under")
        return 3
    @pytest.fixture(scope="{scope}")
    def wide(under):
        yield under
        log.append("wide down")
    class TestIt:
        @pytest.mark.flaky(reruns=1)
        def test_x(self, wide):
            assert wide == 3
            assert log == ["under down"]
        def test_y(self, wide):
            assert log == ["under down"]
    def test_z():
        assert log[1:] == (["wide down", "under down"] if "{scope}" == "class" else [])
    """
    )
    assert ran.counts == {"passed": 3, "rerun": 1}


@pytest.mark.parametrize(
    ("place", "counts"),
    [
        ("def setup_module(): fails(1)", {"passed": 1, "rerun": 1}),
        ("def setup_function(): fails(1)", {"passed": 1, "rerun": 1}),
        ("def teardown_function(): fails(1)", {"passed": 1, "rerun": 1}),
        ("def setup_module(): fails(5)", {"errors": 1, "rerun": 1}),
    ],
)
def test_set_up_and_tear_down_of_old(session: Session, place: str, counts: dict[str, int]) -> None:
    ran = session(f"{FAILS}\n    {place}\n    @pytest.mark.flaky\n    def test_x(): pass\n")
    assert ran.counts == counts
    assert len(ran.cases) == 1


def test_a_collector_that_failed_is_set_up_anew(session: Session) -> None:
    Path("conftest.py").write_text(
        "import pytest\n"
        "class Shaky(pytest.Module):\n"
        "    ups = 0\n"
        "    def setup(self):\n"
        "        Shaky.ups += 1\n"
        "        assert Shaky.ups > 1, 'the first'\n"
        "def pytest_pycollect_makemodule(module_path, parent): return Shaky.from_parent(parent, path=module_path)\n"
    )
    assert session("def test_x(): pass\n", "--reruns=2").counts == {"passed": 1, "rerun": 1}


def test_unittest_cases(session: Session) -> None:
    ran = session(
        f"""{FAILS}
    import unittest
    class Case(unittest.TestCase):
        ups = 0
        @classmethod
        def setUpClass(cls): fails(1, "class")
        def setUp(self): Case.ups += 1
        def test_x(self):
            fails(2, "x")
            self.assertEqual(Case.ups, 3)
    """,
        "--reruns=3",
    )
    assert ran.counts == {"passed": 1, "rerun": 3}


@pytest.mark.parametrize(
    ("scope", "log"),
    [
        ("function", ["session", "module", "class", "function", "function"]),
        ("class", ["session", "module", "class", "function", "class", "function"]),
        ("module", ["session", "module", "class", "function", "module", "class", "function"]),
        ("session", ["session", "module", "class", "function"] * 2),
    ],
)
def test_wider_scopes_on_demand(session: Session, scope: str, log: list[str]) -> None:
    fixtures = "".join(
        f"""
    @pytest.fixture(scope="{each}")
    def {each}_({above}): log.append("{each}")
    """
        for each, above in [("session", ""), ("module", "session_"), ("class", "module_"), ("function", "class_")]
    )
    ran = session(
        f"""{FAILS}
    log = []
    {fixtures}
    class TestIt:
        @pytest.mark.flaky(reruns=1, reruns_scope="{scope}")
        def test_x(self, function_): fails(1)
    def test_log(): assert log == {log}
    """
    )
    assert ran.counts == {"passed": 2, "rerun": 1}


def test_tear_down_that_fails_in_the_end_is_an_error(session: Session) -> None:
    ran = session(
        """
    import pytest
    @pytest.fixture
    def bad():
        yield
        raise RuntimeError("down")
    def test_x(bad): pass
    """,
        "--reruns=1",
    )
    assert ran.counts == {"passed": 1, "errors": 1, "rerun": 1}
    assert ran.code == 1
    assert ran.history == {"test_x": "ff"}


def test_a_call_and_a_tear_down_that_fail_are_one_failure(session: Session) -> None:
    ran = session(
        """
    import pytest
    @pytest.fixture
    def bad():
        yield
        raise RuntimeError("down")
    def test_x(bad): assert 0
    """,
        "--reruns=1",
    )
    assert ran.history == {"test_x": "ff"}
    assert ran.counts == {"failed": 1, "errors": 1, "rerun": 2}


def test_what_is_not_tried_again(session: Session) -> None:
    ran = session(
        """
    import pytest
    @pytest.mark.xfail
    def test_xfail(): assert 0
    def test_skip(): pytest.skip("no")
    def test_pass(): pass
    """,
        "--reruns=2",
    )
    assert ran.counts == {"xfailed": 1, "skipped": 1, "passed": 1}


def test_stops_at_the_first_failure_only_when_it_stays_one(session: Session) -> None:
    ran = session(
        f"""{FAILS}
    def test_a(): fails(1, "a")
    def test_b(): fails(9, "b")
    def test_c(): pass
    """,
        "-x",
        "--reruns=1",
    )
    assert ran.counts == {"passed": 1, "failed": 1, "rerun": 2}


def test_subtests_of_an_attempt_are_tried_again_with_it(session: Session) -> None:
    if not hasattr(pytest, "Subtests"):
        pytest.skip("this pytest has no subtests")
    ran = session(
        f"""{FAILS}
    @pytest.mark.flaky(reruns=2)
    def test_x(subtests):
        with subtests.test("one"):
            fails(1)
        with subtests.test("two"):
            pass
    """
    )
    assert ran.code == 0
    assert ran.counts.get("failed", 0) == 0


def test_waits_between_attempts(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("pytest_samewire.reruns.time.sleep", waited.append)
    session(f"{FAILS}\n    def test_x(): fails(2)\n", "--reruns=3", "--reruns-delay=0.25")
    assert waited == [0.25, 0.25]


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--reruns=-1", "'-1': write how often a red test is tried again"),
        ("--reruns=many", "'many': write how often"),
        ("--reruns-delay=-2", "'-2': write seconds"),
        ("--flaky-threshold=30", "'30': write a share of failures, e.g. 30% or 0.3"),
        ("--flaky-threshold=0", "'0': write a share"),
    ],
)
def test_options_that_are_not_understood(session: Session, option: str, says: str) -> None:
    ran = session("def test_x(): pass", option)
    assert ran.code == 4
    assert says in ran.text


def test_session_that_stops_tears_everything_down(session: Session, tmp_path: Path) -> None:
    ran = session(
        f"""{FAILS}
    @pytest.fixture(scope="session")
    def wide():
        yield
        open({str(tmp_path / "down")!r}, "w").close()
    def test_x(wide, request):
        request.session.shouldstop = "enough"
        assert 0
    def test_y(wide): pass
    """,
        "--reruns=2",
    )
    assert (tmp_path / "down").exists()
    assert ran.counts == {"failed": 1}
    assert ran.code == 2
