"""A real Chromium, and visitors in it, for tests that are marked browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    Page,
    TimeoutError,
    expect,
    sync_playwright,
)

from waiting import wait_until

_WHOLE = ("chromium", "chromium-browser", "google-chrome")

SIZES = {"phone": (360, 740), "desk": (1280, 800), "landscape": (740, 360), "tablet": (768, 1024)}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",  # nothing is drawn with it; without its process a page costs an eighth less
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# What is awaited is what is tested, not how soon it comes: machines that run tests have other work.
_PATIENCE_MS = 120_000
expect.set_options(timeout=_PATIENCE_MS)

FINISHED = ".pb-answered, .pb-absent, .pb-failed, .pb-rejected"


def _chromium(names: Sequence[str]) -> str:
    found = os.environ.get("TESTS_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        message = "No Chromium found. Install it: sudo apt-get install -y chromium fonts-noto-cjk"
        if os.environ.get("TESTS_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return found


@contextmanager
def launched(*, shell: bool = False) -> Iterator[Browser]:
    """Yield a Chromium; without one the tests are skipped, or fail where it is required.

    `shell`: rather Debian's headless shell, where it is installed: the same engine without Chromium's own
    windows and settings. A visit to the chat takes 1.1 s of processor time in it, not 2.3.
    """
    path = _chromium(("chromium-headless-shell", *_WHOLE) if shell else _WHOLE)
    with sync_playwright() as playwright, started(playwright.chromium, path) as browser:
        yield browser


@contextmanager
def started(kind: BrowserType, path: str = "") -> Iterator[Browser]:
    """Yield one more browser of a kind that runs already: at a path, or the whole Chromium."""
    browser = kind.launch(executable_path=path or _chromium(_WHOLE), args=FLAGS)
    yield browser
    browser.close()


def patient(context: BrowserContext) -> Page:
    """Return a tab of a context in which nothing is waited for in vain on a busy machine."""
    context.set_default_timeout(_PATIENCE_MS)
    return context.new_page()


@dataclass
class Visitor:
    """A visitor's tab, and what it did that no visitor's tab should do."""

    page: Page
    address: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, language: str) -> Page:
        """Open a chat page, again where a busy machine hasn't found its first questions in time."""

        def is_whole() -> bool:
            self.page.goto(f"{self.address}/{language}")
            self.page.locator("#question textarea").wait_for()
            try:
                self.page.locator(".pb-example").first.wait_for(timeout=10_000)
            except TimeoutError:
                return False
            return True

        wait_until(is_whole, "the page has questions to begin with")
        return self.page

    def ask(self, question: str) -> None:
        answers = self.page.locator(FINISHED).count()
        self.page.locator("#question textarea").fill(question)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(FINISHED)).to_have_count(answers + 1)
        expect(self.page.locator("#send")).to_be_visible()


@contextmanager
def visiting(browser: Browser, address: str, size: str = "desk", scheme: str = "light") -> Iterator[Visitor]:
    """Yield a visitor with a tab; at the end it must have met no other host and no error."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="de-DE",  # none of ours: whatever follows the browser's language shows
        reduced_motion="reduce",
    )
    visitor = Visitor(patient(context), address)

    def note(url: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            visitor.foreign.append(url)

    context.on("request", lambda request: note(request.url))
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    visitor.page.on(
        "console",
        lambda message: (
            visitor.complaints.append(f"{message.text} {message.location['url']}")
            if message.type == "error"
            else None
        ),
    )
    try:
        yield visitor
        complaints = [*visitor.complaints]  # a request that the closing tab cuts off is no complaint
    finally:
        context.close()
    assert not visitor.foreign, visitor.foreign
    assert not complaints, complaints
