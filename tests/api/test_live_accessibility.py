"""The live page by axe in its main states; screenshots to look at go to build/live."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from api.live_pages import live_page
from api.servers import ReadyGraph, serving
from api.test_keys import RING
from api.test_live_page import THEN
from api.test_questions import asked_graph

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "build" / "live"
STATES = {
    "wall": "",
    "wall-down": f"?at={THEN}",
    "service-down": f"service/shop?at={THEN}",
    "incident": "incident?down=db",
    "what-if": "what-if?change=double~db~",
    "what-if-agreement": "what-if?change=agreement~SLA-1~0.9&change=down~db~",
    "what-if-none": "what-if",
    "findings": "findings",
    "agreements": "agreements",
    "no-revisions": "revisions",
    "unknown-service": "service/shap",
}


def violations(page: Page) -> list[object]:
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


SCREENS = pytest.mark.parametrize(
    ("wide", "dark"), [(1440, False), (390, True), (1440, True), (390, False)]
)


def picture_of(page: Page, name: str, *, wide: int, dark: bool) -> None:
    """Keep what is shown; a wall draws only the rows in sight, so that it is not drawn whole."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}-{wide}-{'dark' if dark else 'light'}.png"
    page.screenshot(path=path, full_page=page.locator(".wall").count() == 0)


@SCREENS
def test_axe_finds_nothing_in_any_view(wide: int, dark: bool) -> None:
    with (
        serving(ReadyGraph(asked_graph())) as client,
        live_page(client, dark=dark, width=wide, bypass_policy=True) as live,
    ):
        for name, address in STATES.items():
            page = live.open(address)
            picture_of(page, name, wide=wide, dark=dark)
            assert violations(page) == [], name


@SCREENS
def test_axe_finds_nothing_where_one_signs_in(wide: int, dark: bool) -> None:
    with (
        serving(ReadyGraph(asked_graph()), RING) as client,
        live_page(client, dark=dark, width=wide, bypass_policy=True) as live,
    ):
        page = live.open()
        picture_of(page, "sign-in", wide=wide, dark=dark)
        assert violations(page) == []


def test_names_are_in_the_accessibility_tree() -> None:
    with serving(ReadyGraph(asked_graph())) as client, live_page(client) as live:
        tree = live.open(f"service/shop?at={THEN}").locator("body").aria_snapshot()
        for words in (
            'heading "shop"',
            'region "Cause"',
            'button "shop, down',
            'button "db, down',
        ):
            assert words in tree
