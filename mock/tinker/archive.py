"""Downloads: a checkpoint as a gzipped tar, its files one by one, the trace of a session."""

from __future__ import annotations

import asyncio
import hashlib
import tarfile
import zlib
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

from tinker.mock.v1.mock_wire import AdapterConfig

from mock.engine.answer import Answer
from mock.engine.request import Request
from mock.tinker.checkpoint import Checkpoint
from mock.tinker.refusal import unknown
from mock.tinker.state import State

PREFIX = "/archives/"
_KINDS = {"tar.gz": b"application/gzip", "adapter_config.json": b"application/json"}
_LINKS = 4096


class Archives:
    def __init__(self, state: State) -> None:
        self.state = state
        self._links: dict[str, tuple[Checkpoint | str, str, float]] = {}

    def link(self, what: Checkpoint | str, form: str, expires: float, request: Request) -> str:
        """`what`: a checkpoint, or the session whose trace it is. A full URL on this server."""
        named = what if isinstance(what, str) else str(what.path)
        token = hashlib.blake2b(f"{named} {form} {expires}".encode(), digest_size=12).hexdigest()
        self._links[token] = (what, form, expires)
        if len(self._links) > _LINKS:
            del self._links[next(iter(self._links))]
        scheme = "https" if request.connection.secure else "http"
        host = (request.header(b"host") or b"127.0.0.1").decode("latin-1")
        inside = "" if self.state.name == "default" else f"/__samewire/s/{quote(self.state.name, safe='')}"
        return f"{scheme}://{host}{inside}{PREFIX}{token}/{form}"

    def serve(self, path: str) -> Answer:
        """Raises Refusal."""
        token = path.removeprefix(PREFIX).partition("/")[0]
        what, form, expires = self._links.get(token, ("", "", 0.0))
        if expires <= self.state.clock.now():
            self._links.pop(token, None)
            raise unknown("Download", path)
        kind = ((b"content-type", _KINDS.get(form, b"application/octet-stream")),)
        if isinstance(what, str):
            return Answer(200, ((b"content-type", b"application/x-ndjson"),), self._trace(what))
        if form == "adapter_config.json":
            return Answer(200, kind, self._config(what))
        if form == "tar.gz":
            return Answer(200, kind, chunks=_flow(self._tar(what)))
        if what.stored.data is not None:
            return Answer(200, kind, what.stored.data)  # with its length, which downloaders show
        return Answer(200, kind, chunks=_flow(self.state.vault.blocks(what.stored)))

    def _config(self, checkpoint: Checkpoint) -> bytes:
        made = AdapterConfig(base_model=checkpoint.base_model, tinker_path=str(checkpoint.path), steps=checkpoint.steps)
        if checkpoint.lora is not None:
            made.lora_rank = checkpoint.lora.rank
        return made.to_wire()

    def _tar(self, checkpoint: Checkpoint) -> Iterator[bytes]:
        """Two files, block by block."""
        # 31: a gzip header, without a time in it, so that equal checkpoints give equal bytes.
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)
        config = self._config(checkpoint)
        files = (
            ("adapter_config.json", len(config), iter([config])),
            ("adapter_model.bin", checkpoint.stored.size, self.state.vault.blocks(checkpoint.stored)),
        )
        for name, size, blocks in files:
            head = tarfile.TarInfo(name)
            head.size, head.mtime, head.mode = size, int(checkpoint.created), 0o644
            yield packer.compress(head.tobuf())
            for block in blocks:
                yield packer.compress(block)
            yield packer.compress(bytes(-size % tarfile.BLOCKSIZE))
        yield packer.compress(bytes(2 * tarfile.BLOCKSIZE)) + packer.flush()

    def _trace(self, session_id: str) -> bytes:
        """What the session's clients told of themselves, a batch a line."""
        session = self.state.sessions.get(session_id)
        batches = session.telemetry if session else []
        return b"".join(each.to_wire("tinker-0.38") + b"\n" for each in batches)


async def _flow(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each block is made in a thread: compressing takes time."""
    while True:
        block = await asyncio.to_thread(next, blocks, None)
        if block is None:
            return
        if block:
            yield block
