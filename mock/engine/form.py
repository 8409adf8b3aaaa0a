"""Form bodies (multipart/form-data, application/x-www-form-urlencoded) as JSON."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

if TYPE_CHECKING:
    from python_multipart.multipart import Field, File

    from mock.engine.request import Request


def read(request: Request) -> dict[str, Any]:
    """Fields are strings, parts of type application/json what they hold, files base64; repeated names give a list.
    Raises ValueError for a body that is no such form."""
    value: dict[str, Any] = {}

    def add(name: bytes | None, data: Any) -> None:
        key = (name or b"").decode("utf-8", "replace")
        if key in value:
            held = value[key]
            value[key] = [*(held if isinstance(held, list) else [held]), data]
        else:
            value[key] = data

    kind = request.header(b"content-type") or b""
    if kind.startswith(b"application/x-www-form-urlencoded"):
        for key, text in parse_qsl(request.body, keep_blank_values=True):
            add(key, text.decode("utf-8", "replace"))
        return value

    # Imported when the first one comes: servers start quickly without it.
    import python_multipart
    from python_multipart.exceptions import FormParserError

    def on_field(field: Field) -> None:
        add(field.field_name, (field.value or b"").decode("utf-8", "replace"))

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        data = file.file_object.read()
        name = file.file_name or b""
        add(file.field_name, orjson.loads(data) if name.endswith(b".json") else base64.b64encode(data).decode())

    headers = {"Content-Type": kind, "Content-Length": str(len(request.body)).encode()}
    try:
        python_multipart.parse_form(headers, io.BytesIO(request.body), on_field, on_file)
    except (FormParserError, orjson.JSONDecodeError) as error:
        raise ValueError(f"not a form: {error}") from None
    return value
