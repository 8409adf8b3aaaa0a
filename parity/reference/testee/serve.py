"""The testee protocol (proto/samewire/parity/v1/testee.proto): frames on stdin and stdout, several requests at once."""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
from asyncio import IncompleteReadError, StreamReader
from typing import BinaryIO

from samewire.parity.v1.testee_wire import Hello, Rejection, Request, Response
from samewire_wire import Model, WireError

from parity.bridge.testee import calls as bridge
from parity.bridge.testee.refusal import Refusal
from parity.reference import dialect
from parity.reference.testee.calls import CALLS, REFUSALS

NAME = "reference"
WINDOW = 4


async def serve() -> None:
    """Until stdin ends and all requests are answered."""
    # What anybody prints belongs on stderr: stdout is for frames.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    reader = StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _send(
        out,
        Hello(
            name=NAME,
            title="Reference client, Python and httpx",
            language="python",
            dialects=[*dialect.DIALECTS, *bridge.DIALECTS],
            calls=[*CALLS, *bridge.CALLS],
            window=WINDOW,
        ),
    )
    async with asyncio.TaskGroup() as group:
        while body := await _body(reader):
            group.create_task(_respond(out, Request.from_wire(body)))


async def answer(request: Request) -> Response:
    """Never raises: what goes wrong is an outcome too."""
    if request.call not in CALLS and request.call not in bridge.CALLS:
        return Response(id=request.id, unsupported=f"there is no call {request.call}")
    try:
        if request.call in bridge.CALLS:
            result = bridge.CALLS[request.call](request.input, request.dialect)
        else:
            result = CALLS[request.call](request.input, dialect.find(request.dialect))
        if inspect.isawaitable(result):
            result = await result
        return Response(id=request.id, result=result)
    except Refusal as error:
        return Response(id=request.id, rejected=Rejection(reason=str(error), kind=error.kind))
    except tuple(REFUSALS) as error:
        kind = next(kind for refused, kind in REFUSALS.items() if isinstance(error, refused))
        where = error.path if isinstance(error, WireError) else None
        return Response(id=request.id, rejected=Rejection(reason=str(error), kind=kind, path=where))
    except Exception as error:
        return Response(id=request.id, failed=f"{type(error).__name__}: {error}")


async def _respond(out: BinaryIO, request: Request) -> None:
    _send(out, await answer(request))


async def _body(reader: StreamReader) -> bytes:
    """Empty at the end."""
    try:
        header = await reader.readexactly(4)
        return await reader.readexactly(int.from_bytes(header, "big"))
    except IncompleteReadError:
        return b""


def _send(out: BinaryIO, message: Model) -> None:
    body = message.to_wire()
    rest = memoryview(len(body).to_bytes(4, "big") + body)
    while rest:
        rest = rest[out.write(rest) :]
