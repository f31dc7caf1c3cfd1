"""What a headless browser spends: CPU seconds of all its processes, and of what they are made."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

SETTLED_MS = 1_000
_OF_THE_PAGE = {"ScriptDuration": "scripts", "LayoutDuration": "layout",
                "RecalcStyleDuration": "styles"}  # fmt: skip


def chromium_here() -> str | None:
    """Return where Chromium is; none is said on the terminal."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        print("no Chromium on this machine: the rows on the browser are left out")
    return path


@dataclass(frozen=True, slots=True)
class Spent:
    """The CPU seconds of what was done on a page, by process and by kind of work."""

    by_process: Counter[str]
    by_work: Counter[str]

    @property
    def seconds(self) -> float:
        """All processes together."""
        return sum(self.by_process.values())

    @property
    def why(self) -> str:
        """What the seconds are made of."""
        return f"processes: {_told(self.by_process)}; within the page: {_told(self.by_work)}"


def _told(seconds: Counter[str]) -> str:
    return ", ".join(f"{name} {spent:.2f} s" for name, spent in seconds.most_common())


@dataclass(frozen=True, slots=True)
class Browser:
    """A page in a browser of its own, whose work is measured."""

    page: Page
    browser_session: CDPSession
    page_session: CDPSession

    def spent(self, task: Callable[[Page], object]) -> Spent:
        """Return what a task takes until the page is still."""
        before = self._now()
        task(self.page)
        self.page.wait_for_timeout(SETTLED_MS)
        return Spent(*(now - then for now, then in zip(self._now(), before, strict=True)))

    def _now(self) -> tuple[Counter[str], Counter[str]]:
        processes: Counter[str] = Counter()
        for one in self.browser_session.send("SystemInfo.getProcessInfo")["processInfo"]:
            processes[one["type"]] += one["cpuTime"]
        told = self.page_session.send("Performance.getMetrics")["metrics"]
        by_name = {one["name"]: one["value"] for one in told}
        return processes, Counter({word: by_name[name] for name, word in _OF_THE_PAGE.items()})


@contextmanager
def browser_at(path: str) -> Iterator[Browser]:
    """Start a browser without a GPU, 1,440 pixels wide, and let it come to rest."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page_session = page.context.new_cdp_session(page)
        page_session.send("Performance.enable")
        page.wait_for_timeout(SETTLED_MS)
        yield Browser(page, browser.new_browser_cdp_session(), page_session)
        browser.close()
