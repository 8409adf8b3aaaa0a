"""A backend that answers every method with a valid message made of nothing but the definitions."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import AsyncIterator, Awaitable
from random import Random
from typing import Any

import orjson
from samewire_wire import MessageSpec, WireError
from samewire_wire import _rules as r

from mock.engine.backend import Backend, Call, Refusal
from mock.engine.writing import EMPTY, spec_of

MESSAGES = 3  # of a stream


class GeneratedBackend(Backend):
    """Equal requests get equal answers. What request and answer both have (an id) comes back as it was asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._handle

    def _handle(self, message: Any, call: Call) -> Any:
        if call.method.client_streaming:
            return self._pairs(message, call) if call.method.server_streaming else self._collect(message, call)
        return self._several(message, call) if call.method.server_streaming else self._one(message, call, 0)

    async def _several(self, message: Any, call: Call) -> AsyncIterator[Any]:
        for number in range(MESSAGES if call.streamed else 1):
            yield self._one(message, call, number)

    async def _pairs(self, messages: AsyncIterator[Any], call: Call) -> AsyncIterator[Any]:
        """One answer for each message, as it comes."""
        number = 0
        async for message in messages:
            yield self._one(message, call, number)
            number += 1

    def _collect(self, messages: AsyncIterator[Any], call: Call) -> Awaitable[Any]:
        async def collect() -> Any:
            last = None
            async for message in messages:
                last = message
            return self._one(last, call, 0)

        return collect()

    def _one(self, message: Any, call: Call, number: int) -> Any:
        spec = call.method.response
        dialect = call.dialect if call.dialect in spec.dialects else (spec.dialects or ("protojson",))[0]
        if spec.full_name == EMPTY:
            return spec.read(b"{}", None)
        asked = _json(spec_of(message, call.method.request), message, call.dialect)
        seed = zlib.crc32(orjson.dumps([asked, call.method.rpc, number, self.seed]))
        made = _make(spec, dialect, seed)
        if isinstance(made, dict) and isinstance(asked, dict):
            rule = spec.rule(dialect)
            known = {key.key for key in rule.keys} if isinstance(rule, r.Object) else set()
            try:
                return spec.read(orjson.dumps(made | {key: asked[key] for key in known & asked.keys()}), dialect)
            except WireError:
                pass  # the same name, but not the same values are allowed
        return spec.read(orjson.dumps(made), dialect)


def _json(spec: MessageSpec, message: Any, dialect: str) -> Any:
    if message is None:
        return None
    return orjson.loads(spec.write(message, dialect if dialect in spec.dialects else None))


def _make(spec: MessageSpec, dialect: str, seed: int) -> Any:
    """A value of the message as JSON. Raises Refusal where its package has none."""
    try:
        values = importlib.import_module(spec.file.module.removesuffix("_wire") + "_bulk").VALUES
        return values[spec.full_name, dialect](Random(seed).getrandbits)
    except (ModuleNotFoundError, KeyError):
        raise Refusal(501, {"error": f"{spec.full_name} is not generated here"}) from None
