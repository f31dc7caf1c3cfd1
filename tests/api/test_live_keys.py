"""The live page in a real browser where a key is needed: signing in, and what a key may see."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from api.live_pages import live_page
from api.servers import ReadyGraph, serving
from api.test_keys import READER, RING, SENDER
from api.test_questions import asked_graph
from api.test_tenants import NOBODY, TENANTS

pytestmark = pytest.mark.browser


def test_a_page_asks_for_the_key_once_and_tells_a_wrong_one() -> None:
    with (
        serving(ReadyGraph(asked_graph()), RING) as client,
        live_page(client) as live,
    ):
        page = live.open("agreements")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.get_by_label("Key").fill("rg_000000000000_" + "x" * 43)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("did not take that key")
        page.get_by_label("Key").fill(f"Bearer {READER}")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("table")).to_contain_text("SLA-1")
        page.get_by_role("link", name="Incident", exact=True).click()
        live.settled()
        expect(page.get_by_text("Your key may not open or close outages")).to_be_visible()
        page.reload()
        live.settled()
        expect(page.get_by_role("heading", name="Incident")).to_be_visible()
        assert READER not in page.url
        assert page.evaluate("JSON.stringify(localStorage)") == "{}"
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert page.evaluate("sessionStorage.length") == 0
        assert [one for one in live.refused if "/v1/" not in one] == []


def test_a_key_that_may_not_read_is_told_so() -> None:
    with serving(ReadyGraph(asked_graph()), RING) as client, live_page(client) as live:
        page = live.open()
        page.get_by_label("Key").fill(SENDER)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("Your key may not see this.")
        expect(page.get_by_role("alert")).to_contain_text("scope read")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "no service is there"),
        ("findings", "none is there"),
        ("agreements", "no agreement is"),
    ],
)
def test_a_key_whose_tags_show_nothing_is_told_so_and_nothing_of_the_source(
    address: str, told: str
) -> None:
    with serving(ReadyGraph(asked_graph()), TENANTS) as client, live_page(client) as live:
        page = live.open(address)
        page.get_by_label("Key").fill(NOBODY)
        page.get_by_role("button", name="Sign in").click()
        seen = page.locator("main .state.empty")
        expect(seen).to_contain_text("This key sees only CIs under its tags (customer:none)")
        expect(seen).to_contain_text(told)
        for false in ("of this source", "The source holds", "Nothing is wrong", "0 rows"):
            expect(page.locator("main")).not_to_contain_text(false)
