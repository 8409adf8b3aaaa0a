"""The call `chunks.order`: a training client that sends what it was given, to nobody."""

from __future__ import annotations

import json
import types as kinds
from typing import Any

from parity.testees.tinker_sdk import offline
from parity.testees.tinker_sdk.answer import Call, sdk

types = sdk("types")
_client = sdk("lib.public_interfaces.training_client")
_holder = sdk("lib.internal_client_holder")
_loop = _holder._internal_client_holder_thread_singleton
PROTO = "application/x-protobuf"


def calls() -> dict[str, Call]:
    return {"chunks.order": order}


def order(given: Any) -> Any:
    sent: list[int] = []

    def accept(request: Any) -> Any:
        if request.url.path.endswith("/forward_backward"):
            sent.append(_sequence(request))
            return offline.response({"status": 200, "body": {"request_id": str(sent[-1])}})
        if request.headers["accept"] == PROTO:
            return offline.httpx.Response(200, headers={"content-type": PROTO}, request=request)
        body = {"loss_fn_output_type": "", "loss_fn_outputs": [], "metrics": {}}
        return offline.response({"status": 200, "body": body})

    training, size = _training(offline.client(accept), given)
    datum = types.Datum(model_input=types.ModelInput.from_ints([1]), loss_fn_inputs={})
    training.forward_backward([datum] * (size * given["chunks"]), "cross_entropy").result(timeout=30)
    return sent


def _training(tinker: Any, given: Any) -> tuple[Any, int]:
    """A client whose next request is `first`, and how many data fill a chunk."""
    kind = _holder.InternalClientHolder
    if hasattr(types, "ClientConfigResponse"):
        more = {"parallel_fwdbwd_chunks": given["parallel"]} if "parallel" in given else {}
        config = types.ClientConfigResponse(fwdbwd_max_chunk_len=1, **more)
        holder = offline.holder(tinker, _client_config=config)
        holder._fwdbwd_dispatch_bytes_semaphore = _holder.BytesSemaphore(10**9)
        info = types.GetInfoResponse(model_data={}, model_id="m")
        training, size = _client.TrainingClient(holder, 0, "m", info=info), 1
    else:
        holder = offline.holder(tinker)
        training, size = _client.TrainingClient(holder, 0, "m"), _client.MAX_CHUNK_LEN
    holder._loop = _loop.get_loop()
    holder.run_coroutine_threadsafe = kinds.MethodType(kind.run_coroutine_threadsafe, holder)
    training._request_id_counter = training._turn_counter = given["first"] - 1
    return training, size


def _sequence(request: Any) -> int:
    if request.headers["content-type"] == PROTO:
        number = sdk("proto.tinker_public_pb2").ForwardBackwardRequest.FromString(request.content).seq_id
    else:
        number = json.loads(request.content)["seq_id"]
    return int(number)
