"""The protoc plugin: `protoc --samewire_out=emit=models,schema:DIR …`.

The parameter `emit` says what to write, see `tools.wire.emit.EMITTERS`; names are parted by `,` or `+`; models without
it.
"""

from __future__ import annotations

import sys

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import EDITION_2023, EDITION_PROTO2, FileDescriptorSet

from tools.wire.emit import EMITTERS
from tools.wire.load import WireError, load

_DEFAULT = ("models",)


def run(request: CodeGeneratorRequest) -> CodeGeneratorResponse:
    """What protoc is answered. Findings and misuse stand in the answer's `error`, as the protocol wants it."""
    response = CodeGeneratorResponse(
        supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
        | CodeGeneratorResponse.FEATURE_SUPPORTS_EDITIONS,
        minimum_edition=EDITION_PROTO2,
        maximum_edition=EDITION_2023,
    )
    try:
        emitters = _emitters(request.parameter)
        descriptors = FileDescriptorSet(file=request.proto_file)
        schema = load(descriptors.SerializeToString(), list(request.file_to_generate))
    except WireError as error:
        # protoc puts its own words before the first line.
        response.error = f"the definitions are not good\n{error}"
        return response
    except ValueError as error:
        response.error = f"samewire: {error}"
        return response
    for name, content in sorted(
        {path: text for each in emitters for path, text in EMITTERS[each](schema).items()}.items()
    ):
        response.file.add(name=name, content=content)
    return response


def _emitters(parameter: str) -> tuple[str, ...]:
    """The names after `emit=`. ValueError for anything else."""
    if not parameter:
        return _DEFAULT
    key, _, value = parameter.partition("=")
    if key != "emit":
        raise ValueError(f'no parameter "{key}"; there is only emit, e.g. emit=models,schema')
    names = tuple(dict.fromkeys(value.replace("+", ",").split(",")))
    for name in names:
        if name not in EMITTERS:
            raise ValueError(f'no emitter "{name}"; there are {", ".join(EMITTERS)}')
    return names


def main() -> None:
    """Reads a CodeGeneratorRequest from stdin and writes the CodeGeneratorResponse to stdout."""
    request = CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(run(request).SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
