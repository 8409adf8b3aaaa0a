"""An engine with a shop and its admin service, in process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from mock.admin.api import admin_api
from mock.engine.answer import Answer
from mock.engine.api import Apis
from mock.engine.engine import Engine
from mock.engine.request import Connection, Request
from mock.engine.testing.backend import shop_api

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def engine() -> Engine:
    engine = Engine(Apis([shop_api()]))
    engine.administer(admin_api(engine))
    return engine


@pytest.fixture
def ask(engine: Engine) -> Ask:
    """`ask("PUT", "/sessions/a/clock", {"advance_s": 1})`: status and JSON. `whole`: the path is no admin path."""

    def send(verb: str, path: str, body: Any = None, *, whole: bool = False, **headers: str) -> tuple[int, Any]:
        pairs = [(b"host", b"127.0.0.1:8000")]
        for name, value in headers.items():
            key = name.replace("_", "-").encode()
            pairs = [pair for pair in pairs if pair[0] != key] + [(key, value.encode())]
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        target = path if whole else "/__samewire/v1" + path
        answer = asyncio.run(_answered(engine, Request(verb, target, pairs, data, connection=Connection(1))))
        return answer.status, orjson.loads(answer.body) if answer.body else None

    return send


async def _answered(engine: Engine, request: Request) -> Answer:
    answer = engine.handle(request)
    answer = answer if isinstance(answer, Answer) else await answer
    if answer.record is not None:
        answer.record.close("complete")
    return answer
