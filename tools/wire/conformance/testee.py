"""Google's conformance protocol, answered by generated models.

Standard input and output carry frames: a 32-bit little-endian length and a serialised conformance.ConformanceRequest,
answered by a ConformanceResponse. Source: conformance/conformance.proto of protobuf. Text format and JSPB are skipped.
"""

from __future__ import annotations

import importlib
import struct
import sys
from typing import BinaryIO

from conformance.conformance_wire import ConformanceRequest, ConformanceResponse
from samewire_wire import WireError, registry

_LENGTH = struct.Struct("<I")
_MODULES = ("proto2", "proto3", "edition2023", "proto2_editions", "proto3_editions")


def answer(request: ConformanceRequest) -> ConformanceResponse:
    """Reads the payload, writes it in the form that is asked for."""
    if request.message_type == "conformance.FailureSet":
        return ConformanceResponse(protobuf_payload=b"")
    if request.jspb_payload is not None or request.text_payload is not None:
        return ConformanceResponse(skipped="only binary and JSON are read")
    if request.requested_output_format not in ("PROTOBUF", "JSON"):
        return ConformanceResponse(skipped="only binary and JSON are written")
    try:
        spec = registry.find(request.message_type)
    except LookupError as error:
        return ConformanceResponse(skipped=str(error))
    try:
        if request.protobuf_payload is not None:
            value = spec.read_binary(request.protobuf_payload)
        else:
            ignore_unknown = request.test_category == "JSON_IGNORE_UNKNOWN_PARSING_TEST"
            value = spec.read_protojson(request.json_payload or "", ignore_unknown)
    except WireError as error:
        return ConformanceResponse(parse_error=str(error))
    try:
        if request.requested_output_format == "PROTOBUF":
            return ConformanceResponse(protobuf_payload=spec.write_binary(value))
        return ConformanceResponse(json_payload=spec.write_protojson(value).decode())
    except WireError as error:
        return ConformanceResponse(serialize_error=str(error))


def serve(requests: BinaryIO, responses: BinaryIO) -> None:
    """Answers until the requests end."""
    while head := requests.read(_LENGTH.size):
        frame = requests.read(_LENGTH.unpack(head)[0])
        try:
            response = answer(ConformanceRequest.from_binary(frame))
        except Exception as error:  # the runner shows it beside the case
            response = ConformanceResponse(runtime_error=f"{type(error).__name__}: {error}")
        body = response.to_binary()
        responses.write(_LENGTH.pack(len(body)) + body)
        responses.flush()


def main() -> None:
    for name in _MODULES:
        importlib.import_module(f"conformance.messages.test_messages_{name}_wire")
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
