"""The admin service as an API that the engine serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock.admin.backend import AdminBackend
from mock.engine.api import Api

if TYPE_CHECKING:
    from mock.engine.engine import Engine

NAME = "samewire"


def admin_api(engine: Engine) -> Api:
    """MockService over the sessions of `engine`: `engine.administer(admin_api(engine))`."""

    class Bound(AdminBackend):
        pass

    Bound.engine = engine
    return Api(NAME, ["samewire.mock.v1.admin_wire"], Bound)
