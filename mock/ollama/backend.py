"""The backend: methods of both APIs, each done in a room of its own."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable
from typing import Any, ClassVar

from ollama.mock.v1.mock_wire import OllamaSettings
from ollama.openai.v1 import chat_wire as oc
from ollama.openai.v1 import completions_wire as op
from ollama.openai.v1 import embeddings_wire as oe
from ollama.openai.v1 import models_wire as om
from ollama.v1 import blobs_wire as b
from ollama.v1 import chat_wire as c
from ollama.v1 import embed_wire as e
from ollama.v1 import generate_wire as g
from ollama.v1 import manage_wire as m
from ollama.v1 import models_wire as mo
from ollama.v1.version_wire import VersionResponse
from samewire_wire import MessageSpec, WireError

from mock.engine import writing
from mock.engine.answer import JSON, Answer, Pairs
from mock.engine.backend import Backend, Call, Refusal
from mock.engine.clock import Clock
from mock.engine.request import Request
from mock.ollama import refusal, unreadable
from mock.ollama.inference import Inference
from mock.ollama.manage import Manage, last
from mock.ollama.native import Chatted, Generated, Native
from mock.ollama.openai import OpenAI
from mock.ollama.state import State

DIALECT = "ollama-server"
_COMPATIBLE = "/v1/"
# What gin says of JSON; the middleware of /v1 says "application/json".
_GIN_JSON: Pairs = ((b"content-type", b"application/json; charset=utf-8"),)
_LOCAL_NAMES = (".localhost", ".local", ".internal")


class OllamaBackend(Backend):
    settings: ClassVar[MessageSpec | None] = OllamaSettings.WIRE
    raw: ClassVar[frozenset[str]] = frozenset({"create_blob"})

    def __init__(self, clock: Clock, seed: int, session: str) -> None:
        super().__init__(clock, seed, session)
        self.state = State(clock)
        inference = Inference(self.state)
        self._manage = Manage(self.state)
        self._native = Native(self.state, inference)
        self._openai = OpenAI(self.state, inference, self._native, self._manage)

    def configure(self, settings: OllamaSettings) -> None:
        self.state.change(settings)

    def dialect(self, request: Request) -> str | None:
        return DIALECT

    def admit(self, request: Request) -> None:
        """On loopback only for hosts of this machine: a page in a browser can't get here by a name of its own."""
        if self.state.check_host and _is_loopback(request.connection.peer) and not _is_local(_host(request)):
            raise Refusal(403)

    def json_type(self, request: Request) -> Pairs:
        return JSON if request.path.startswith(_COMPATIBLE) else _GIN_JSON

    def mended(self, request: Request, error: WireError) -> bytes | None:
        return unreadable.mended(request.body, error)

    def unreadable(self, request: Request, error: WireError | str) -> Answer:
        refused = unreadable.refused(request.body, error)
        if request.path.startswith(_COMPATIBLE):
            # Its own middleware reads the body and knows no other error.
            text = "EOF" if refused.message == "missing request body" else refused.message
            refused = refusal.compatible(400, text)
        return writing.refused(None, refused, self.json_type(request))

    # Native

    def root(self, request: Any, call: Call) -> str:
        return "Ollama is running"

    def version(self, request: Any, call: Call) -> VersionResponse:
        return VersionResponse(version=self.state.version)

    def generate(self, request: g.GenerateRequest, call: Call) -> Generated:
        return self._native.generate(request, call.streamed)

    def chat(self, request: c.ChatRequest, call: Call) -> Chatted:
        return self._native.chat(request, call.streamed)

    def embed(self, request: e.EmbedRequest, call: Call) -> e.EmbedResponse | Awaitable[e.EmbedResponse]:
        return self._native.embed(request)

    def embeddings(
        self, request: e.EmbeddingsRequest, call: Call
    ) -> e.EmbeddingsResponse | Awaitable[e.EmbeddingsResponse]:
        return self._native.embeddings(request)

    def process(self, request: Any, call: Call) -> mo.ProcessResponse:
        return self._manage.loaded()

    def show(self, request: mo.ShowRequest, call: Call) -> mo.ShowResponse:
        return self._manage.show(request)

    def pull(self, request: m.PullRequest, call: Call) -> Any:
        return _steps(call, self._manage.pull(request))

    def push(self, request: m.PushRequest, call: Call) -> Any:
        return _steps(call, self._manage.push(request))

    def create(self, request: m.CreateRequest, call: Call) -> Any:
        return _steps(call, self._manage.create(request))

    def copy(self, request: m.CopyRequest, call: Call) -> None:
        self._manage.copy(request)

    def delete(self, request: m.DeleteRequest, call: Call) -> None:
        self._manage.delete(request)

    def list(self, request: Any, call: Call) -> mo.ListResponse:
        return self._manage.tags()

    def head_blob(self, request: b.HeadBlobRequest, call: Call) -> None:
        if self.state.blobs.find(request.digest) is None:
            raise refusal.native(404, f"blob {refusal.quoted(request.digest)} not found")

    def create_blob(self, request: b.CreateBlobRequest, call: Call) -> Awaitable[None] | None:
        if self.state.blobs.find(request.digest) is not None:
            call.status = 200
            return None
        if call.request.incoming is not None:
            return self.state.blobs.put(request.digest, call.request.incoming)
        self.state.blobs.put_whole(request.digest, request.blob.data if request.blob else b"")
        return None

    # OpenAI-compatible

    def create_chat_completion(
        self, request: oc.ChatCompletionRequest, call: Call
    ) -> oc.ChatCompletion | Awaitable[oc.ChatCompletion] | AsyncIterator[oc.ChatCompletionChunk]:
        return self._openai.chat(request)

    def create_completion(
        self, request: op.CompletionRequest, call: Call
    ) -> op.Completion | Awaitable[op.Completion] | AsyncIterator[op.Completion]:
        return self._openai.complete(request)

    def create_embeddings(
        self, request: oe.EmbeddingRequest, call: Call
    ) -> oe.EmbeddingList | Awaitable[oe.EmbeddingList]:
        return self._openai.embed(request)

    def list_models(self, request: Any, call: Call) -> om.ModelList:
        return self._openai.models()

    def get_model(self, request: om.GetModelRequest, call: Call) -> om.Model:
        return self._openai.model(request)


def _steps(call: Call, steps: AsyncIterator[m.ProgressResponse]) -> Any:
    return steps if call.streamed else last(steps)


def _host(request: Request) -> str:
    """Without the port."""
    host = (request.header(b"host") or request.header(b":authority") or b"").decode("latin-1").lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") == 1 else host


def _is_loopback(peer: str) -> bool:
    """`peer`: address, with or without a port; "" for calls within the process."""
    address = peer[1:].partition("]")[0] if peer.startswith("[") else peer
    if address.count(":") == 1:
        address = address.partition(":")[0]
    try:
        return not peer or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _is_local(host: str) -> bool:
    if host in ("", "localhost", socket.gethostname().lower()) or host.endswith(_LOCAL_NAMES):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private or address.is_unspecified
