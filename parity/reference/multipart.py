"""multipart/form-data, RFC 7578. Source: seed 000 section 2.1 (test_files.py, test_extract_files.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    field: str
    filename: str
    content_type: str
    content: bytes


def encode(boundary: str, fields: Iterable[tuple[str, str]], files: Iterable[File]) -> bytes:
    """Fields first, then files, in their order."""
    lines = bytearray()
    for name, text in fields:
        lines += f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'.encode()
        lines += text.encode() + b"\r\n"
    for file in files:
        where = f'name="{_quoted(file.field)}"; filename="{_quoted(file.filename)}"'
        lines += f"--{boundary}\r\nContent-Disposition: form-data; {where}\r\n".encode()
        lines += f"Content-Type: {file.content_type}\r\n\r\n".encode() + file.content + b"\r\n"
    return bytes(lines + f"--{boundary}--\r\n".encode())


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
