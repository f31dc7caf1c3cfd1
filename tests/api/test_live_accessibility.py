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
    "findings": "findings",
    "agreements": "agreements",
    "no-revisions": "revisions",
    "unknown-service": "service/shap",
}


def violations(page: Page) -> list[object]:
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize(("wide", "dark"), [(1440, False), (390, True)])
def test_axe_finds_nothing_in_any_view(wide: int, dark: bool) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    theme = "dark" if dark else "light"
    with (
        serving(ReadyGraph(asked_graph())) as client,
        live_page(client, dark=dark, width=wide, bypass_policy=True) as live,
    ):
        for name, address in STATES.items():
            page = live.open(address)
            page.screenshot(path=PICTURES / f"{name}-{wide}-{theme}.png", full_page=True)
            assert violations(page) == [], name


def test_axe_finds_nothing_where_one_signs_in() -> None:
    with (
        serving(ReadyGraph(asked_graph()), RING) as client,
        live_page(client, bypass_policy=True) as live,
    ):
        page = live.open()
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / "sign-in-1440-light.png")
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
