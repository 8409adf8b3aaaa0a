"""The report in a browser: what it does, and what it looks like. Skipped, with the reason, where there can be none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.chromium.browser import Browser, NoBrowser, Page
from tools.chromium.picture import Picture
from tools.runs.record import CaseId, CaseResult
from tools.runs.report import sample
from tools.runs.report.page import write

SIZE = 3_000
XSS = "</script><script>window.hit=1</script><img src=x onerror=window.hit=1>"
LIGHT, DARK = (255, 255, 255), (0x13, 0x15, 0x17)
GOOD, BAD, CRITICAL = (0x4F, 0x9A, 0x6B), (0xCF, 0x54, 0x49), (0x2F, 0x63, 0x96)
# Every piece of text that can be seen: its box in the document, size and colours.
PIECES = """(() => {
  let number = 0;
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const unseen = "script, style, .unseen, .skip, noscript, dialog:not([open]), .bar";
  while (walker.nextNode()) {
    const node = walker.currentNode, holder = node.parentElement;
    if (!node.data.trim() || holder.closest(unseen) || !holder.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange(), clip = { left: -1e9, top: -1e9, right: 1e9, bottom: 1e9 };
    range.selectNodeContents(node);
    let back = null;
    number += 1;
    for (let each = holder; each; each = each.parentElement) {
      const style = getComputedStyle(each), box = each.getBoundingClientRect();
      if (style.overflowX !== "visible" || style.overflowY !== "visible") {
        clip.left = Math.max(clip.left, box.left);
        clip.top = Math.max(clip.top, box.top);
        clip.right = Math.min(clip.right, box.right);
        clip.bottom = Math.min(clip.bottom, box.bottom);
      }
      if (!back && (parts(style.backgroundColor)[3] ?? 1) > 0.99) back = parts(style.backgroundColor).slice(0, 3);
    }
    const style = getComputedStyle(holder), colour = holder instanceof SVGElement ? style.fill : style.color;
    for (const box of range.getClientRects()) {
      const left = Math.max(box.left, clip.left), top = Math.max(box.top, clip.top);
      const right = Math.min(box.right, clip.right), bottom = Math.min(box.bottom, clip.bottom);
      if (right - left > 2 && bottom - top > 2) {
        found.push({ number, text: node.data.trim().slice(0, 40), left, right, top: top + scrollY,
          bottom: bottom + scrollY, size: parseFloat(style.fontSize), colour: parts(colour).slice(0, 3),
          back: back ?? [0, 0, 0] });
      }
    }
  }
  return found;
})()"""
FOCUSED = "document.activeElement.id || document.activeElement.className"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        started = Browser()
    except NoBrowser as why:
        pytest.skip(str(why))
    with started:
        yield started


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "report.html"
    write(sample.report(SIZE), file)
    return file


def opened(browser: Browser, file: Path, width: int = 1280, height: int = 900, scheme: str = "light") -> Page:
    page = browser.page(width, height)
    page.prefer(scheme)
    page.open(file.as_uri())
    page.wait("document.documentElement.dataset.ready")
    return page


@pytest.fixture
def page(browser: Browser, file: Path) -> Page:
    return opened(browser, file)


def box(page: Page, selector: str) -> tuple[float, float, float, float]:
    """Left, top, width and height in the picture."""
    found = page.evaluate(
        f"(({{x, y, width, height}}) => [x, y, width, height])({_one(selector)}.getBoundingClientRect())"
    )
    left, top, width, height = found
    return left, top, width, height


def _one(selector: str) -> str:
    return f"document.querySelector({selector!r})"


def seen(page: Page, name: str = "") -> Picture:
    """The picture; kept beside the test's log when it has a name."""
    outputs = os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR")
    return Picture.read(page.screenshot(Path(outputs) / f"{name}.png" if name and outputs else None))


def near(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return all(abs(a - b) <= 3 for a, b in zip(one, other, strict=True))


def share(picture: Picture, where: tuple[float, float, float, float], colour: tuple[int, int, int]) -> float:
    """Which part of a box has a colour."""
    counts = picture.colours(*where)
    return sum(number for each, number in counts.items() if near(each, colour)) / max(1, sum(counts.values()))


def contrast(one: list[float], other: list[float]) -> float:
    """Of two colours as WCAG 2 has it, from 1 to 21."""

    def light(colour: list[float]) -> float:
        parts = [each / 255 for each in colour]
        red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_it_opens_in_order(page: Page) -> None:
    assert page.errors == []
    assert page.evaluate("document.title") == page.evaluate("verdict.innerText")
    assert page.evaluate("[...document.querySelectorAll('main > section')].map((each) => each.id)") == [
        "summary", "red", "recovered", "timeline", "slowest", "flakes", "quarantine", "cache", "wire-0", "wire-1",
        "performance", "cases",
    ]  # fmt: skip
    links = page.evaluate("[...document.querySelectorAll('#nav a')].map((each) => each.getAttribute('href'))")
    assert all(page.evaluate(f"document.querySelector({link!r}) !== null") for link in links)
    assert len(links) == 11


@pytest.mark.parametrize(("scheme", "paper"), [("light", LIGHT), ("dark", DARK)])
def test_the_picture(browser: Browser, file: Path, scheme: str, paper: tuple[int, int, int]) -> None:
    page = opened(browser, file, scheme=scheme)
    picture = seen(page, scheme)
    assert near(picture.at(5, 500), paper)
    left, top, width, height = box(page, "h1")
    assert share(picture, (left, top, 24, height), paper) < 0.9, "the mark before the verdict"
    assert 0.6 < share(picture, (left, top, width, height), paper) < 0.99
    if scheme == "light":
        assert share(picture, (left, top, 24, height), BAD) > 0.1
        left, top, width, height = box(page, ".mix")
        assert share(picture, (left, top + 2, width, height - 4), GOOD) > 0.9, "most of the run is green"
        assert share(picture, (left + 0.97 * width, top + 2, 0.03 * width, height - 4), BAD) > 0.02
        page.evaluate("timeline.scrollIntoView()")
        chart, picture = box(page, ".chart svg"), seen(page, "timeline")
        assert share(picture, chart, CRITICAL) > 0.05
        assert share(picture, chart, BAD) > 0.01


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(browser: Browser, file: Path, scheme: str) -> None:
    page = opened(browser, file, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    pieces: list[dict[str, Any]] = page.evaluate(PIECES)
    assert len(pieces) > 300
    weak = {(each["text"], round(contrast(each["colour"], each["back"]), 2)) for each in pieces
            if contrast(each["colour"], each["back"]) < 4.5}  # fmt: skip
    assert weak == set()
    assert min(each["size"] for each in pieces) >= 11


@pytest.mark.parametrize("width", [360, 820, 1280, 1900])
def test_nothing_lies_on_another_and_nothing_runs_out(browser: Browser, file: Path, width: int) -> None:
    page = opened(browser, file, width, 800)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    pieces: list[dict[str, Any]] = sorted(page.evaluate(PIECES), key=lambda each: each["top"])
    over = []
    for index, one in enumerate(pieces):
        for other in pieces[index + 1 :]:
            if other["top"] > one["bottom"] - 3:
                break
            wide = min(one["right"], other["right"]) - max(one["left"], other["left"])
            tall = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            # A line that is cut has two boxes: all of it, and what can be seen.
            if wide > 3 and tall > 6 and one["number"] != other["number"]:
                over.append((one["text"], other["text"]))
    assert not over, over[:5]
    assert [each["text"] for each in pieces if each["right"] > width + 1] == []
    seen(page, f"wide-{width}")


def test_colours_by_hand(page: Page, file: Path) -> None:
    for word, paper in (("Light", LIGHT), ("Dark", DARK), ("Auto", LIGHT)):
        page.press("t")
        assert page.evaluate("theme.textContent") == word
        assert near(seen(page).at(5, 500), paper)
    page.click("#theme")
    page.click("#theme")
    page.open(file.as_uri())
    assert page.evaluate("theme.textContent") == "Dark"
    assert near(seen(page).at(5, 500), DARK), "it is remembered"
    page.evaluate("localStorage.clear()")


def test_a_walk_with_the_keyboard(page: Page) -> None:
    page.press("Tab")
    assert page.evaluate(FOCUSED) == "skip"
    left, top, width, height = box(page, ".skip")
    assert min(left, top) > 0
    assert share(seen(page, "skip"), (left, top, width, height), LIGHT) < 0.97
    page.press("Enter")
    assert page.evaluate(FOCUSED) == "main"
    page.press("Tab")
    assert page.evaluate("document.activeElement.closest('summary, a, button, [tabindex]') !== null")
    assert (
        page.evaluate('document.querySelectorAll(\'[tabindex]:not([tabindex="0"]):not([tabindex="-1"])\').length') == 0
    )
    page.press("/")
    assert page.evaluate(FOCUSED) == "find"
    for letter in "gives_up":
        page.press(letter)
    page.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "grid"
    for key in ("ArrowDown", "End", "ArrowUp", "Home", "PageDown", "ArrowDown"):
        page.press(key)
    active = page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).children[1].textContent"
    )
    assert active.startswith("test_gives_up_on_")
    assert page.evaluate("getComputedStyle(document.querySelector('.view .active')).boxShadow") != "none"
    page.press("Enter")
    assert page.evaluate("[sheet.open, document.querySelector('#sheet-title').textContent]") == [True, active]
    page.press("Escape")
    assert page.evaluate("[sheet.open, document.activeElement.getAttribute('role')]") == [False, "grid"]
    page.press("?")
    assert "search all cases" in page.evaluate("sheet.innerText")
    page.press("Escape")
    page.press("r")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    open_now = page.evaluate("document.activeElement.parentElement.open")
    page.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open") is not open_now
    assert page.errors == []


def test_a_walk_through_time(page: Page) -> None:
    page.evaluate("document.querySelector('.chart').focus()")
    page.press("Home")
    first = page.evaluate("document.querySelector('.told').innerText")
    page.press("ArrowRight")
    second = page.evaluate("document.querySelector('.told').innerText")
    page.press("ArrowDown")
    third = page.evaluate("document.querySelector('.told').innerText")
    page.press("ArrowLeft")
    page.press("End")
    assert len({first, second, third}) == 3
    assert "worker-" in first
    assert page.evaluate("document.querySelectorAll('.chart .chosen').length") == 1
    name = page.evaluate("document.querySelector('.told b').innerText")
    page.press("Enter")
    assert page.evaluate("[document.activeElement.id, document.activeElement.value]") == ["find", name]


def test_the_list(page: Page) -> None:
    lines = "document.querySelectorAll('.view .line').length"
    shown = "[...document.querySelectorAll('.view .line')].slice(0, 12).map((each) => each.children[{}].textContent)"
    status = "document.querySelector('#cases [role=status]').textContent"
    total = page.evaluate(status)
    assert total.endswith(" cases")
    assert 10 < page.evaluate(lines) < 80, "only what can be seen is there"
    page.click("#cases .line.top [data-by=ms] button")
    times = page.evaluate(
        "[...document.querySelectorAll('.view .line')].slice(0, 12).map((each) => each.lastChild.textContent)"
    )
    assert times == sorted(times, key=lambda each: -float(each.split()[0]) * (1000 if each.endswith(" s") else 1))
    assert page.evaluate("document.querySelector('[data-by=ms]').getAttribute('aria-sort')") == "ascending"
    page.click("#cases .tools button")
    reds = page.evaluate(shown.format(0))
    assert reds
    assert set(reds) <= {"failed", "error", "timeout"}
    page.click("#cases .tools button")
    page.type("#find", "no such case anywhere")
    assert page.evaluate("document.querySelector('.empty').innerText") == "No case is like that."
    page.press("Escape")
    assert page.evaluate(status) == total
    page.evaluate("document.querySelector('.view').scrollTop = 1e9")
    number = int(total.split()[0].replace(",", ""))
    page.wait(f"document.querySelectorAll('.view .line[aria-rowindex=\"{number + 1}\"]').length")
    assert page.evaluate(lines) < 80


def test_a_fault_is_opened_and_told(page: Page) -> None:
    told = page.evaluate("red.innerText")
    assert "likely a flake" in told
    assert "./samewire check //" in told
    assert "Your change" in told
    page.evaluate("document.querySelector('#recovered summary').click()")
    page.wait("document.querySelectorAll('#recovered article').length")
    assert "Attempts: failed" in page.evaluate("recovered.innerText")
    page.click("#red .brief summary")
    page.wait("document.querySelectorAll('#red .brief[open] code').length")


def test_groups_of_a_matrix(page: Page) -> None:
    rows = "document.querySelectorAll('#wire-0 tbody tr').length"
    closed = page.evaluate(rows)
    page.click("#wire-0 .turn")
    assert page.evaluate(rows) > closed
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    page.click("#wire-0 .turn")
    assert page.evaluate(rows) == closed
    assert "×2" in page.evaluate("document.querySelector('#wire-1 table').innerText")


def test_everything_has_a_name_for_those_who_listen(page: Page) -> None:
    nodes = page._call("Accessibility.getFullAXTree")["nodes"]
    acting = {
        "button",
        "link",
        "searchbox",
        "grid",
        "row",
        "gridcell",
        "columnheader",
        "application",
        "region",
        "navigation",
        "dialog",
    }
    nameless = [
        node["role"]["value"]
        for node in nodes
        if not node.get("ignored")
        and node["role"]["value"] in acting - {"gridcell"}
        and not node.get("name", {}).get("value")
    ]
    assert [each for each in nameless if each != "row"] == []
    assert {"navigation", "main", "contentinfo", "grid", "application"} <= {node["role"]["value"] for node in nodes}
    assert page.evaluate("[...document.querySelectorAll('h1, h2')].every((each) => each.textContent)")


def test_hostile_text_does_nothing(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "hostile.html"
    texts = [
        XSS,
        "\u202egnp.exe",
        "a\nb\x1b[31m",
        "../../../etc/passwd",
        "long" * 16_384,
        "{{DATA}}",
        "javascript:window.hit=1",
    ]
    report = sample.report(60)
    hostile = [
        CaseResult(CaseId(text, text, text, text), "failed", message=text, detail=text, node=f"a::{text}", file=text)
        for text in texts
    ]
    entry = report.quarantine[0].__class__([XSS], XSS, XSS, "javascript:window.hit=1", XSS, note=XSS)
    write(report.__class__(report.run, XSS, False, hostile, findings=texts, quarantine=[entry], outage=XSS), file)
    page = opened(browser, file)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.evaluate("window.hit === undefined")
    assert page.evaluate("document.querySelectorAll('img, iframe, script:not(#data)').length") == 1
    assert (
        page.evaluate(
            "[...document.querySelectorAll('a')].filter((each) => !each.getAttribute('href').startsWith('#')).length"
        )
        == 0
    )
    assert page.errors == []
    for width in (1280, 360):
        assert opened(browser, file, width).evaluate("document.documentElement.scrollWidth") <= width
    assert XSS in page.evaluate("red.innerText")
    assert "\\u202egnp.exe" in page.evaluate("red.innerText")
    seen(page, "hostile")


def test_the_policy_holds(page: Page) -> None:
    page.evaluate(
        "void document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.hit = 1' }))"
    )
    page.evaluate("void document.body.setAttribute('onclick', 'window.hit = 1')")
    page.click("body")
    page.evaluate("fetch('http://127.0.0.1:1/').catch(() => 1)")
    assert page.evaluate("window.hit === undefined")
    assert sum("Content Security Policy" in error for error in page.errors) >= 3


def test_a_run_that_has_nothing_more_to_say(browser: Browser, tmp_path: Path) -> None:
    report = sample.report(30)
    good = [CaseResult(CaseId("//a:x_test"), "passed", cached=True)]
    write(report.__class__(report.run, "1 case of 1 target passes", True, good), tmp_path / "good.html")
    page = opened(browser, tmp_path / "good.html")
    assert page.evaluate("[...document.querySelectorAll('main > section')].map((each) => each.id)") == [
        "summary",
        "cases",
    ]
    left, top, _, height = box(page, "h1")
    assert share(seen(page, "good"), (left, top, 24, height), GOOD) > 0.1
    write(report.__class__(report.run, "nothing was tested", False, []), tmp_path / "none.html")
    assert opened(browser, tmp_path / "none.html").errors == []
