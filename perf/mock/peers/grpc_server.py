"""The endpoint on a bare grpcio server: `grpc_server.py sync|aio PORT MODEL TIER REPLY`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import json_format

from perf.mock import chat

_THREADS = 8  # of the synchronous server; its best here
_OPTIONS = [("grpc.so_reuseport", 0)]


def handler(behaviour: Callable[[Any, Any], Any]) -> grpc.GenericRpcHandler:
    request, response = chat.message("ChatRequest"), chat.message("ChatResponse")
    method = grpc.unary_unary_rpc_method_handler(
        behaviour, request_deserializer=request.FromString, response_serializer=response.SerializeToString
    )
    return grpc.method_handlers_generic_handler(chat.SERVICE, {"Chat": method})


def sync(port: int, model: str, tier: str, reply: Any) -> None:
    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        if request.model != model or request.user.tier != tier:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such chat")
        return reply

    server = grpc.server(ThreadPoolExecutor(_THREADS), options=_OPTIONS)
    server.add_generic_rpc_handlers((handler(answer),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


async def aio(port: int, model: str, tier: str, reply: Any) -> None:
    async def answer(request: Any, context: Any) -> Any:
        if request.model != model or request.user.tier != tier:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such chat")
        return reply

    server = grpc.aio.server(options=_OPTIONS)
    server.add_generic_rpc_handlers((handler(answer),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    kind, number, model, tier, text = sys.argv[1:]
    ready = json_format.Parse(text, chat.message("ChatResponse")())
    if kind == "sync":
        sync(int(number), model, tier, ready)
    else:
        asyncio.run(aio(int(number), model, tier, ready))
