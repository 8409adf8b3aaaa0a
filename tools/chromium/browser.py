"""A headless Chromium for tests of pages.

    with Browser() as browser:
        page = browser.page()
        page.open(f"http://127.0.0.1:{port}/")
        page.wait("document.querySelectorAll('tr').length > 2")
        assert page.evaluate("document.title") == "Requests"
        assert page.errors == []

It looks up no host but 127.0.0.1 and localhost, so that a page that reaches out is red everywhere. Its own sandbox is
off: a test runs in Bazel's already, and opens nothing but the pages under test.
"""

from __future__ import annotations

import base64
import fcntl
import os
import platform
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from tools.chromium.devtools import DevTools, DevToolsError

# What //tools/chromium:unpacked makes, beside this file.
FOLDER = Path(__file__).parent / "unpacked"
# The package is built for this machine only.
_SYSTEM = ("Linux", "x86_64")
_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-breakpad",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--no-zygote",
    "--hide-scrollbars",
    "--mute-audio",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""

# What a page needs to move focus or to click, of the keys without text.
_KEY_CODES = {
    "Tab": 9,
    "Enter": 13,
    "Escape": 27,
    "PageUp": 33,
    "PageDown": 34,
    "End": 35,
    "Home": 36,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
}
_SHIFT = 8


class NoBrowser(RuntimeError):
    """This machine can't have one; says why. A test is skipped with these words."""


def missing(folder: Path = FOLDER, system: tuple[str, str] | None = None) -> str:
    """Why there is no browser here, "" when there is one."""
    here = system or (platform.system(), platform.machine())
    if here != _SYSTEM:
        return f"@sparticuz/chromium is built for {' '.join(_SYSTEM)}, this is {' '.join(here)}"
    if (folder / "chromium").is_file():
        return ""
    reason = folder / "missing.txt"
    return reason.read_text(encoding="utf-8").strip() if reason.is_file() else f"{folder}: no chromium there"


class Browser:
    """One process with a profile of its own, which is removed with it. Raises NoBrowser."""

    def __init__(self, folder: Path = FOLDER) -> None:
        if why := missing(folder):
            raise NoBrowser(why)
        self._pages: dict[str, Page] = {}
        self._home = Path(tempfile.mkdtemp(prefix="chromium."))
        self._log = self._home / "stderr"
        self._process, self._devtools = self._start(folder.absolute())
        try:
            self.version = str(self._devtools.call("Browser.getVersion")["product"])
        except (DevToolsError, TimeoutError) as error:
            said = self._log.read_text(encoding="utf-8", errors="replace").strip()
            self.close()
            if "error while loading shared libraries" in said:
                raise NoBrowser(f"chromium lacks a library of this system: {said.splitlines()[0]}") from None
            raise DevToolsError(f"chromium did not start ({error}): {said[-2000:]}") from None

    def _start(self, folder: Path) -> tuple[subprocess.Popen[bytes], DevTools]:
        fonts = self._home / "fonts.conf"
        fonts.write_text(_FONTS.format(fonts=folder / "fonts", cache=self._home / "fonts"), encoding="utf-8")
        environment = {
            "HOME": str(self._home),
            "TMPDIR": str(self._home),
            "PATH": os.environ.get("PATH", ""),
            "FONTCONFIG_FILE": str(fonts),
            "LD_LIBRARY_PATH": str(folder / "lib"),
            "TZ": "UTC",
        }
        (theirs_in, ours_out), (ours_in, theirs_out) = _pipe(), _pipe()
        # The browser takes commands on descriptor 3 and answers on 4.
        shell = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
        command = ["bash", "-c", shell, str(folder / "chromium"), *_FLAGS, f"--user-data-dir={self._home / 'profile'}"]
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(theirs_in, theirs_out),
                start_new_session=True,
            )
        os.close(theirs_in)
        os.close(theirs_out)
        return process, DevTools(ours_out, ours_in, self._event)

    def page(self, width: int = 1280, height: int = 800) -> Page:
        """A new empty page of a size in pixels."""
        target = self._devtools.call("Target.createTarget", url="about:blank", width=width, height=height)["targetId"]
        session = self._devtools.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self._devtools, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._devtools.call(f"{domain}.enable", session)
        return page

    def _event(self, session: str, method: str, parameters: dict[str, Any]) -> None:
        if session in self._pages:
            self._pages[session].event(method, parameters)

    def close(self) -> None:
        """Ends the process, by force after two seconds, and removes the profile."""
        self._devtools.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class Page:
    """One page. `errors`: what its console has as errors, exceptions that nobody caught and requests that failed."""

    def __init__(self, devtools: DevTools, session: str) -> None:
        self._devtools = devtools
        self._session = session
        self._loaded = False
        self.errors: list[str] = []

    def open(self, url: str, seconds: float = 30.0) -> None:
        """Goes there and waits until it is loaded. Raises DevToolsError when it can't be, TimeoutError."""
        self._loaded = False
        done = self._call("Page.navigate", url=url)
        if "errorText" in done:
            raise DevToolsError(f"{url}: {done['errorText']}")
        until = time.monotonic() + seconds
        while not self._loaded:
            if time.monotonic() > until:
                raise TimeoutError(f"{url} was not loaded within {seconds} s")
            self._devtools.listen(0.02)

    def evaluate(self, expression: str) -> Any:
        """The JSON value of a JavaScript expression, a promise's when it is one. DevToolsError holds what it throws."""
        done = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise DevToolsError(f"{expression}: {_thrown(done['exceptionDetails'])}")
        return done["result"].get("value")

    def wait(self, expression: str, seconds: float = 10.0) -> Any:
        """The first value of the expression that is true. TimeoutError holds the last value and the page's errors."""
        until = time.monotonic() + seconds
        while True:
            value = self.evaluate(expression)
            if value:
                return value
            if time.monotonic() > until:
                raise TimeoutError(f"not within {seconds} s: {expression} (it is {value!r}; errors: {self.errors})")
            self._devtools.listen(0.02)

    def click(self, selector: str) -> None:
        """Clicks the first element that a CSS selector finds."""
        self.evaluate(f"document.querySelector({_quoted(selector)}).click()")

    def type(self, selector: str, text: str) -> None:
        """Puts text in a field, as keys would."""
        self.evaluate(f"document.querySelector({_quoted(selector)}).focus()")
        self._call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Presses a key by its DOM name: "Tab", "Enter", "ArrowDown", "/", "a", with "Shift+" before it if wanted."""
        name = key.removeprefix("Shift+")
        text = "\r" if name == "Enter" else name if len(name) == 1 else ""
        down: dict[str, Any] = {
            "key": name,
            "windowsVirtualKeyCode": _KEY_CODES.get(name, 0),
            "modifiers": _SHIFT * (key != name),
        }
        if text:
            down["text"] = text
        self._call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **down)
        down.pop("text", None)
        self._call("Input.dispatchKeyEvent", type="keyUp", **down)

    def prefer(self, scheme: str) -> None:
        """Lets the system prefer "light" or "dark"."""
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path: Path | None = None) -> bytes:
        """A PNG of what is visible; written to a file when one is given."""
        data = base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])
        if path:
            path.write_bytes(data)
        return data

    def event(self, method: str, parameters: dict[str, Any]) -> None:
        """Takes an event of the protocol."""
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Runtime.exceptionThrown":
            self.errors.append(_thrown(parameters["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "assert"):
            words = (str(each.get("value", each.get("description", ""))) for each in parameters["args"])
            self.errors.append(" ".join(words))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            entry = parameters["entry"]
            self.errors.append(" ".join(each for each in (entry["text"], entry.get("url", "")) if each))

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._devtools.call(method, self._session, **parameters)


def _thrown(details: dict[str, Any]) -> str:
    return str(details.get("exception", {}).get("description") or details.get("text"))


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _pipe() -> tuple[int, int]:
    """A pipe whose descriptors are above those that the browser's get."""
    low = os.pipe()
    high = fcntl.fcntl(low[0], fcntl.F_DUPFD_CLOEXEC, 10), fcntl.fcntl(low[1], fcntl.F_DUPFD_CLOEXEC, 10)
    for each in low:
        os.close(each)
    return high
