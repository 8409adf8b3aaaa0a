"""What the engine serves as "tinker"."""

from __future__ import annotations

from mock.engine.api import Api
from mock.tinker.backend import TinkerBackend

NAME = "tinker"
SERVICES = ("tinker.v1.service_wire",)


def api() -> Api:
    return Api(NAME, SERVICES, TinkerBackend)
