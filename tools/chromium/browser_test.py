"""A page of our own in the browser. Skipped, with the reason, where this machine can't have one."""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.chromium.browser import Browser, NoBrowser, Page, missing
from tools.chromium.devtools import DevToolsError
from tools.chromium.picture import Picture

PAGE = b"""<!doctype html><meta charset="utf-8"><title>Count</title><link rel="icon" href="data:,">
<style>body { margin: 0; background: rgb(0, 128, 255) }</style>
<p id="n">0</p><input id="words"><button onclick="document.querySelector('#n').textContent++">more</button>
<script>setTimeout(() => document.body.dataset.late = "yes", 100)</script>"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE if self.path == "/" else b"")

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        started = Browser()
    except NoBrowser as why:
        pytest.skip(str(why))
    with started:
        yield started


@pytest.fixture
def page(browser: Browser, url: str) -> Page:
    made = browser.page(400, 300)
    made.open(url)
    return made


def test_reads_and_uses_a_page(page: Page) -> None:
    assert page.evaluate("document.title") == "Count"
    page.click("button")
    assert page.evaluate("document.querySelector('#n').textContent") == "1"
    page.type("#words", "Köln 'x'")
    assert page.evaluate("document.querySelector('#words').value") == "Köln 'x'"
    assert page.wait("document.body.dataset.late") == "yes"
    assert page.evaluate("Promise.resolve({a: [1, null]})") == {"a": [1, None]}
    assert page.errors == []


def test_keys(page: Page) -> None:
    page.evaluate("void (window.seen = [], addEventListener('keydown', (event) => seen.push(event.key)))")
    page.press("Tab")
    assert page.evaluate("document.activeElement.id") == "words"
    page.press("/")
    page.press("Tab")
    page.press("Enter")
    page.press("Shift+Tab")
    assert page.evaluate("[words.value, n.textContent, document.activeElement.id]") == ["/", "1", "words"]
    assert page.evaluate("seen") == ["Tab", "/", "Tab", "Enter", "Tab"]


def test_light_and_dark(page: Page) -> None:
    told = "matchMedia('(prefers-color-scheme: dark)').matches"
    page.prefer("dark")
    assert page.evaluate(told) is True
    page.prefer("light")
    assert page.evaluate(told) is False


def test_the_picture(page: Page) -> None:
    picture = Picture.read(page.screenshot())
    assert (picture.width, picture.height) == (400, 300)
    assert picture.at(399, 299) == (0, 128, 255)


def test_what_never_comes(page: Page) -> None:
    with pytest.raises(TimeoutError, match="window.never"):
        page.wait("window.never", 0.1)
    with pytest.raises(DevToolsError, match="ReferenceError"):
        page.evaluate("nobody")
    with pytest.raises(DevToolsError, match="ERR_UNSAFE_PORT"):
        page.open("http://127.0.0.1:1/")


def test_errors_of_the_console(page: Page, url: str) -> None:
    page.evaluate("console.error('seen', 7)")
    page.evaluate("void setTimeout(() => { throw new Error('uncaught') }, 0)")
    page.evaluate(f"fetch('{url}nowhere').then(() => 1)")
    page.evaluate("fetch('http://example.com/').catch(() => 1)")
    said = "\n".join(page.errors)
    for words in ("seen 7", "Error: uncaught", "404", "ERR_NAME_NOT_RESOLVED"):
        assert words in said


def test_a_screenshot(page: Page, tmp_path: Path) -> None:
    data = page.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes() == data
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (400, 300)


def test_pages_do_not_share_errors(browser: Browser, url: str) -> None:
    one, other = browser.page(), browser.page()
    one.open(url)
    one.evaluate("console.error('mine')")
    other.open(url)
    assert one.errors == ["mine"]
    assert other.errors == []


def test_a_browser_that_was_ended() -> None:
    if why := missing():
        pytest.skip(why)
    browser = Browser()
    browser.close()
    with pytest.raises((DevToolsError, OSError)):
        browser.page()


def test_where_there_can_be_none(tmp_path: Path) -> None:
    assert missing(tmp_path, ("Linux", "aarch64")).endswith("built for Linux x86_64, this is Linux aarch64")
    (tmp_path / "missing.txt").write_text("npm error ENOTFOUND\n")
    assert missing(tmp_path, ("Linux", "x86_64")) == "npm error ENOTFOUND"
    with pytest.raises(NoBrowser):
        Browser(tmp_path)


def test_a_library_that_the_system_lacks(tmp_path: Path) -> None:
    if missing():
        pytest.skip(missing())
    fake = tmp_path / "chromium"
    fake.write_text('#!/bin/sh\necho "$0: error while loading shared libraries: libnss3.so" >&2\nexit 127\n')
    fake.chmod(0o755)
    with pytest.raises(NoBrowser, match=r"lacks a library.*libnss3\.so"):
        Browser(tmp_path)
    assert os.listdir(tmp_path) == ["chromium"]
