"""`scenario`: a script of steps, done by this client against the mock."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from typing import Any

from parity.reference import config
from parity.reference.clock import Random
from parity.reference.dialect import Dialect
from parity.reference.limiter import RateLimits
from parity.reference.noted_clock import NotedClock
from parity.reference.service import ServiceClient
from parity.reference.testee import outcome
from parity.reference.testee.steps import STEPS, Actor

_KEY = "tml-key"


async def play(given: Any, dialect: Dialect) -> Any:
    """The outcomes of all steps, and what the client would have slept."""
    stage = Stage(given, dialect)
    try:
        outcomes = [await stage.outcome(step) for step in given["steps"]]
    finally:
        await stage.aclose()
    return {"steps": outcomes, "slept_s": stage.clock.slept}


class Stage:
    """The clients of one scenario; they share nothing with those of others."""

    def __init__(self, given: Any, dialect: Dialect) -> None:
        self._config: Mapping[str, Any] = given.get("config") or {}
        self.clock = NotedClock(real=self._config.get("real_time", False))
        self._dialect = dialect
        self._base_url: str = given["base_url"]
        self._random: Random = lambda: float(given.get("random", 0.0))
        self._limits = RateLimits(self.clock)
        self._actors: dict[str, Actor] = {}

    async def outcome(self, step: Any) -> Any:
        """An outcome; a list of them for `together` and `in_turn`."""
        if step["do"] == "in_turn":
            return [await self.outcome(each) for each in step["steps"]]
        if step["do"] == "together":
            # Tasks begin in the order of their making, and run until they first wait.
            return await asyncio.gather(*[asyncio.create_task(self.outcome(each)) for each in step["steps"]])
        try:
            return {"ok": await self._do(step)}
        except Exception as error:
            return outcome.of_error(error)

    async def aclose(self) -> None:
        for actor in self._actors.values():
            await actor.service.session.aclose(tell=False)

    async def _do(self, step: Any) -> Any:
        name, told = step["do"], step.get("with") or {}
        if name == "client":
            self._actors[told["as"]] = self._actor(told.get("config") or {})
            return {}
        result = STEPS[name](self._named(told.get("client", "")), told)
        return await result if inspect.isawaitable(result) else result

    def _named(self, name: str) -> Actor:
        if name == "" and name not in self._actors:
            self._actors[name] = self._actor(self._config)
        return self._actors[name]

    def _actor(self, told: Mapping[str, Any]) -> Actor:
        return Actor(self._service(told), self._dialect, lambda: self._service(told))

    def _service(self, told: Mapping[str, Any]) -> ServiceClient:
        address = self._base_url + told.get("base_path", "")
        env = {name: value.replace("{base_url}", address) for name, value in (told.get("env") or {}).items()}
        made = config.resolve(
            self._dialect,
            env,
            base_url=None if "TINKER_BASE_URL" in env else address,
            api_key=told.get("api_key", None if "env" in told else _KEY),
            timeout_s=told.get("timeout_s"),
            max_retries=told.get("max_retries"),
            tags=tuple(told["tags"]) if "tags" in told else None,
            headers=told.get("headers"),
            user_metadata=told.get("user_metadata"),
            telemetry=told.get("telemetry", None if "TINKER_TELEMETRY" in env else False),
        )
        return ServiceClient(made, clock=self.clock, random=self._random, limits=self._limits)
