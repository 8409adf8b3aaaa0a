"""Isolation: nothing unless asked for; ports, folders, environment, database numbers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from pytest_samewire.isolation import NoPorts, claim, number

if TYPE_CHECKING:
    from conftest import Session


@pytest.mark.parametrize(("worker", "is_number"), [("master", 0), ("gw0", 0), ("gw7", 7), ("gw31", 31), ("odd", 0)])
def test_number(worker: str, is_number: int) -> None:
    assert number(worker) == is_number


def test_two_sessions_never_share_a_range() -> None:
    first, ports = claim(3)
    with first:
        second, others = claim(3)
        with second:
            assert not set(ports) & set(others)
    again, same = claim(3)
    with again:
        assert same == ports


def test_all_ranges_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_samewire.isolation._LAST", 20_200)
    held = [claim(0), claim(0)]
    with pytest.raises(NoPorts, match="all 2 port ranges from 20000 to 20200 are taken"):
        claim(0)
    for guard, _ in held:
        guard.close()


def test_nothing_happens_unless_asked_for(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_DB", raising=False)
    ran = session(
        """
    import os, tempfile
    def test_x(request, tmp_path):
        os.environ["LEFT"] = "1"
        assert not [name for name in request.fixturenames if "isol" in name]
        assert "REDIS_DB" not in os.environ and tempfile.gettempdir() != str(tmp_path)
    def test_y(): assert os.environ.pop("LEFT") == "1"
    """
    )
    assert ran.counts == {"passed": 2}


def test_for_one_test(session: Session) -> None:
    ran = session(
        """
    import os, socket, tempfile
    def test_redis(isolate_redis_db): assert isolate_redis_db == 0 and os.environ["REDIS_DB"] == "0"
    def test_folder(isolate_folder, tmp_path):
        assert isolate_folder == tmp_path
        assert tempfile.mkdtemp().startswith(str(tmp_path)) and os.environ["TMPDIR"] == str(tmp_path)
    def test_port(free_port):
        with socket.create_server(("127.0.0.1", free_port)): pass
    def test_ports(worker_ports):
        ports = [next(worker_ports) for _ in range(120)]
        assert len(set(ports)) == 99 and ports[:21] == ports[99:]
    def test_busy_ports_are_left_out(worker_ports):
        busy = next(worker_ports)
        with socket.create_server(("127.0.0.1", busy)):
            assert busy not in [next(worker_ports) for _ in range(99)]
    """
    )
    assert ran.counts == {"passed": 5}


def test_environment(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "secret")
    monkeypatch.setenv("SHOP_URL", "here")
    ran = session(
        """
    import os
    def test_a(isolate_environment):
        assert not [name for name in os.environ if name.startswith("SHOP_")]
        os.environ.update(NEW="1", HOME="/nowhere", SHOP_URL="there")
    def test_b():
        assert os.environ["SHOP_TOKEN"] == "secret" and os.environ["SHOP_URL"] == "here"
        assert "NEW" not in os.environ and os.environ["HOME"] != "/nowhere"
    """,
        "-o",
        "isolate_drop=SHOP_*",
    )
    assert ran.counts == {"passed": 2}
    assert os.environ["SHOP_TOKEN"] == "secret"


def test_for_all_tests_by_ini(session: Session) -> None:
    ran = session(
        """
    import os, tempfile, unittest
    def test_a(tmp_path):
        assert os.environ["REDIS_DB"] == "0" and tempfile.gettempdir() == str(tmp_path)
    class Case(unittest.TestCase):
        def test_b(self): assert os.environ["REDIS_DB"] == "0"
    """,
        "-o",
        "isolate=redis environment folder",
    )
    assert ran.counts == {"passed": 2}
    assert "REDIS_DB" not in os.environ


def test_a_word_that_is_none(session: Session) -> None:
    ran = session("def test_x(): pass\n", "-o", "isolate=reddis")
    assert ran.code == 4
    assert "isolate = reddis: there are redis, environment, folder, port" in ran.text
