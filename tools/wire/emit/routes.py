"""Routes: one `routes.json` per package that has services, in the shape of samewire/v1/routes.proto (a RouteTable).

`modules` makes the same for Python, one `_service_wire_routes.py` beside each generated module whose .proto has
services: its `TABLE` is the text of a RouteTable.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tools.wire.emit.source import HEADER
from tools.wire.ir import Method, Route, Schema, Service

FORMAT = 1
VARIABLE = re.compile(r"\{([A-Za-z_][\w.]*)(?:=([^{}]+))?\}")


def emit(schema: Schema) -> dict[str, str]:
    """Path -> text, for the packages whose services are generated."""
    packages = {file.name: file.package for file in schema.files if file.generate}
    services: dict[str, list[Service]] = {}
    for service in schema.services:
        if service.file in packages:
            services.setdefault(packages[service.file], []).append(service)
    return {
        f"{package.replace('.', '/')}/routes.json".lstrip("/"): _text(_table(schema, package, found))
        for package, found in services.items()
    }


def modules(schema: Schema) -> dict[str, str]:
    """Path -> text, for the .proto files with services that are generated."""
    texts: dict[str, str] = {}
    for file in schema.files:
        services = [service for service in schema.services if service.file == file.name]
        if file.generate and services:
            folder, _, stem = file.module.rpartition(".")
            table = json.dumps(_table(schema, file.package, services), ensure_ascii=False, separators=(",", ":"))
            header = HEADER.format(title=f"The routes of {file.name}.", file=file.name)
            needs = tuple(sorted(_modules(schema, services)))
            path = f"{folder.replace('.', '/')}/_{stem}_routes.py".lstrip("/")
            texts[path] = f"{header}\n# Where the messages are.\nMODULES = {needs!r}\n\nTABLE = {table!r}\n"
    return texts


def _modules(schema: Schema, services: list[Service]) -> set[str]:
    """The generated modules of the messages that the services name."""
    named = {
        name
        for service in services
        for each in service.methods
        for name in (each.input, each.output, each.result, each.binary_request, each.binary_result)
    }
    files = {message.file for message in schema.messages if message.full_name in named}
    return {file.module for file in schema.files if file.name in files and file.package != "google.protobuf"}


def _text(table: dict[str, Any]) -> str:
    return json.dumps(table, indent=2, ensure_ascii=False) + "\n"


def _table(schema: Schema, package: str, services: list[Service]) -> dict[str, Any]:
    dialects = [dialect.name for dialect in schema.dialects[package]]
    return {
        "format": FORMAT,
        "package": package,
        "dialects": dialects,
        "methods": [_method(service, method, dialects) for service in services for method in service.methods],
    }


def _method(service: Service, method: Method, dialects: list[str]) -> dict[str, Any]:
    return {
        "service": service.full_name,
        "method": method.name,
        "py_name": method.py_name,
        "doc": method.doc,
        "request": method.input,
        "response": method.output,
        "client_streaming": method.client_streaming,
        "server_streaming": method.server_streaming,
        "dialects": list(method.only) or dialects,
        "routes": [_route(route) for route in method.routes],
        "status": method.status,
        "stream": method.stream,
        "stream_field": method.stream_field,
        "stream_default": method.stream_default,
        "result": method.result,
        "binary_dialects": list(method.binary),
        "binary_request": method.binary_request,
        "binary_result": method.binary_result,
        "body_ignored": method.body_ignored,
        "produces": method.produces,
    }


def _route(route: Route) -> dict[str, Any]:
    pattern, fields = match(route.path)
    return {
        "verb": route.verb,
        "path": route.path,
        "match": pattern,
        "fields": fields,
        "body": route.body,
        "response_body": route.response_body,
    }


def match(path: str) -> tuple[str, list[str]]:
    """A regular expression with one group per variable, and the variables' field paths, group by group.

    `*` is one segment, `**` any number of them; a variable without a pattern is one segment. A segment ends at "/", one
    before a custom verb (`:cancel`) at ":".
    """
    fields: list[str] = []
    parts: list[str] = []
    end = 0
    colon = ":" in VARIABLE.sub("", path).rpartition("/")[2]
    for variable in VARIABLE.finditer(path):
        parts.append(_segments(path[end : variable.start()], colon))
        parts.append(f"({_segments(variable[2] or '*', colon)})")
        fields.append(variable[1])
        end = variable.end()
    parts.append(_segments(path[end:], colon))
    return f"^{''.join(parts)}$", fields


def _segments(text: str, colon: bool) -> str:
    one = "[^/:]+" if colon else "[^/]+"
    pieces = re.split(r"(\*\*|\*)", text)
    return "".join({"**": ".*", "*": one}.get(piece) or _escape(piece) for piece in pieces)


def _escape(text: str) -> str:
    """What Python and ECMA 262 both take literally; re.escape escapes more than the latter allows."""
    return re.sub(r"[.*+?^${}()|\[\]\\]", r"\\\g<0>", text)
