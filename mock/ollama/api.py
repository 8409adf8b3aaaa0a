"""What the engine serves as "ollama"."""

from __future__ import annotations

from mock.engine.api import Api
from mock.ollama.backend import OllamaBackend

NAME = "ollama"
SERVICES = ("ollama.v1.service_wire", "ollama.openai.v1.service_wire")


def api() -> Api:
    return Api(NAME, SERVICES, OllamaBackend)
