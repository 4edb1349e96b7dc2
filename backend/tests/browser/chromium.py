"""A real headless Chromium that remembers everything that went wrong in it."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Response,
    WebSocket,
    sync_playwright,
)

REPOSITORY = Path(__file__).resolve().parents[3]
PAGE = REPOSITORY / "frontend" / "dist" / "index.html"
ARTIFACTS = REPOSITORY / "test-artifacts"
PATIENCE_MS = 60_000
# Only our own page may be asked for: Chromium itself must not call home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PREVIEW = "/api/evaluation/preview"
# Answers about a question that is still being typed, or switched off, busy or out of time.
REFUSALS = {409, 422, 429, 504}
# A request the page itself gave up on, because it wants a newer answer or has left.
GIVEN_UP = "net::ERR_ABORTED"


class Witness:
    """Console errors, failed requests and WebSocket messages of one page."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.events: list[dict[str, Any]] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        page.on("websocket", self._connected)

    def progress(self, task_id: str) -> list[float]:
        """The progress of a task as the WebSocket told it, in order, without repetitions."""
        told = [
            event["progress"]
            for event in self.events
            if event["type"] == "task_update" and event["task_id"] == task_id
        ]
        return list(dict.fromkeys(told))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.location.get("url", "").endswith(PREVIEW):
            self.complaints.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != GIVEN_UP:
            self.complaints.append(f"failed: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        refused = response.url.endswith(PREVIEW) and response.status in REFUSALS
        if response.status >= 400 and not refused:
            self.complaints.append(f"{response.status}: {response.url}")

    def _connected(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.events.extend(json.loads(frame)))


def required(path: Path, what: str) -> Path:
    """The path, or a failure in one line: a missing browser or page is no reason to skip."""
    if not path.is_file():
        pytest.fail(f"The browser test needs {what}; there is nothing at {path}.", pytrace=False)
    return path


def open_card(page: Page, part: str) -> None:
    """Opens the card of a part of the question; nothing happens where it is open."""
    button = page.locator(f"button[data-part={part}]")
    if button.get_attribute("aria-expanded") != "true":
        button.click()


class Browsers:
    """Browsers that one test after the other uses, one for each set of arguments."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, ...], Browser] = {}
        self._playwright: Playwright | None = None
        self._ends = ExitStack()

    def started(self, arguments: tuple[str, ...]) -> Browser:
        """A browser with these arguments: what a page of it remembers ends with its context."""
        if arguments not in self._open or not self._open[arguments].is_connected():
            if self._playwright is None:
                self._playwright = self._ends.enter_context(sync_playwright())
            binary = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
            required(binary, "Chromium (apt-get install chromium, or CHROMIUM=/path/to/it)")
            browser = self._playwright.chromium.launch(executable_path=binary, args=arguments)
            self._ends.callback(browser.close)
            self._open[arguments] = browser
        return self._open[arguments]

    def close(self) -> None:
        """The end of all. Before it no other test may run an event loop in this thread."""
        self._ends.close()
        self._open.clear()
        self._playwright = None


BROWSERS = Browsers()
"""Closed after the last test of this folder (conftest.py)."""


@contextmanager
def chromium_page(
    language: str, width: int = 1440, height: int = 900, *, extra: Iterable[str] = ()
) -> Iterator[Page]:
    """A page of a browser that remembers nothing."""
    required(PAGE, "the built page (cd frontend && pnpm install && pnpm build)")
    ARTIFACTS.mkdir(exist_ok=True)
    context = BROWSERS.started((*ARGUMENTS, *extra)).new_context(
        locale=language, viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    try:
        yield page
    finally:
        page.screenshot(path=ARTIFACTS / "last-seen.png")
        context.close()
