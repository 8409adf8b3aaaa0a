"""The page in a browser, over a server that runs. Skipped, with the reason, where this machine can't have a browser."""

from __future__ import annotations

import http.client
import json
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mock.client import MockClient, MockProcess, match, rule, when
from tools.chromium.browser import FOLDER, Browser, NoBrowser, Page

XSS = "<img src=x onerror=window.hit=1><script>window.hit=1</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        started = Browser(FOLDER)
    except NoBrowser as why:
        pytest.skip(str(why))
    with started:
        yield started


@pytest.fixture(scope="module")
def server() -> Iterator[MockProcess]:
    with MockProcess("ollama") as process:
        yield process


@pytest.fixture
def mock(server: MockProcess, request: pytest.FixtureRequest) -> MockClient:
    return server.client().fresh(request.node.name)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser has six connections to a server; a page that is left gives its own back."""
    page = browser.page()
    yield page
    page.open("about:blank")


def look(page: Page, mock: MockClient) -> None:
    page.open(f"{mock.address}/__samewire#{mock.session}")
    page.wait("document.querySelector('#live').dataset.state === 'live'")


def send(mock: MockClient, path: str, body: bytes | None = None, **headers: str) -> int:
    """As it is: no client in between that would escape anything."""
    address = urlsplit(mock.address)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        connection.putrequest("POST" if body is not None else "GET", path, skip_accept_encoding=True)
        for name, value in {**mock.headers, **headers}.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def rows(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('#rows li:not([hidden])')].map(row => row.innerText)"
    )
    return found


def text(page: Page, selector: str) -> str:
    return str(page.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))


def fill(page: Page, selector: str, value: Any) -> None:
    page.evaluate(f"document.querySelector({json.dumps(selector)}).value = ''")
    page.type(selector, value if isinstance(value, str) else json.dumps(value))


def pixels(png: bytes) -> list[bytes]:
    """The rows of a PNG as Chromium writes it (8 bits, RGB or RGBA, not interlaced), unfiltered."""
    width, _, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert depth == 8 and colour in (2, 6)
    size = 3 if colour == 2 else 4
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += length + 12
    return [*_rows(zlib.decompress(data), width * size, size)]


def _rows(raw: bytes, stride: int, size: int) -> Iterator[bytes]:
    before = bytes(stride)
    for at in range(0, len(raw), stride + 1):
        kind, line = raw[at], bytearray(raw[at + 1 : at + 1 + stride])
        for x in range(stride):
            left, up = line[x - size] if x >= size else 0, before[x]
            corner = before[x - size] if x >= size else 0
            guess = left + up - corner
            nearest = min((left, up, corner), key=lambda each: abs(guess - each))
            line[x] = (line[x] + (0, left, up, (left + up) // 2, nearest)[kind]) & 255
        before = bytes(line)
        yield before


def colours(png: bytes) -> int:
    return len({line[x : x + 3] for line in pixels(png)[::4] for x in range(0, len(line) - 3, 12)})


def test_requests_show_up_as_they_come(page: Page, mock: MockClient) -> None:
    look(page, mock)
    assert page.evaluate("!document.querySelector('#empty').hidden")
    send(mock, "/api/version")
    page.wait("document.querySelectorAll('#rows li').length === 1")
    send(mock, "/api/nothing", b'{"model":"m"}')
    page.wait("document.querySelectorAll('#rows li').length === 2")
    newest, oldest = rows(page)
    assert "/api/nothing" in newest and "404" in newest
    assert "/api/version" in oldest and "200" in oldest and "backend" in oldest
    fill(page, "#filter", "version 200")
    page.evaluate("document.querySelector('#filter').dispatchEvent(new Event('input'))")
    assert len(rows(page)) == 1
    assert page.errors == []


def test_one_exchange_in_full(page: Page, mock: MockClient) -> None:
    mock.stub(
        when(path="/api/show", json={"model": "a"}).named("shown").unchecked().reply(json={"license": "of the stub"})
    )
    look(page, mock)
    send(mock, "/api/show", b'{"model":"a"}', x_mark="seen")
    send(mock, "/api/show", b'{"model":"b"}')
    page.wait("document.querySelectorAll('#rows li').length === 2")
    page.click("#rows li:last-child button")
    page.wait("!document.querySelector('#detail').hidden")
    said = text(page, "#detail")
    for part in ("stub shown", "x_mark", "seen", '"model": "a"', "of the stub", "HTTP/1.1", "ms", "ollama.v1"):
        assert part in said, part
    page.click("#rows li:first-child button")
    page.click("#detail .bar button:nth-child(2)")
    page.wait("document.querySelector('#detail').innerText.includes('Nearest stubs')")
    assert "stub shown" in text(page, "#detail")
    page.click("#detail .bar button:first-child")
    assert page.evaluate("document.querySelector('#detail').hidden")
    assert page.errors == []


def test_a_stub_that_is_added_answers(page: Page, mock: MockClient) -> None:
    look(page, mock)
    page.click("#tab-stubs")
    fill(
        page,
        "#stub-text",
        {"id": "hand", "request": {"path": "/api/version"}, "answers": [{"status": 418, "json": {}}]},
    )
    page.click("#stub-form button")
    page.wait("!!document.querySelector('#stub-list li')")
    assert "hand" in text(page, "#stub-list")
    assert send(mock, "/api/version") == 418
    fill(page, "#stub-text", {"request": {"pth": "/"}, "answers": [{}]})
    page.click("#stub-form button")
    page.wait("!document.querySelector('#alert').hidden")
    assert "$.stubs[0].request.pth: unknown key" in text(page, "#alert")
    page.click("#stub-list .danger")
    page.wait("!document.querySelector('#stub-list li')")
    assert send(mock, "/api/version") == 200


def test_a_stub_is_made_of_an_exchange(page: Page, mock: MockClient) -> None:
    send(mock, "/api/version")
    look(page, mock)
    page.wait("!!document.querySelector('#rows button')")
    page.click("#rows button")
    page.click("#detail .bar button:nth-child(3)")
    page.click("#stub-form button")
    page.wait("!!document.querySelector('#stub-list li')")
    assert mock.stubs()[0]["request"] == {"rpc": "ollama.v1.OllamaService/Version"}


def test_faults_and_time_are_set(page: Page, mock: MockClient) -> None:
    look(page, mock)
    page.click("#tab-faults")
    page.wait("document.querySelector('#fault-text').value.includes('rules')")
    page.evaluate("document.querySelector('#fault-kind').value = 'status'")
    page.click("#add-rule")
    page.click("#fault-form button")
    page.wait("document.querySelector('#count-faults').textContent === '1'")
    assert send(mock, "/api/version") == 503
    page.click("#clear-faults")
    page.wait("document.querySelector('#count-faults').textContent === '0'")
    assert send(mock, "/api/version") == 200
    before = mock.clock()["now_s"]
    fill(page, "#seconds", "3600")
    page.click("#clock-form button")
    page.wait("document.querySelector('#clock-kind').textContent.startsWith('virtual')")
    assert mock.clock()["now_s"] >= before + 3600
    page.click("#real-time")
    page.wait("document.querySelector('#clock-kind').textContent === 'real'")
    assert page.errors == []


def test_another_session_and_a_reset(page: Page, mock: MockClient) -> None:
    other = mock.fresh("other")
    send(mock, "/api/version")
    send(other, "/api/tags")
    look(page, mock)
    page.wait("document.querySelectorAll('#rows li').length === 1")
    fill(page, "#session", other.session)
    page.click("#session-form button")
    page.wait("document.querySelector('#rows').innerText.includes('/api/tags')")
    assert len(rows(page)) == 1
    page.click("#reset")
    page.wait("document.querySelectorAll('#rows li').length === 0")
    assert (other.info()["requests"], mock.info()["requests"]) == (0, 1)
    send(other, "/api/version")
    page.wait("document.querySelector('#rows').innerText.includes('/api/version')")


def test_a_reset_from_elsewhere_is_seen(page: Page, mock: MockClient) -> None:
    send(mock, "/api/tags")
    look(page, mock)
    page.wait("document.querySelectorAll('#rows li').length === 1")
    mock.delete()
    send(mock, "/api/version")
    page.wait("document.querySelector('#rows').innerText.includes('/api/version')", 30)
    assert len(rows(page)) == 1


def test_what_a_request_brings_is_text(page: Page, mock: MockClient) -> None:
    mock.stub(when(path="/bad").named(XSS).reply(text=XSS, headers={"content-type": "text/html", "x-bad": XSS}))
    mock.set_faults([rule("delay", match(path="/bad"), id=XSS, latency=0.001)])
    look(page, mock)
    send(mock, "/bad?" + XSS.replace(" ", "%20"), XSS.encode(), x_bad=XSS)
    send(mock, "/bad", json.dumps({XSS: XSS}).encode())
    page.wait("document.querySelectorAll('#rows li').length === 2")
    page.click("#tab-stubs")
    page.wait("!!document.querySelector('#stub-list li')")
    page.click("#tab-requests")
    for number in (1, 2):
        page.click(f"#rows li:nth-child({number}) button")
        page.wait("document.querySelector('#detail').innerText.includes('onerror')")
    assert page.evaluate("document.querySelectorAll('main img, main script').length") == 0
    assert page.evaluate("window.hit") is None
    assert page.errors == []


def test_what_others_set_appears_without_a_reload(page: Page, mock: MockClient) -> None:
    look(page, mock)
    page.click("#tab-stubs")
    mock.stub(when(path="/" + "long" * 200).named("from elsewhere").reply(json={}))
    page.wait("document.querySelector('#stub-list').innerText.includes('from elsewhere')", 10)
    mock.clear_stubs()
    page.wait("!document.querySelector('#stub-list li')", 10)
    page.click("#tab-faults")
    mock.set_faults([rule("hang", match(path="/slow"))])
    page.wait("document.querySelector('#fault-text').value.includes('hang')", 10)
    fill(page, "#fault-text", "half a schedule")
    mock.clear_faults()
    page.wait("document.querySelector('#count-faults').textContent === '0'", 10)
    assert page.evaluate("document.querySelector('#fault-text').value") == "half a schedule"
    assert page.errors == []


def test_it_is_used_with_keys(page: Page, mock: MockClient) -> None:
    for _ in range(2):
        send(mock, "/api/version")
    look(page, mock)
    page.wait("document.querySelectorAll('#rows li').length === 2")

    def key(name: str) -> None:
        said = f"new KeyboardEvent('keydown', {{key: '{name}', bubbles: true, cancelable: true}})"
        page.evaluate(f"document.activeElement.dispatchEvent({said})")

    key("/")
    assert page.evaluate("document.activeElement.id") == "filter"
    page.evaluate("document.querySelector('#rows button').focus()")
    key("ArrowDown")
    assert page.evaluate("document.activeElement.innerText").startswith("#1")
    page.click("#rows button")
    assert page.evaluate("document.activeElement.id") == "detail"
    key("Escape")
    assert page.evaluate("document.querySelector('#detail').hidden")
    page.evaluate("document.querySelector('#tab-requests').focus()")
    key("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-stubs"
    assert page.evaluate("!document.querySelector('#stubs').hidden && document.querySelector('#requests').hidden")


@pytest.mark.parametrize(
    ("name", "width", "scheme"), [("desk", 1280, "light"), ("night", 1280, "dark"), ("phone", 360, "light")]
)
def test_how_it_looks(page: Page, mock: MockClient, name: str, width: int, scheme: str, tmp_path: Path) -> None:
    mock.when(path="/api/version").reply(json={"version": "0.9"}).reply(status=503, json={"error": "busy"})
    for path in ("/api/version", "/api/version", "/api/tags", "/api/" + "nothing" * 50):
        send(mock, path)
    page._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page._call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500)
    page.open(f"{mock.address}/__samewire#{mock.session}")
    page.wait("document.querySelectorAll('#rows li').length === 4")
    page.click("#rows li:last-child button")
    page.wait("!document.querySelector('#detail').hidden")
    out = Path(os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR", tmp_path))
    picture = page.screenshot(out / f"{name}.png")
    assert colours(picture) > 20
    corner = pixels(picture)[-1][:3]
    assert (sum(corner) < 150) is (scheme == "dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.errors == []


def test_a_server_that_goes_is_told(page: Page) -> None:
    with MockProcess("ollama") as process:
        look(page, process.client().fresh())
    page.wait("document.querySelector('#live').dataset.state === 'gone'", 20)
