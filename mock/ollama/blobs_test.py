"""HEAD and POST /api/blobs/:digest."""

import hashlib
from collections.abc import AsyncIterator

from mock.engine.answer import Answer
from mock.engine.request import Connection, Request
from mock.ollama.conftest import Mock

_DATA = b"some bytes\x00\xff"
_DIGEST = "sha256:" + hashlib.sha256(_DATA).hexdigest()
_PATH = f"/api/blobs/{_DIGEST}"


def test_new_then_there(mock: Mock) -> None:
    assert mock.ask("HEAD", _PATH).status == 404
    told = [mock.post(_PATH, _DATA), mock.post(_PATH, _DATA), mock.ask("HEAD", _PATH)]
    assert [(each.status, each.body) for each in told] == [(201, b""), (200, b""), (200, b"")]


def test_the_content_is_checked(mock: Mock) -> None:
    other = "sha256:" + hashlib.sha256(b"other").hexdigest()
    told = mock.post(_PATH, b"other")
    assert told.status == 400
    assert told.json == {"error": f'digest mismatch, expected "{_DIGEST}", got "{other}"'}
    assert mock.ask("HEAD", _PATH).status == 404


def test_what_is_no_digest(mock: Mock) -> None:
    told = mock.post("/api/blobs/sha256:1", b"x")
    assert (told.status, told.json) == (400, {"error": "invalid digest format"})
    assert mock.ask("HEAD", "/api/blobs/md5:1").status == 400


def test_a_big_one_is_never_held_whole(mock: Mock) -> None:
    sha = hashlib.sha256(b"x" * 3_000_000).hexdigest()

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 1_000_000

    request = Request(
        "POST", f"/api/blobs/sha256:{sha}", [(b"host", b"localhost")], connection=Connection(1), incoming=pieces()
    )

    async def ask() -> int:
        answer = mock.engine.handle(request)
        assert not isinstance(answer, Answer)
        return (await answer).status

    assert mock.loop.run_until_complete(ask()) == 201
    assert mock.ask("HEAD", f"/api/blobs/sha256:{sha}").status == 200


def test_an_empty_one(mock: Mock) -> None:
    assert mock.post(f"/api/blobs/sha256:{hashlib.sha256(b'').hexdigest()}", b"").status == 201
