"""Stubs, fault schedules, verifications and whole scenarios that are almost right: taken or refused, and what was taken
does no harm to the requests after it."""

from __future__ import annotations

from random import Random

from mock.fuzz import traffic, values
from mock.fuzz.effort import Effort
from mock.fuzz.patterns import json_path, pattern
from mock.fuzz.target import Found, Target

CONFIGURING = (
    "AddStubs",
    "SetFaults",
    "LoadScenario",
    "Verify",
    "ListJournal",
    "SetScenarioState",
    "SetClock",
    "ConfigureBackend",
)
# Stubs and faults may ask for these, and for anything in the middle of an answer.
ASKED = 500
TEXTS = (
    "{{request.json.id}}",
    "{{",
    "}}",
    "{{request.path}}",
    "{{now}}",
    "{{seq}}",
    "{{random.int 1 0}}",
    "{{request.json.a | int}}",
    "{{#each a}}",
    "{{request.headers.x",
    "{{uuid}}",
    "/v1/*",
    "/v1/{a}",
    "/**",
    "started",
    "a" * 3000,
    "\0",
)


def test_configuration(target: Target, effort: Effort) -> None:
    configuring = [each for each in target.admin.methods if each.name in CONFIGURING]
    assert len(configuring) == len(CONFIGURING)
    corpus = traffic.corpus(target.engine.apis.api("shop").methods, effort.seed, 2)
    taken = refused = 0

    async def one(random: Random) -> None:
        nonlocal taken, refused
        said = []
        try:
            for _ in range(random.randint(1, 3)):
                method = random.choice(configuring)
                [route] = [each for each in method.routes if each.body]
                value = _seasoned(random, values.message(random, method.request, "default"))
                body = value if route.body == "*" or not isinstance(value, dict) else value.get(route.body, {})
                text = values.text(random, body, random.choice((0, 0, 0.02, 0.1))).encode("utf-8", "surrogatepass")
                path = route.path.replace("{session}", "default").replace("{name}", "a").replace("{api}", "ollama")
                said.append(traffic.request(route.verb, path, b"", text))
                found = await target.talk([said[-1]])
                if len(found) != 1:
                    raise Found(f"one request, {len(found)} answers")
                taken += found[0].status == 200
                refused += 400 <= found[0].status < 500
            said.append(random.choice(corpus))
            # What was asked for may be an answer that is none.
            await target.talk([said[-1]], broken=True)
        except Exception as error:
            raise Found(f"{error}\n{said!r:.20000}") from error
        finally:
            await target.renew()

    target.run(target.rounds(effort, 4_000, one))
    # Neither all wrong nor all right: both ways were tried.
    assert taken > effort.round // 20 and refused > effort.round // 20, (taken, refused)


def _seasoned(random: Random, value: object) -> object:
    """Patterns, paths and templates where there is text."""
    if isinstance(value, dict):
        if "within_s" in value:
            value["within_s"] = 1  # the client's own wish: it waits as long as it likes, on real time
        return {
            key: _spice(random, key) if isinstance(each, str) else _seasoned(random, each)
            for key, each in value.items()
        }
    return [_seasoned(random, each) for each in value] if isinstance(value, list) else value


def _spice(random: Random, key: str) -> str:
    if random.random() < 0.3:
        return random.choice(("default", "GET", "POST", "a", "shop.v1.Item", "shop.v1.ShopService/GetItem", "ollama"))
    if key == "regex":
        return pattern(random)
    return random.choice((json_path(random), random.choice(TEXTS))) if key != "session" else "default"
