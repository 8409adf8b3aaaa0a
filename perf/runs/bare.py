"""The least that a build event service can do in Python: it reads each event's number and says it back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
import uvloop
from bazel import publish_build_event_pb2 as pb

from tools.runs.bes.service import SERVICE


async def acknowledge(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
    async for request in requests:
        ordered = pb.PublishBuildToolEventStreamRequest.FromString(request).ordered_build_event
        answer = pb.PublishBuildToolEventStreamResponse(
            stream_id=ordered.stream_id, sequence_number=ordered.sequence_number
        )
        yield answer.SerializeToString()


async def serve() -> None:
    server = grpc.aio.server()
    method = grpc.stream_stream_rpc_method_handler(acknowledge)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE, {"PublishBuildToolEventStream": method}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"grpc://127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())
