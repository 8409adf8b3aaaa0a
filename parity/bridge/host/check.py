"""What a client finds wrong with a request or a response before it reads more of it; the first is told (facts A1)."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.v1.frame_wire import Request, RequestFault, Response, ResponseFault
from samewire_wire import JsonValue

# The keys are those of the definition.
_ID, _COMMAND = list(Request.model_fields)[:2]
_SUCCESS, _RESULT, _ERROR = list(Response.model_fields)[1:4]


def request_fault(said: Mapping[str, JsonValue]) -> RequestFault | None:
    """None where nothing is wrong; arguments and timestamp are not looked at."""
    if _ID not in said:
        return "missing_id"
    if _COMMAND not in said:
        return "missing_command"
    if not _number(said[_ID]):
        return "invalid_id"
    return None if isinstance(said[_COMMAND], str) else "invalid_command"


def response_fault(said: Mapping[str, JsonValue]) -> ResponseFault | None:
    """None where nothing is wrong."""
    if _ID not in said:
        return "missing_id"
    if _SUCCESS not in said:
        return "missing_success"
    if said[_SUCCESS] is True and _RESULT not in said:
        return "missing_result"
    if said[_SUCCESS] is False and _ERROR not in said:
        return "missing_error"
    if not _number(said[_ID]):
        return "invalid_id"
    return None if isinstance(said[_SUCCESS], bool) else "invalid_success"


def _number(said: JsonValue) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and said >= 0
