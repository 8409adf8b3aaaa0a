from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from mock.admin import watch
from mock.admin.backend import VERSION
from mock.admin.conftest import Ask
from mock.engine.answer import Answer
from mock.engine.engine import Engine
from mock.engine.request import Connection, Request

STUB = {"id": "a", "request": {"path": "/v1/items/1"}, "answers": [{"json": {"id": "one"}}]}
S = "/sessions/s"


def _shop(ask: Ask, path: str = "/v1/items/1", session: str = "s") -> tuple[int, Any]:
    return ask("GET", path, whole=True, x_samewire_session=session)


def test_server(ask: Ask) -> None:
    status, said = ask("GET", "/server")
    assert (status, said["apis"], said["version"]) == (200, ["shop"], VERSION)


def test_the_version_is_the_modules() -> None:
    assert f'    version = "{VERSION}",\n' in Path("MODULE.bazel").read_text(encoding="utf-8")


def test_stubs_are_added_listed_replaced_and_removed(ask: Ask) -> None:
    other = {"request": {"path": "/v1/items/2"}, "answers": [{"json": {"id": "two"}}]}
    assert ask("POST", S + "/stubs", {"stubs": [STUB, other]}) == (200, {"ids": ["a", "stub-1"]})
    assert _shop(ask) == (200, {"id": "one"})
    assert ask("GET", S)[1]["stubs"] == 2
    assert ask("POST", S + "/stubs", {"stubs": [STUB | {"answers": [{"json": {"id": "new"}}]}]})[0] == 200
    assert _shop(ask) == (200, {"id": "new"})
    assert [each["id"] for each in ask("GET", S + "/stubs")[1]["stubs"]] == ["stub-1", "a"]
    assert ask("DELETE", S + "/stubs/a") == (200, None)
    assert _shop(ask)[1]["id"] == "1"
    assert ask("DELETE", S + "/stubs/a") == (404, {"error": "session s has no stub 'a'"})
    assert ask("DELETE", S + "/stubs")[0] == 200
    assert ask("GET", S + "/stubs") == (200, {"stubs": []}) or ask("GET", S + "/stubs") == (200, {})


def test_stubs_are_added_all_or_none(ask: Ask) -> None:
    bad = {"request": {"rpc": "shop.v1.ShopService/GetItm"}, "answers": [{"json": {}}]}
    status, said = ask("POST", S + "/stubs", {"stubs": [STUB, bad]})
    assert (status, said["path"]) == (400, "$.stubs[1].request.rpc")
    assert "did you mean 'shop.v1.ShopService/GetItem'" in said["error"]
    assert _shop(ask)[1]["id"] == "1"


@pytest.mark.parametrize(
    ("verb", "path", "body", "where", "words"),
    [
        ("POST", "/stubs", {"stubs": [{"request": {}, "answer": [{}]}]}, "$.stubs[0].answer", "unknown key"),
        ("POST", "/stubs", {"stubs": [{"request": {}, "answers": []}]}, "$.stubs[0].answers", "at least 1"),
        ("POST", "/stubs", {"stubs": [{"request": {"path": "a"}, "answers": [{}]}]}, "$.stubs[0].request.path", "/"),
        ("POST", "/scenario", {"stub": []}, "$.stub", "unknown key"),
        ("PUT", "/faults", {"rules": [{"fault": {"kind": "hnag"}}]}, "$.rules[0].fault.kind", "hang"),
        ("PUT", "/faults", {"rules": [{"fault": {"kind": "hang"}, "probability": 2}]}, "$.rules[0].probability", "1"),
        ("PUT", "/clock", {"advance_s": -1}, "$.advance_s", "0"),
        ("PUT", "/clock", {"advance_s": 1e308, "now_s": 1}, "$", "at most one"),
        ("POST", "/journal", {"limit": 0}, "$.limit", "1"),
        ("POST", "/journal", {"request": {"pth": "/"}}, "$.request.pth", "unknown key"),
        ("POST", "/verify", {"count": {"min": -1}}, "$.count.min", "0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(
    ask: Ask, verb: str, path: str, body: Any, where: str, words: str
) -> None:
    status, said = ask(verb, S + path, body)
    assert status == 400
    assert said["path"].startswith(where), said
    assert words in said["error"], said


@pytest.mark.parametrize(
    ("verb", "path", "body", "words"),
    [
        ("POST", "/stubs", b"{", "JSON"),
        ("POST", "/stubs", b"[]", "no JSON object"),
        ("POST", "/stubs", b"", "missing request body"),
        ("PUT", "/faults", b"", "missing request body"),
        ("PUT", "/clock", b"{}", "advance_s"),
        ("GET", "/journal?afer=1", b"", "no parameter 'afer' is known here; there are after, limit, request"),
        ("GET", "/journal?after=x", b"", "after"),
        ("GET", "/journal/x/explain", b"", ""),
    ],
)
def test_bodies_and_parameters_that_are_none(ask: Ask, verb: str, path: str, body: bytes, words: str) -> None:
    status, said = ask(verb, S + path, body)
    assert status == 400
    assert words in orjson.dumps(said).decode()


@pytest.mark.parametrize("name", ["a%2Fb", "%C3%A9", "a" * 101, "a%20b", "%00"])
def test_names_of_sessions(ask: Ask, engine: Engine, name: str) -> None:
    status, said = ask("GET", "/sessions/" + name)
    assert (status, said["path"]) == (400, "$.session")
    assert engine.sessions == {}


def test_what_there_is_not(ask: Ask) -> None:
    assert ask("GET", "/nothing")[0] == 404
    assert ask("DELETE", "/server") == (405, {"error": "/__samewire/v1/server takes GET, not DELETE"})
    assert ask("GET", S + "/journal/7/explain")[0] == 404
    assert ask("PATCH", S + "/backends/shp", {})[0] == 404
    assert ask("PATCH", S + "/backends/shop", {"a": 1}) == (404, {"error": "shop has nothing to set"})


def test_a_session_is_reset_and_deleted(ask: Ask, engine: Engine) -> None:
    ask("POST", S + "/stubs", {"stubs": [STUB]})
    ask("PUT", S + "/scenarios/login", {"state": "in"})
    _shop(ask)
    facts = ask("GET", S)[1]
    assert (facts["requests"], facts["held"], facts["scenarios"]) == (1, 1, {"login": "in"})
    assert facts["bytes"] > 0
    assert ask("POST", S + "/reset") == (200, None)
    facts = ask("GET", S)[1]
    assert (facts["requests"], facts["stubs"], facts.get("scenarios", {})) == (0, 0, {})
    assert ask("DELETE", S)[0] == 200
    assert list(engine.sessions) == []
    assert ask("DELETE", S)[0] == 200  # it is gone already


def test_sessions_know_nothing_of_each_other(ask: Ask) -> None:
    ask("POST", S + "/stubs", {"stubs": [STUB]})
    assert _shop(ask, session="other")[1]["id"] == "1"
    names = [each["name"] for each in ask("GET", "/sessions")[1]["sessions"]]
    assert names == ["other", "s"]


def test_faults_strike_and_go(ask: Ask) -> None:
    schedule = {"seed": 7, "rules": [{"fault": {"kind": "status", "status": 503}}]}
    assert ask("PUT", S + "/faults", schedule) == (200, None)
    assert ask("GET", S + "/faults") == (200, schedule)
    assert _shop(ask)[0] == 503
    assert ask("PUT", S + "/faults", {})[0] == 200
    assert _shop(ask)[0] == 200


def test_the_admin_service_is_neither_broken_nor_journalled(ask: Ask) -> None:
    ask("PUT", "/sessions/default/faults", {"rules": [{"fault": {"kind": "status", "status": 503}}]})
    ask("POST", "/sessions/default/stubs", {"stubs": [{"request": {}, "answers": [{"text": "mine"}]}]})
    assert ask("GET", "/server")[0] == 200
    assert ask("GET", "/sessions/default")[1]["requests"] == 0


def test_time_is_moved(ask: Ask) -> None:
    assert ask("PUT", S + "/clock", {"now_s": 1000.0}) == (200, {"now_s": 1000.0, "virtual": True, "waiting": 0})
    assert ask("PUT", S + "/clock", {"advance_s": 30})[1]["now_s"] == 1030.0
    assert ask("GET", S + "/clock")[1]["now_s"] == 1030.0
    assert ask("PUT", S + "/clock", {"real": True})[1]["virtual"] is False


def test_the_journal_and_verification(ask: Ask) -> None:
    _shop(ask, "/v1/items/1")
    _shop(ask, "/v1/items/2")
    status, page = ask("POST", S + "/journal", {"request": {"path": "/v1/items/2"}})
    assert (status, [each["seq"] for each in page["entries"]], page["more"]) == (200, [2], False)
    assert [each["seq"] for each in ask("GET", S + "/journal?after=1&limit=5")[1]["entries"]] == [2]
    assert ask("GET", S + "/journal?limit=1")[1]["more"] is True
    verdict = ask("POST", S + "/verify", {"request": {"path": "/v1/items/2"}, "count": {"min": 1, "max": 1}})[1]
    assert (verdict["ok"], verdict["matched"]) == (True, 1)
    verdict = ask("POST", S + "/verify", {"request": {"path": "/v1/items/3"}})[1]
    assert verdict["ok"] is False
    assert verdict["near_misses"][0]["differences"][0]["where"] == "path"
    assert ask("DELETE", S + "/journal")[0] == 200
    assert ask("GET", S)[1]["requests"] == 0


def test_why_no_stub_answered(ask: Ask) -> None:
    ask("POST", S + "/stubs", {"stubs": [STUB]})
    _shop(ask, "/v1/items/2")
    misses = ask("GET", S + "/journal/1/explain")[1]["near_misses"]
    assert misses == [{"stub": "a", "differences": [{"where": "path", "wanted": "/v1/items/1", "got": "/v1/items/2"}]}]


def test_the_faults_of_a_scenario_begin_at_its_time(ask: Ask) -> None:
    rules = [{"to_s": 5, "fault": {"kind": "status", "status": 503}}]
    for now in (5, 9e9):
        assert ask("POST", S + "/scenario", {"faults": {"rules": rules}, "virtual_time_s": now})[0] == 200
        assert _shop(ask)[0] == 503


def test_a_scenario_is_loaded_whole_or_not_at_all(ask: Ask) -> None:
    rules = [{"fault": {"kind": "hang"}}]
    status, said = ask("POST", S + "/scenario", {"stubs": [STUB], "faults": {"rules": rules}, "virtual_time_s": 5})
    assert (status, said) == (200, {"ids": ["a"]})
    facts = ask("GET", S)[1]
    assert (facts["stubs"], facts["fault_rules"], facts["clock"]["now_s"]) == (1, 1, 5.0)
    wrong = {
        "stubs": [STUB | {"id": "b"}],
        "faults": {"rules": [{"request": {"path_regex": "("}, "fault": {"kind": "hang"}}]},
    }
    assert ask("POST", S + "/scenario", wrong)[0] == 400
    facts = ask("GET", S)[1]
    assert (facts["stubs"], facts["fault_rules"]) == (1, 1)


async def _events(engine: Engine, target: str, count: int, asking: list[Request], **headers: str) -> list[bytes]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    waiting = engine.handle(Request("GET", "/__samewire/v1" + target, pairs, connection=Connection(1)))
    answer = waiting if isinstance(waiting, Answer) else await waiting
    assert dict(answer.headers)[b"content-type"] == b"text/event-stream"
    assert answer.chunks is not None
    seen = [await anext(answer.chunks)]
    for request in asking:
        engine.handle(request)
    async with asyncio.timeout(5):
        while len(seen) <= count:
            seen.append(await anext(answer.chunks))
    await answer.chunks.aclose()  # type: ignore[attr-defined]
    return seen


def _asked(number: int) -> Request:
    return Request("GET", f"/v1/items?limit={number}", [(b"x-samewire-session", b"s")], connection=Connection(1))


def test_the_journal_is_watched(engine: Engine) -> None:
    seen = asyncio.run(_events(engine, "/sessions/s/journal/watch", 2, [_asked(1), _asked(2)]))
    assert seen[0].startswith(b":")  # at once, so that the head of the answer goes out
    assert [each.split(b"\n")[0] for each in seen[1:]] == [b"id: 1", b"id: 2"]
    data = orjson.loads(seen[2].split(b"\n")[1].removeprefix(b"data: "))
    assert data["target"] == "/v1/items?limit=2"


def test_a_browser_that_comes_again_goes_on(engine: Engine) -> None:
    for number in (1, 2, 3):
        engine.handle(_asked(number))
    seen = asyncio.run(_events(engine, "/sessions/s/journal/watch?after=1", 1, [], last_event_id="2"))
    assert seen[1].startswith(b"id: 3\n")


def test_a_quiet_watch_beats(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "BEAT", 0.01)
    seen = asyncio.run(_events(engine, "/sessions/s/journal/watch", 2, []))
    assert seen[1:] == [b": \n\n", b": \n\n"]
    assert not engine.session("s").journal.watched  # nothing is left behind


def test_a_watch_ends_with_its_session(engine: Engine) -> None:
    async def run() -> None:
        watching = engine.handle(
            Request("GET", "/__samewire/v1/sessions/s/journal/watch", [], connection=Connection(1))
        )
        answer = watching if isinstance(watching, Answer) else await watching
        assert answer.chunks is not None
        await anext(answer.chunks)
        deleted = engine.handle(Request("DELETE", "/__samewire/v1/sessions/s", [], connection=Connection(1)))
        assert not isinstance(deleted, Answer) and (await deleted).status == 200
        async with asyncio.timeout(5):
            assert [piece async for piece in answer.chunks] == []

    asyncio.run(run())


def test_every_method_of_the_service_is_there(engine: Engine) -> None:
    assert engine.admin_backend is not None
    for method in engine._admin_methods.values():
        assert callable(getattr(engine.admin_backend, method.py_name, None)), method.rpc
