"""Downloads through the engine; more in saving_test.py."""

from typing import Any
from urllib.parse import urlsplit

from mock.engine.answer import Answer
from mock.engine.request import Connection, Request
from mock.tinker.conftest import Client, Play


async def fetched(client: Client, url: str) -> Answer:
    given = client.engine.handle(Request("GET", urlsplit(url).path, [], b"", connection=Connection(1)))
    return given if isinstance(given, Answer) else await given


async def links(client: Client, **settings: Any) -> dict[str, str]:
    client.dialect = "tinker-0.38"
    client.configure(**settings)
    model = await client.model()
    await client.done(await client.turn("/save_weights_external", model, path="ext"))
    told = await client.ask("GET", f"/training_runs/{model}/checkpoints/external_weights/ext/external_weights_urls")
    urls: dict[str, str] = told.json["urls"]
    return urls


def test_small_files_have_a_length_and_large_ones_flow(play: Play) -> None:
    """Downloaders show the length that they are told."""

    async def script(client: Client) -> None:
        for url in (await links(client)).values():
            answer = await fetched(client, url)
            assert (answer.status, answer.chunks) == (200, None) and answer.body
        urls = await links(client, state_bytes=3_000_000)
        large = await fetched(client, urls["adapter_model.bin"])
        assert large.chunks is not None
        assert sum([len(chunk) async for chunk in large.chunks]) == 3_000_000

    play(script)
