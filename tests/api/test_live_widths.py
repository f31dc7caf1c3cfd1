"""The live page in a real browser of any width: nothing is cut off, nor hidden, on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from api.live_pages import live_page
from api.servers import ReadyGraph, serving
from api.test_live_page import THEN
from api.test_questions import asked_graph

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(asked_graph())) as client:
        yield client


@pytest.mark.parametrize("address", ["service/shop", "agreements", "revisions", "findings"])
def test_no_word_breaks_into_letters_on_a_phone(client: httpx.Client, address: str) -> None:
    with live_page(client, width=390) as live:
        page = live.open(address)
        widths = page.locator("main tbody th").evaluate_all(
            "all => all.map(one => one.clientWidth)"
        )
        assert min(widths, default=200) >= 120


@pytest.mark.parametrize("width", [390, 1000, 1440])
def test_no_view_is_wider_than_the_screen(client: httpx.Client, width: int) -> None:
    with live_page(client, width=width, dark=width == 390) as live:
        for address in (
            f"?at={THEN}",
            f"service/shop?at={THEN}",
            "incident?down=db",
            "what-if?change=down~db~",
            "findings",
            "agreements",
            "revisions",
        ):
            page = live.open(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            if width == 390:  # nor is any table of it
                wider = "all => all.filter(one => one.scrollWidth > one.clientWidth).length"
                assert page.locator(".scroll").evaluate_all(wider) == 0, address
        assert live.wrongs() == []


def test_every_view_is_reached_on_a_phone(client: httpx.Client) -> None:
    with live_page(client, width=390) as live:
        page = live.open()
        links = page.get_by_role("navigation", name="Views").get_by_role("link")
        for name in ("Services", "Incident", "What if", "Agreements", "Findings", "Revisions"):
            expect(links.filter(has_text=name)).to_be_in_viewport(ratio=1)
        links.filter(has_text="Revisions").click()
        expect(page.get_by_role("heading", name="Revisions")).to_be_in_viewport()


def test_a_table_says_on_a_phone_what_each_cell_is(client: httpx.Client) -> None:
    with live_page(client, width=390) as live:
        page = live.open("agreements")
        said = (
            page.locator("main tbody tr")
            .first.locator("td")
            .evaluate_all("all => all.map(one => getComputedStyle(one, '::before').content)")
        )
        assert said == ['"Between"', '"Promises"', '"Valid"', '"Review"', '"State"']
