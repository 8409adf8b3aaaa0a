"""Refuses routes and method rules that name what is not there or can't be meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.wire.descriptors.tree import FieldDecl, FileDecl, MethodDecl, ServiceDecl
from tools.wire.ir import Cardinality, Scalar
from tools.wire.options.rules import HttpRule, MethodRule
from tools.wire.passes.context import Context

# {name}, {name.inner}, {name=segments/*/**}
_VARIABLE = re.compile(r"\{([A-Za-z_][\w.]*)(?:=([^{}]+))?\}")


def check_routes_of_package(services: list[ServiceDecl], context: Context) -> None:
    """Two methods of a package must not answer the same verb and path in one dialect."""
    owners: dict[tuple[str, str, str], MethodDecl] = {}
    for service in services:
        for method in service.methods:
            only = method.rule.only if method.rule else ()
            for dialect in only or context.dialects.names(service.file):
                for http in method.http:
                    key = (dialect, http.verb, _VARIABLE.sub(lambda m: f"{{{m[2] or '*'}}}", http.path))
                    other = owners.setdefault(key, method)
                    if other is not method:
                        context.findings.add(
                            method.source,
                            method.full_name,
                            f"{http.verb} {http.path} is answered by {other.full_name} already",
                            "change one of the two, or let them differ in `only`",
                        )
                        break
                else:
                    continue
                break


def check(service: ServiceDecl, context: Context) -> None:
    """Adds a finding for each thing that is wrong with the methods of a service."""
    for method in service.methods:
        faults = [*(_rule(method, method.rule, context) if method.rule else ())]
        for http in method.http:
            faults += _route(method, http, context)
        for message, way_out in faults:
            context.findings.add(method.source, method.full_name, message, way_out)
        if method.rule:
            _dialects(method, method.rule, service.file, context)


def _dialects(method: MethodDecl, rule: MethodRule, file: FileDecl, context: Context) -> None:
    context.only(rule.only, file, method.source, method.full_name)
    context.known(rule.binary, file, method.source, method.full_name, "binary")
    for name in rule.binary:
        if rule.only and name not in rule.only:
            context.findings.add(
                method.source,
                method.full_name,
                f'`binary` names the dialect "{name}", which `only` leaves out',
                "add it to `only`, or remove it from `binary`",
            )


def _rule(method: MethodDecl, rule: MethodRule, context: Context) -> Iterator[tuple[str, str]]:
    if rule == MethodRule():
        yield "the rule is empty, which changes nothing", "remove it"
    for option in ("result", "binary_request", "binary_result"):
        name = getattr(rule, option)
        if name and name not in context.tree.messages:
            yield (
                f'`{option}` names the unknown message "{name}"',
                "write its full name, with the package, and `import public` its file",
            )
    if rule.binary_request and not rule.binary:
        yield "`binary_request` needs `binary`", "say in which dialects, or remove it"
    if rule.stream and not method.proto.server_streaming:
        yield f"`stream` on a method that answers once ({method.proto.name})", "write returns (stream …), or remove it"
    if rule.stream_default and not rule.stream_field:
        yield "`stream_default` needs `stream_field`", "name the field, or remove it"
    if rule.stream_field:
        field = _find(rule.stream_field, method.proto.input_type, context)
        if field is None:
            yield f'`stream_field` names the unknown field "{rule.stream_field}" of the request', "correct it"
        elif field.type is not Scalar.BOOL or field.cardinality is not Cardinality.SINGULAR:
            yield f'`stream_field` "{rule.stream_field}" is no bool', "name a bool"
        if not method.proto.server_streaming:
            yield "`stream_field` on a method that never streams", "write returns (stream …), or remove it"
    if rule.status and (not 200 <= rule.status <= 599 or rule.status == 200):
        yield f"`status` {rule.status} is no status but 200 of a good answer", "give 201 to 599, or remove it"
    if rule.produces and not re.fullmatch(r"[\w.+-]+/[\w.+-]+(;.*)?", rule.produces):
        yield f'`produces` "{rule.produces}" is no content type', 'write e.g. "text/plain"'


def _route(method: MethodDecl, http: HttpRule, context: Context) -> Iterator[tuple[str, str]]:
    if not http.verb:
        yield "google.api.http names no verb", 'write e.g. {get: "/v1/things"}'
        return
    if not http.path.startswith("/"):
        yield f'the path "{http.path}" does not start with "/"', "add it"
    if _VARIABLE.sub("", http.path).count("{") or _VARIABLE.sub("", http.path).count("}"):
        yield f'the path "{http.path}" has a malformed variable', "write {field} or {field=segments/*}"
    for name, _ in _VARIABLE.findall(http.path):
        field = _find(name, method.proto.input_type, context)
        if field is None:
            yield f'the path names the unknown field "{name}" of {method.proto.input_type[1:]}', "correct it"
        elif field.message or field.cardinality is not Cardinality.SINGULAR:
            yield f'the field "{name}" in the path is no single value', "use a scalar or an enum"
    for option, name, message in (
        ("body", http.body, method.proto.input_type),
        ("response_body", http.response_body, method.proto.output_type),
    ):
        if name and name != "*" and _find(name, message, context) is None:
            yield f'`{option}` names the unknown field "{name}" of {message[1:]}', 'use a field, or "*"'


def _find(path: str, message: str, context: Context) -> FieldDecl | None:
    """The field at a dotted path inside a message, None when there is none."""
    field: FieldDecl | None = None
    name = message.removeprefix(".")
    for part in path.split("."):
        declared = context.tree.messages.get(name)
        field = next((each for each in declared.fields if each.proto.name == part), None) if declared else None
        if field is None:
            return None
        name = field.message
    return field
