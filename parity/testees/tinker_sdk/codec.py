"""The call `codec`: JSON through the SDK's own types, as the judges of the definitions do it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

from parity.judges.judge import DATE, Reader, Refused
from parity.judges.tinker_sdk import TinkerSdk
from parity.testees.tinker_sdk.answer import Call, Rejected, Unsupported

# Answers that are told by their one literal. Elsewhere the SDK's own code never sets a literal, so it writes none.
_BY_TAG = {
    f"tinker.v1.{name}Response" for name in ("FutureRetrieve", "Health", "Telemetry", "TryAgain")
}  # fmt: skip


def codec(types: TinkerSdk) -> Call:
    readers: dict[str, Reader | None] = {}

    def call(given: Any) -> Any:
        message = given["message"]
        if message not in readers:
            readers[message] = types.reader(message)
        reader = readers[message]
        if reader is None:
            raise Unsupported(f"{types.title} reads no {message} from JSON")
        data = base64.b64decode(given["json_base64"]) if "json_base64" in given else given["json"].encode()
        try:
            written = reader(data)
        except Refused as refused:
            raise Rejected("invalid", refused) from None
        text = written[0] if message in _BY_TAG else written[-1]
        return {"json": json.dumps(_spelled(json.loads(text)))}

    return call


def _spelled(value: Any) -> Any:
    """Instants as the definitions spell them. A class of an answer says nothing of that: the SDK never writes it."""
    match value:
        case str():
            return _instant(value)
        case list():
            return [_spelled(item) for item in value]
        case dict():
            return {key: _spelled(item) for key, item in value.items()}
    return value


def _instant(text: str) -> str:
    if DATE.fullmatch(text) is None:
        return text
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return text
    whole, fraction = f"{moment:%Y-%m-%dT%H:%M:%S}", moment.microsecond
    if not fraction:
        return f"{whole}Z"
    return f"{whole}.{fraction // 1000:03}Z" if fraction % 1000 == 0 else f"{whole}.{fraction:06}Z"
