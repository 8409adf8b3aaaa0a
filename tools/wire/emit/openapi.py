"""OpenAPI 3.1: one description per dialect of a package that has routes, `PACKAGE/DIALECT.openapi.json`.

What OpenAPI has no words for stands in extensions:

* `x-samewire-rpc` at an operation: `method` ("package.Service/Method"), `template` and `match` (the route as
  google.api.http and as a regular expression have it), and the rules of the method that say something (see RouteMethod
  in samewire/v1/routes.proto).
* `x-samewire-field` at a path parameter whose value is not that of a field by the same name: `name`, the path of the
  field, and `template`, what it is made of. `x-samewire-slashes: true`: the value is any number of segments.
* `x-samewire-items` at a media type that is a stream: the schema of each message in it.
* `x-samewire-message` at a binary media type: the full name of the message.
* `x-samewire-verbs` at a path: operations of verbs that OpenAPI does not have.
* `x-samewire-shadowed` at an operation: further methods whose routes OpenAPI can't tell from this one.

Errors are left open (`default`): what they look like is not said in routes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from tools.wire import ir
from tools.wire.emit import openapi_paths as paths
from tools.wire.emit import routes
from tools.wire.emit.jsonschema import Maker
from tools.wire.emit.jsonschema_values import said
from tools.wire.ir import Cardinality, Kind, Method, Route, Schema, Service

VERSION = "3.1.0"
BINARY = "application/x-protobuf"
_JSON = "application/json"
_NDJSON = "application/x-ndjson"
_STREAMS = {"ndjson": _NDJSON, "sse": "text/event-stream", "": _NDJSON}
_VERBS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
_EMPTY = "google.protobuf.Empty"
_RAW = "google.api.HttpBody"
# Well-known types that text can't hold, so that they are no parameters.
_NO_TEXT = {f"google.protobuf.{name}" for name in ("Any", "Empty", "ListValue", "Struct", "Value")}


def emit(schema: Schema) -> dict[str, str]:
    """Path -> text, for the packages whose services are generated and have routes."""
    packages = {file.name: file.package for file in schema.files if file.generate}
    services: dict[str, list[Service]] = {}
    for service in schema.services:
        if service.file in packages:
            services.setdefault(packages[service.file], []).append(service)
    texts = {}
    for package, found in services.items():
        for dialect in schema.dialects[package]:
            document = _Description(schema, package, dialect).document(found)
            if document["paths"]:
                text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
                texts[f"{package.replace('.', '/')}/{dialect.name}.openapi.json".lstrip("/")] = text
    return texts


class _Description:
    """One package in one dialect."""

    def __init__(self, schema: Schema, package: str, dialect: ir.Dialect) -> None:
        self._package = package
        self._dialect = dialect
        self._maker = Maker(schema, dialect.name, "#/components/schemas/")
        self._files = {file.name: file.doc for file in schema.files}
        self._paths: dict[str, dict[str, Any]] = {}
        self._names: dict[str, str] = {}

    def document(self, services: list[Service]) -> dict[str, Any]:
        for service in services:
            for method in service.methods:
                if not method.only or self._dialect.name in method.only:
                    for number, route in enumerate(method.routes):
                        self._add(service, method, route, number)
        docs = [self._files[name] for name in dict.fromkeys(service.file for service in services)]
        info = {
            "title": self._package,
            "version": self._dialect.name,
            "description": "\n\n".join(doc for doc in (*docs, self._dialect.source) if doc),
        }
        tags = [_told({"name": service.full_name}, service.doc) for service in services]
        return {
            "openapi": VERSION,
            "info": info,
            "tags": tags,
            "paths": self._paths,
            "components": {"schemas": self._maker.definitions()},
        }

    def _add(self, service: Service, method: Method, route: Route, number: int) -> None:
        path, variables = paths.convert(route.path)
        known = self._names.setdefault(paths.hierarchy(path), path)
        operation = self._operation(service, method, route, number, paths.renamed(path, variables, known))
        item = self._paths.setdefault(known, {})
        verbs, verb = (item, route.verb.lower())
        if route.verb not in _VERBS:
            verbs, verb = item.setdefault("x-samewire-verbs", {}), route.verb
        if verb in verbs:
            verbs[verb].setdefault("x-samewire-shadowed", []).append(operation["x-samewire-rpc"])
        else:
            verbs[verb] = operation

    def _operation(
        self, service: Service, method: Method, route: Route, number: int, variables: list[paths.Variable]
    ) -> dict[str, Any]:
        name = f"{service.full_name}.{method.name}"
        operation = _told(
            {"tags": [service.full_name], "operationId": f"{name}.{number + 1}" if number else name}, method.doc
        )
        bound = {each.field for each in variables if each.field}
        parameters = [self._path_parameter(method, each) for each in variables]
        if route.body != "*":
            parameters += self._query(method.input, bound | {route.body})
        if parameters:
            operation["parameters"] = parameters
        content = self._request(method, route, bound)
        if content:
            operation["requestBody"] = {"content": content, "required": True}
        operation["responses"] = {
            str(method.status): self._response(method, route),
            "default": {"description": "An error, in the form that the API gives it."},
        }
        operation["x-samewire-rpc"] = self._rules(service, method, route)
        return operation

    def _rules(self, service: Service, method: Method, route: Route) -> dict[str, Any]:
        rules: dict[str, Any] = {
            "method": f"{service.full_name}/{method.name}",
            "template": route.path,
            "match": routes.match(route.path)[0],
        }
        rules |= said(
            {
                "client_streaming": method.client_streaming or None,
                "server_streaming": method.server_streaming or None,
                "stream_field": method.stream_field or None,
                "stream_default": method.stream_default or None,
                "result": method.result or None,
            }
        )
        if self._dialect.name in method.binary:
            rules |= said({"binary_result": method.binary_result or None})
        if method.result:
            self._maker.need(method.result)
        return rules

    # Parameters

    def _path_parameter(self, method: Method, variable: paths.Variable) -> dict[str, Any]:
        parameter: dict[str, Any] = {"name": variable.name, "in": "path", "required": True}
        schema: dict[str, Any] = {"type": "string", "minLength": 1}
        found = self._find(method.input, variable.field) if variable.field else None
        if found is not None:
            field, wire = found
            parameter = _told(parameter, field.doc)
            if variable.whole:
                schema = self._maker.field(field, wire)
                schema |= {"minLength": max(1, schema.get("minLength", 1))} if schema.get("type") == "string" else {}
        if not variable.whole or variable.name != variable.field:
            parameter["x-samewire-field"] = {"name": variable.field, "template": variable.pattern}
        if variable.slashes:
            parameter["x-samewire-slashes"] = True
        return parameter | {"schema": schema}

    def _find(self, message: str, path: str) -> tuple[ir.Field, ir.WireField] | None:
        """A field by its dotted path, None where the dialect does not have it."""
        head, _, rest = path.partition(".")
        for field, wire in self._fields(message):
            if field.name == head:
                return self._find(field.message, rest) if rest else (field, wire)
        return None

    def _fields(self, name: str) -> Iterator[tuple[ir.Field, ir.WireField]]:
        message = self._maker.messages[name]
        inside = self._maker.inside(message.wire)
        fields = {field.name: field for field in message.fields}
        for each in message.wire[inside].fields if inside else ():
            yield fields[each], fields[each].wire[inside]

    def _query(
        self, message: str, without: Collection[str], key: str = "", path: str = "", above: tuple[str, ...] = ()
    ) -> list[dict[str, Any]]:
        """The fields that are neither in the path nor in the body, those of messages under dotted names."""
        parameters: list[dict[str, Any]] = []
        if self._kind(message) is not Kind.OBJECT or message in above:
            return parameters
        for field, wire in self._fields(message):
            if path + field.name in without or field.cardinality is Cardinality.MAP:
                continue
            name = key + wire.key
            if not field.message or self._is_text(field.message):
                parameter = _told({"name": name, "in": "query"}, field.doc)
                if wire.required and not key:
                    parameter["required"] = True
                schema = self._maker.field(field, wire)
                if wire.has_default and wire.default is not None:
                    schema = schema | {"default": wire.default}
                parameters.append(parameter | {"schema": schema})
            elif field.cardinality is Cardinality.SINGULAR:
                parameters += self._query(field.message, without, f"{name}.", f"{path}{field.name}.", (*above, message))
        return parameters

    def _kind(self, name: str) -> Kind | None:
        """None where the dialect does not have the message."""
        message = self._maker.messages[name]
        inside = self._maker.inside(message.wire)
        return message.wire[inside].kind if inside else None

    def _is_text(self, name: str) -> bool:
        """The message is a single value, which a query can hold."""
        kind = self._kind(name)
        if kind is Kind.INLINE:
            [(field, _)] = self._fields(name)
            single = field.cardinality is Cardinality.SINGULAR
            return single and (not field.message or self._is_text(field.message))
        return kind is Kind.WELL_KNOWN and name not in _NO_TEXT

    # Bodies

    def _request(self, method: Method, route: Route, bound: set[str]) -> dict[str, Any]:
        if not route.body or method.input == _EMPTY:
            return {}
        if route.body != "*":
            return self._field_body(method.input, route.body)
        content: dict[str, Any] = {}
        if self._kind(method.input) is not None:
            one = self._without(method.input, bound)
            content |= {_JSON: {"schema": one}} | (_stream(_NDJSON, one) if method.client_streaming else {})
        if self._dialect.name in method.binary:
            content[BINARY] = {"x-samewire-message": method.binary_request or method.input}
        return content

    def _without(self, name: str, bound: set[str]) -> dict[str, Any]:
        """A message but for what stands in the path."""
        self._maker.need(name)
        message = self._maker.messages[name]
        inside = self._maker.inside(message.wire)
        rule = message.wire[inside]
        gone = {field for field in bound if "." not in field}
        if rule.kind is not Kind.OBJECT or not gone:
            return {"$ref": self._maker.reference(name)}
        return {"title": name} | self._maker.object(message, rule, inside, gone)

    def _field_body(self, message: str, name: str) -> dict[str, Any]:
        found = self._find(message, name)
        if found is None:
            return {}
        field, wire = found
        if field.message == _RAW:
            return {"application/octet-stream": {}}
        return {_JSON: {"schema": self._maker.field(field, wire)}}

    def _response(self, method: Method, route: Route) -> dict[str, Any]:
        response: dict[str, Any] = {"description": f"{method.output}."}
        if method.body_ignored:
            return {"description": "Done; nobody reads the body."}
        if route.verb == "HEAD" or method.output == _EMPTY:
            return {"description": "Done; there is no body." if method.output == _EMPTY else "The headers alone."}
        if method.produces:
            # Of other types (a file in JSON, say) no more is known than that the method gives their text.
            text = {"schema": {"type": "string"}} if method.produces.startswith("text/") else {}
            return response | {"content": {method.produces: text}}
        if method.output == _RAW:
            return response | {"content": {"*/*": {}}}
        if route.response_body:
            content = self._field_body(method.output, route.response_body)
            return response | ({"content": content} if content else {})
        if self._kind(method.output) is None:
            return response
        self._maker.need(method.output)
        one = {"$ref": self._maker.reference(method.output)}
        content = {_JSON: {"schema": one}} if not method.server_streaming or method.stream_field else {}
        if method.server_streaming or method.stream:
            content |= _stream(_STREAMS[method.stream], one)
        return response | {"content": content}


def _stream(kind: str, one: dict[str, Any]) -> dict[str, Any]:
    # Readers of descriptions see events as objects, before OpenAPI 3.2 there is no word for what is in them.
    text = {"schema": {"type": "string"}} if kind == _NDJSON else {}
    return {kind: text | {"x-samewire-items": one}}


def _told(thing: dict[str, Any], doc: str) -> dict[str, Any]:
    return thing | ({"description": doc} if doc else {})
