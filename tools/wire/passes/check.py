"""All checks over all files of a run: everything that can be said about the definitions is said at once."""

from __future__ import annotations

from collections import defaultdict

from tools.wire.descriptors.tree import ServiceDecl
from tools.wire.passes import check_enums, check_fields, check_messages, check_services, check_unions
from tools.wire.passes.context import Context


def check(context: Context) -> None:
    """Adds a finding for each annotation that contradicts another, changes nothing, or names what is not there."""
    tree = context.tree
    for file in tree.files.values():
        check_messages.check_file(file, context)
    for message in tree.messages.values():
        check_messages.check(message, context)
        check_unions.check(message, context)
        check_fields.check(message, context)
    for extension in tree.extensions:
        check_fields.check_extension(extension.field, extension.file, context)
    for enum in tree.enums.values():
        check_enums.check(enum, context)
    packages: dict[str, list[ServiceDecl]] = defaultdict(list)
    for service in tree.services.values():
        check_services.check(service, context)
        packages[service.file.package].append(service)
    for services in packages.values():
        check_services.check_routes_of_package(services, context)
