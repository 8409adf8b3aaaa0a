"""What the generated files need: themselves, and of their imports only the types that they hold, directly or not.

Files that are imported for their options alone (descriptor.proto, the annotations) drop out here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.wire.descriptors.tree import MessageDecl, MethodDecl, Tree


def needed(tree: Tree, generate: Sequence[str]) -> Tree:
    """The tree without what no file of `generate` needs; order kept."""
    wanted = set(generate)
    seen: set[str] = set()
    todo = [name for name, message in tree.messages.items() if message.file.name in wanted]
    todo += [name for name, enum in tree.enums.items() if enum.file.name in wanted]
    for service in tree.services.values():
        if service.file.name in wanted:
            for method in service.methods:
                todo.extend(_of_method(method))
    for extension in tree.extensions:
        if extension.file.name in wanted:
            todo.extend((extension.extendee, extension.field.message, extension.field.enum))
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in tree.messages:
            todo.extend(_of_message(tree.messages[name]))
    messages = {name: each for name, each in tree.messages.items() if name in seen}
    enums = {name: each for name, each in tree.enums.items() if name in seen}
    files = wanted | {each.file.name for each in messages.values()} | {each.file.name for each in enums.values()}
    return Tree(
        files={name: each for name, each in tree.files.items() if name in files},
        messages=messages,
        enums=enums,
        services={name: each for name, each in tree.services.items() if each.file.name in wanted},
        extensions=[each for each in tree.extensions if each.file.name in wanted or each.extendee in seen],
    )


def _of_message(message: MessageDecl) -> Iterator[str]:
    for field in message.fields:
        yield field.proto.type_name.removeprefix(".")  # a map field's entry
        yield field.message
        yield field.enum


def _of_method(method: MethodDecl) -> Iterator[str]:
    yield method.proto.input_type.removeprefix(".")
    yield method.proto.output_type.removeprefix(".")
    if method.rule:
        yield from (method.rule.result, method.rule.binary_request, method.rule.binary_result)
