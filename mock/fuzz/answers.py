"""The bytes that a server of HTTP/1.1 wrote, as answers; stricter than a client would be."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEAD = re.compile(rb"HTTP/1\.1 ([1-5]\d\d) [\t !-~]*\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: ?[^\r\n\0]*\r\n)*)\r\n")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
_BEGIN = b"HTTP/1.1 "


@dataclass(frozen=True, slots=True)
class Answer:
    """`whole`: the bytes did not end within its body."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes
    whole: bool = True


def answers(data: bytes) -> list[Answer]:
    """Without those of status 100. Raises ValueError for bytes that are none.

    Whether a body follows depends on the method that was asked with: where the announced one does not come, but another
    answer or nothing, the request was a HEAD.
    """
    found = []
    at = 0
    while at < len(data):
        head = _HEAD.match(data, at)
        if head is None:
            raise ValueError(f"no head of an answer at byte {at}")
        at = head.end()
        status = int(head[1])
        lines = [line.partition(b":") for line in head[2].split(b"\r\n")[:-1]]
        headers = {name.lower(): value.strip() for name, _, value in lines}
        if status == 100:
            continue
        answer, at = _body(status, headers, data, at)
        found.append(answer)
    return found


def _body(status: int, headers: dict[bytes, bytes], data: bytes, at: int) -> tuple[Answer, int]:
    if b"content-length" in headers and b"transfer-encoding" in headers:
        raise ValueError("both content-length and transfer-encoding")
    if status in (204, 304) or at == len(data) or data.startswith(_BEGIN, at):
        return Answer(status, headers, b""), at
    if b"content-length" in headers:
        end = at + int(headers[b"content-length"])
        return Answer(status, headers, data[at:end], end <= len(data)), end
    if b"transfer-encoding" not in headers:
        return Answer(status, headers, data[at:]), len(data)
    pieces = []
    while size := _SIZE.match(data, at):
        length = int(size[1], 16)
        end = size.end() + length
        pieces.append(data[size.end() : end])
        at = end + 2
        if end + 2 > len(data):
            break
        if data[end:at] != b"\r\n":
            raise ValueError(f"a chunk without end at byte {end}")
        if length == 0:
            return Answer(status, headers, b"".join(pieces)), at
    else:
        if at < len(data):
            raise ValueError(f"no chunk at byte {at}")
    return Answer(status, headers, b"".join(pieces), False), len(data)
