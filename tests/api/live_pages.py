"""The live page in a real Chromium on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from playwright.sync_api import Page

from visualize.browsers import Watched, watched_page


@dataclass
class LivePage:
    """A browser on the page of a server, and what went wrong in it."""

    watched: Watched
    base: str
    refused: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        return self.watched.page

    def open(self, address: str = "") -> Page:
        """Open a view, named by what stands behind the ``#``, and wait until it is drawn."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.base}/#/{address}")
        return self.settled()

    def settled(self) -> Page:
        """Wait until the view that was asked for is drawn, parts that load later too."""
        self.page.wait_for_selector("body[data-ready]", timeout=20_000)
        self.page.wait_for_selector("main:not(:has([aria-busy]))", timeout=20_000)
        return self.page

    def wrongs(self) -> list[str]:
        """Return foreign requests, failed ones, and all that the browser complained of."""
        return [*self.watched.requests, *self.watched.complaints, *self.refused]


@contextmanager
def live_page(
    client: httpx.Client,
    *,
    dark: bool = False,
    width: int = 1440,
    bypass_policy: bool = False,
    zone: str = "UTC",
) -> Iterator[LivePage]:
    """Yield a browser that reaches nothing but the server of a client."""
    base = str(client.base_url).rstrip("/")
    with watched_page(
        allowed=base, dark=dark, wide=width, bypass_policy=bypass_policy, zone=zone
    ) as watched:
        live = LivePage(watched=watched, base=base)
        watched.page.on(
            "response", lambda one: live.refused.append(one.url) if one.status >= 400 else None
        )
        yield live
