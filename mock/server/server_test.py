import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from mock.engine.api import Apis
from mock.engine.engine import Engine
from mock.engine.testing.backend import shop_api
from mock.server.certificate import generated
from mock.server.server import CannotListen, Listener, Server

T = TypeVar("T")


async def ask(address: tuple[str, int] | str, path: str) -> bytes:
    if isinstance(address, str):
        reader, writer = await asyncio.open_unix_connection(address)
    else:
        reader, writer = await asyncio.open_connection(*address)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer


def serving(do: Callable[[Server, Engine], Awaitable[T]], *listeners: Listener, tls: bool = False) -> T:
    async def story() -> T:
        engine = Engine(Apis([shop_api()]))
        server = Server(engine, listeners or [Listener()], generated() if tls else None)
        await server.start()
        try:
            return await do(server, engine)
        finally:
            await server.stop()

    return asyncio.run(story())


def port(url: str) -> int:
    return int(url.rpartition(":")[2])


def test_a_port_of_its_own_for_a_session() -> None:
    async def do(server: Server, engine: Engine) -> list[int]:
        for url in server.urls:
            assert b'{"id":"x"' in await ask(("127.0.0.1", port(url)), "/v1/items/x")
        return [len(engine.session(name).journal.page().entries) for name in ("default", "mine")]

    assert serving(do, Listener(), Listener(session="mine")) == [1, 1]


def test_a_unix_socket_and_one_that_was_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the names of sockets are short
    path = Path("mock.sock")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))

    async def do(server: Server, engine: Engine) -> bytes:
        with pytest.raises(CannotListen, match="listens there already"):
            await Server(engine, [Listener(path=path)]).start()
        return await ask(str(path), "/health")

    assert serving(do, Listener(path=path)).endswith(b"fine")
    assert not path.exists()


def test_a_port_that_is_taken() -> None:
    async def do(server: Server, engine: Engine) -> str:
        with pytest.raises(CannotListen) as error:
            await Server(engine, [Listener(port=port(server.urls[0]))]).start()
        return str(error.value)

    assert "Address already in use" in serving(do)


def test_it_stops_within_a_second_with_streams_open() -> None:
    async def story() -> float:
        engine = Engine(Apis([shop_api()]))
        server = Server(engine, [Listener()])
        await server.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port(server.urls[0]))
        await engine.session("default").clock.set(0)
        writer.write(b"GET /v1/items/x/watch HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"data:")
        start = time.monotonic()
        await server.stop()
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readuntil(b"never")
        writer.close()
        return time.monotonic() - start

    assert asyncio.run(story()) < 1
