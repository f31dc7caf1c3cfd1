"""A real Chromium that tells of everything a page does wrong."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium_path() -> str:
    """Return a browser on this machine; skip without one, except where CI promises one."""
    found = next(filter(None, map(shutil.which, _NAMES)), "")
    if not found:
        reason = "no Chromium on this machine (apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@dataclass
class Watched:
    """A page, and what it tried or complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str | Path) -> Page:
        """Open a page and wait until it has drawn its picture."""
        self.page.goto(address.as_uri() if isinstance(address, Path) else address)
        self.page.wait_for_selector("body[data-ready]", timeout=20_000)
        return self.page


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Yield a browser; the tests of one module may share it, each page has a context of its own.

    Playwright runs a loop meanwhile: leave before another test of this process starts its own.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched_page(
    browser: Browser | None = None,
    *,
    scripts: bool = True,
    dark: bool = False,
    allowed: str = "",
    wide: int = 1440,
    bypass_policy: bool = False,
    zone: str = "UTC",
) -> Iterator[Watched]:
    """Yield a page that reaches no network but ``allowed``, with all that goes wrong in it.

    ``bypass_policy`` lets a test bring scripts of its own, such as axe; without a browser the
    page gets one of its own.
    """
    with ExitStack() as stack:
        if browser is None:
            browser = stack.enter_context(opened_browser())
        context = browser.new_context(
            viewport={"width": wide, "height": 900 if wide > 600 else 844},
            bypass_csp=bypass_policy,
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            timezone_id=zone,
        )
        stack.callback(context.close)
        watched = Watched(page=context.new_page())

        def answer(route: Route) -> None:
            if allowed and route.request.url.startswith(allowed):
                route.continue_()
            else:
                watched.requests.append(route.request.url)
                route.abort()

        watched.page.route(re.compile("^(https?|wss?)://"), answer)
        watched.page.on("console", lambda said: watched.complaints.append(said.text))
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        watched.page.on("dialog", lambda dialog: watched.complaints.append(dialog.message))
        yield watched
