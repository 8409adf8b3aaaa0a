"""The messages that a call over gRPC sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from mock.engine.journal import messages
from mock.engine.journal.body import NO_JSON

if TYPE_CHECKING:
    from mock.engine.api import Method
    from mock.engine.journal.record import Record

# What a packed message may become.
_UNPACKED = 4 * 1024 * 1024


def payloads(record: Record) -> list[bytes]:
    """In binary, unpacked. A body that was there at once may have lost its framing already: it is the message then.

    Raises ValueError where frames are cut or can't be unpacked.
    """
    data = record.body
    encoding = next((value for name, value in record.asked.headers if name == b"grpc-encoding"), b"").decode("latin-1")
    try:
        frames = messages.split(messages.FRAMES, [(0.0, data)])
        return [messages.payload(frame, encoding, _UNPACKED) for _, frame in frames]
    except ValueError:
        if record.body_pieces is None:
            return [data]
        raise


def value(record: Record, method: Method) -> Any:
    """The message as JSON, of a client stream the list of them; NO_JSON where there is none."""
    if record.body_cut:
        return NO_JSON
    spec = method.request
    try:
        values = [orjson.loads(spec.write(spec.read_binary(each))) for each in payloads(record)]
    except (ValueError, LookupError):
        return NO_JSON
    if method.client_streaming:
        return values
    return values[0] if len(values) == 1 else NO_JSON
