"""Services with their routes (google.api.http) and rules."""

from __future__ import annotations

from tools.wire import ir
from tools.wire.descriptors.tree import MethodDecl, ServiceDecl
from tools.wire.ir import Route
from tools.wire.options.rules import MethodRule
from tools.wire.passes import names

_NOTHING = MethodRule()


def ir_service(service: ServiceDecl, py_name: str) -> ir.Service:
    """The service with its methods, routes resolved."""
    py_names = names.methods(method.proto.name for method in service.methods)
    return ir.Service(
        full_name=service.full_name,
        py_name=py_name,
        file=service.file.name,
        doc=service.doc,
        source=service.source,
        methods=tuple(_method(method, py_names[method.proto.name]) for method in service.methods),
    )


def _method(method: MethodDecl, py_name: str) -> ir.Method:
    rule = method.rule or _NOTHING
    return ir.Method(
        name=method.proto.name,
        py_name=py_name,
        input=method.proto.input_type.removeprefix("."),
        output=method.proto.output_type.removeprefix("."),
        client_streaming=method.proto.client_streaming,
        server_streaming=method.proto.server_streaming,
        doc=method.doc,
        source=method.source,
        routes=tuple(Route(http.verb, http.path, http.body, http.response_body) for http in method.http),
        stream=rule.stream,
        stream_field=rule.stream_field,
        stream_default=rule.stream_default,
        result=rule.result,
        only=rule.only,
        binary=rule.binary,
        binary_request=rule.binary_request,
        binary_result=rule.binary_result,
        status=rule.status or 200,
        body_ignored=rule.body_ignored,
        produces=rule.produces,
    )
