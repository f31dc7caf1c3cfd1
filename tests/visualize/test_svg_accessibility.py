"""The page of SVG pictures by axe in every state; screenshots to look at go to build/views."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from graph_building import graph_of
from visualize.browsers import opened_browser, watched_page
from visualize.scenes import POOLS, page_under

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "build" / "views"


def as_opened(page: Page) -> None:
    page.get_by_role("button", name="Fit").click()


def explained(page: Page) -> None:
    page.get_by_role("button", name="Fit").click()
    page.locator("figure:visible .box.root").click()


def unfolded(page: Page) -> None:
    page.get_by_role("button", name="Pools folded").click()
    page.locator("figure:visible .pool .fold").first.click()


def searched(page: Page) -> None:
    page.get_by_role("searchbox").fill("h")


def earlier(page: Page) -> None:
    page.get_by_role("button", name="All CIs").click()
    page.get_by_role("button", name="One change back").click()


STATES: tuple[Callable[[Page], None], ...] = (as_opened, explained, unfolded, searched, earlier)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as browser:
        yield browser


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("wide", [1440, 390])
def test_axe_finds_nothing_in_any_state(
    browser: Browser, tmp_path: Path, wide: int, dark: bool
) -> None:
    file = tmp_path / "view.html"
    file.write_text(page_under(graph_of(POOLS), "san"), encoding="utf-8")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with watched_page(browser, dark=dark, wide=wide, bypass_policy=True) as watched:
        for state in STATES if wide == 1440 and not dark else STATES[1:3]:
            page = watched.open(file)
            state(page)
            name = f"{state.__name__}-{wide}-{'dark' if dark else 'light'}.png"
            page.screenshot(path=PICTURES / name)
            if dark is not (wide == 390):
                continue  # axe reads each state once, and what is coloured in the dark theme too
            found = Axe().run(page).response["violations"]
            said = [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]
            assert said == [], state.__name__
        assert watched.complaints == []
