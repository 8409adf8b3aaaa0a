"""The details of a gRPC status, as they go into a stub."""

from __future__ import annotations

import base64
from typing import Any


def details(encoded: str) -> list[dict[str, Any]]:
    """From the value of grpc-status-details-bin to Any in ProtoJSON; messages that are not known here are left out."""
    if not encoded:
        return []
    from google.protobuf import json_format
    from google.protobuf.message import DecodeError
    from google.rpc import error_details_pb2, status_pb2

    assert error_details_pb2  # its messages are those that servers send
    try:
        status = status_pb2.Status.FromString(base64.b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (DecodeError, ValueError):
        return []
    found: list[dict[str, Any]] = []
    for each in status.details:
        try:
            found.append(json_format.MessageToDict(each))
        except (TypeError, json_format.Error):
            continue
    return found
