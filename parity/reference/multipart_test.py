from __future__ import annotations

from email import message_from_bytes
from typing import Any

from parity.reference.multipart import File, encode


def test_read_back_by_another() -> None:
    body = encode("b", [('na"me', "ü")], [File("f", "x\ny.png", "image/png", b"\0\r\n")])
    message = message_from_bytes(b"Content-Type: multipart/form-data; boundary=b\r\n\r\n" + body)
    parts: Any = message.get_payload()
    field, file = parts
    assert field.get_param("name", header="content-disposition") == "na%22me"
    assert field.get_payload(decode=True) == "ü".encode()
    assert (file.get_filename(), file.get_content_type()) == ("x%0Ay.png", "image/png")
    assert file.get_payload(decode=True) == b"\0\r\n"


def test_nothing() -> None:
    assert encode("b", [], []) == b"--b--\r\n"
