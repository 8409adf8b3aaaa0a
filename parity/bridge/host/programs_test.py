from __future__ import annotations

import pytest
from bridge.v1.program_wire import Signature

from parity.bridge.host.programs import Programs, Refused

SIGNATURE = Signature(inputs=["query"], outputs=["answer"])


def test_a_name_is_taken_once_in_a_session_and_free_in_others() -> None:
    programs = Programs()
    for session in ("s1", "s2", None):
        programs.create(session, "p1", SIGNATURE)
    with pytest.raises(Refused, match=r"^Program with ID 'p1' already exists in session s1$"):
        programs.create("s1", "p1", SIGNATURE)
    with pytest.raises(Refused, match=r"^Program with ID 'p1' already exists$"):
        programs.create(None, "p1", SIGNATURE)
    assert (len(programs), programs.sessions) == (3, 3)


def test_nobody_sees_what_is_another_sessions() -> None:
    programs = Programs()
    programs.create("s1", "p1", SIGNATURE)
    programs.create("s2", "p2", SIGNATURE)
    assert [program.name for program in programs.list("s1")] == ["p1"]
    assert programs.list(None) == programs.list("ghost") == []
    for session, name in [("s1", "p2"), ("s2", "p1")]:
        with pytest.raises(Refused, match=f"^Program not found in session {session}: {name}$"):
            programs.find(session, name)
        with pytest.raises(Refused):
            programs.delete(session, name)
    with pytest.raises(Refused, match="^Session not found: ghost$"):
        programs.find("ghost", "p1")
    with pytest.raises(Refused, match="^Program not found: p1$"):
        programs.find(None, "p1")


def test_a_session_goes_with_its_programs_alone() -> None:
    programs = Programs()
    programs.create("s1", "p1", SIGNATURE)
    programs.create("s2", "p2", SIGNATURE)
    assert (programs.drop("s1"), programs.drop("s1")) == (1, None)
    assert len(programs) == 1
    programs.delete("s2", "p2")
    assert (len(programs), programs.sessions) == (0, 1)
    assert programs.clear() == 0
    assert programs.sessions == 0


def test_a_summary_before_and_after_a_run() -> None:
    program = Programs(now=lambda: 5.0).create("s1", "p1", SIGNATURE)
    assert program.summary().last_executed is None
    program.executed, program.executions = 7.5, 1
    summary = program.summary()
    assert (summary.created_at.seconds, summary.last_executed.to_seconds()) == (5, 7.5)  # type: ignore[union-attr]
    assert (summary.id, summary.session_id, summary.execution_count) == ("p1", "s1", 1)
