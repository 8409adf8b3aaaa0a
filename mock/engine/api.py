"""The APIs that a server serves, as the generated modules describe them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import orjson
from samewire_wire import MessageSpec, registry

from mock.engine.backend import Backend

FORMAT = 1  # of samewire.v1.RouteTable


@dataclass(frozen=True, slots=True)
class Route:
    """One way to call a method over HTTP; see HttpRoute in samewire/v1/routes.proto."""

    verb: str
    path: str
    match: str
    fields: tuple[str, ...]
    body: str
    response_body: str


@dataclass(frozen=True, eq=False)
class Method:
    """One method of a service; see RouteMethod in samewire/v1/routes.proto for what the facts mean."""

    api: Api
    service: str
    name: str
    py_name: str
    client_streaming: bool
    server_streaming: bool
    dialects: tuple[str, ...]
    routes: tuple[Route, ...]
    status: int
    stream: str
    stream_field: str
    stream_default: bool
    result_name: str
    binary_dialects: tuple[str, ...]
    binary_request_name: str
    binary_result_name: str
    body_ignored: bool
    produces: str
    request_name: str
    response_name: str

    @cached_property
    def rpc(self) -> str:
        return f"{self.service}/{self.name}"

    @cached_property
    def request(self) -> MessageSpec:
        return registry.find(self.request_name)

    @cached_property
    def response(self) -> MessageSpec:
        return registry.find(self.response_name)

    @cached_property
    def result(self) -> MessageSpec | None:
        """Of a promise: what it resolves to."""
        return registry.find(self.result_name) if self.result_name else None

    @cached_property
    def binary_request(self) -> MessageSpec:
        return registry.find(self.binary_request_name or self.request_name)

    @cached_property
    def binary_result(self) -> MessageSpec:
        return registry.find(self.binary_result_name or self.result_name or self.response_name)

    def __repr__(self) -> str:
        return f"<method {self.rpc}>"


class Api:
    """A backend and the services that it is behind.

    `modules`: generated modules of the .proto files with the services, "tinker.v1.service_wire"; they are imported.
    Each has a table of routes beside it. Raises ValueError for a module without one.
    """

    def __init__(self, name: str, modules: Sequence[str], backend: type[Backend]) -> None:
        self.name = name
        self.modules = tuple(modules)
        self.backend = backend
        self.methods: tuple[Method, ...] = tuple(method for module in modules for method in self._read(module))
        # The messages that clients may ask for as application/x-protobuf.
        self.binary_results = frozenset(each.binary_result_name for each in self.methods if each.binary_result_name)

    def _read(self, module: str) -> Iterator[Method]:
        importlib.import_module(module)
        folder, _, stem = module.rpartition(".")
        try:
            routes = importlib.import_module(f"{folder}._{stem}_routes" if folder else f"_{stem}_routes")
        except ModuleNotFoundError:
            raise ValueError(f"{module}: its .proto has no services, so there is nothing to serve") from None
        for each in routes.MODULES:
            importlib.import_module(each)
        table = orjson.loads(routes.TABLE)
        if table["format"] != FORMAT:
            raise ValueError(f"{module}: its routes have format {table['format']}, this engine reads {FORMAT}")
        for each in table["methods"]:
            yield self._method(each)

    def _method(self, row: dict[str, Any]) -> Method:
        return Method(
            api=self,
            service=row["service"],
            name=row["method"],
            py_name=row["py_name"],
            client_streaming=row["client_streaming"],
            server_streaming=row["server_streaming"],
            dialects=tuple(row["dialects"]),
            routes=tuple(
                Route(
                    each["verb"],
                    each["path"],
                    each["match"],
                    tuple(each["fields"]),
                    each["body"],
                    each["response_body"],
                )
                for each in row["routes"]
            ),
            status=row["status"],
            stream=row["stream"],
            stream_field=row["stream_field"],
            stream_default=row["stream_default"],
            result_name=row["result"],
            binary_dialects=tuple(row["binary_dialects"]),
            binary_request_name=row["binary_request"],
            binary_result_name=row["binary_result"],
            body_ignored=row["body_ignored"],
            produces=row["produces"],
            request_name=row["request"],
            response_name=row["response"],
        )

    def __repr__(self) -> str:
        return f"<api {self.name}>"


class Apis:
    """All that one server serves, the admin service included."""

    def __init__(self, apis: Sequence[Api]) -> None:
        self.apis = tuple(apis)
        self._methods = {method.rpc: method for api in apis for method in api.methods}

    def __iter__(self) -> Iterator[Api]:
        return iter(self.apis)

    @property
    def methods(self) -> tuple[Method, ...]:
        return tuple(self._methods.values())

    def api(self, name: str) -> Api:
        """Raises LookupError, with what there is."""
        for each in self.apis:
            if each.name == name:
                return each
        raise LookupError(f"no API {name!r} is served here; there are {', '.join(each.name for each in self.apis)}")

    def method(self, rpc: str) -> Method:
        """By "package.Service/Method". Raises LookupError, with what may have been meant."""
        try:
            return self._methods[rpc]
        except KeyError:
            raise LookupError(f"no method {rpc!r} is served here{_meant(rpc, list(self._methods))}") from None

    def find(self, rpc: str) -> Method | None:
        return self._methods.get(rpc)

    def message(self, full_name: str) -> MessageSpec:
        """Of any generated module that was imported. Raises LookupError, with what may have been meant."""
        try:
            return registry.find(full_name)
        except LookupError:
            names = [spec.full_name for spec in registry]
            raise LookupError(f"no message {full_name!r} is known here{_meant(full_name, names)}") from None


def _meant(name: str, names: list[str]) -> str:
    close = get_close_matches(name, names, 1, 0.5)
    return f"; did you mean {close[0]!r}?" if close else ""
