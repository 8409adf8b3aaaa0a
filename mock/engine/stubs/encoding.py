"""What a stub says in JSON, as a message in protobuf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from samewire_wire import MessageSpec, WireError, registry

if TYPE_CHECKING:
    from mock.engine.api import Method


class Unsayable(Exception):
    """A value that no dialect of the message has, so that there is no protobuf for it."""


def message_bytes(spec: MessageSpec, value: Any) -> bytes:
    """Raises Unsayable."""
    return spec.write_binary(_read(spec, value))


def _read(spec: MessageSpec, value: Any) -> Any:
    data = orjson.dumps(value)
    refused: WireError | None = None
    for dialect in (*spec.dialects, "protojson"):
        try:
            return spec.read(data, dialect)
        except WireError as error:
            refused = refused or error
    raise Unsayable(f"this can't be said in protobuf: {refused}")


def binary_result(method: Method, value: Any) -> bytes | None:
    """What a client gets that accepts application/x-protobuf; None where the answer stays JSON.

    A method may hand out results of other methods (a promise that is polled): then `value` is the message of the API's
    binary results that has all of its keys.
    """
    if method.binary_result_name:
        return message_bytes(method.binary_result, value)
    if not isinstance(value, dict) or not value:
        return None
    for name in sorted(method.api.binary_results):
        spec = registry.find(name)
        try:
            message = _read(spec, value)
            said = orjson.loads(spec.write(message))
        except (Unsayable, WireError):
            continue
        if value.keys() <= said.keys():
            return spec.write_binary(message)
    return None
