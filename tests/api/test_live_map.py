"""The map of the live page: it explains, unfolds, is walked by keys and goes over the outages."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.live_pages import live_page
from api.servers import ReadyGraph, serving
from api.test_live_page import THEN
from api.test_questions import asked_graph
from graph_building import graph_of

pytestmark = pytest.mark.browser

POOL = "shop -> web & db; web -> h1 | h2 | h3"


@pytest.fixture(scope="module")
def pooled() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(graph_of(POOL))) as client:
        yield client


def test_texts_of_the_map_stand_in_their_boxes_below_each_other(pooled: httpx.Client) -> None:
    with live_page(pooled) as live:
        page = live.open("service/shop")
        boxes = page.locator(".map-stage [data-box]")
        places = boxes.evaluate_all(
            """all => all.map(box => [box.querySelector(".face, use").getBoundingClientRect(),
              ...[...box.querySelectorAll("text:not(.fold)")].filter(one => one.textContent).map(
                one => one.getBoundingClientRect())
              ].map(one => [one.top, one.bottom, one.left]))"""
        )
        assert places
        for (top, bottom, left), *texts in places:
            assert all(top < a and b < bottom and left < x for a, b, x in texts)
            middles = [(a + b) / 2 for a, b, _ in texts]
            assert middles == sorted(middles)
            assert len({round(one) for one in middles}) == len(middles)


def test_the_map_explains_its_boxes_and_a_link_shows_the_same_again(pooled: httpx.Client) -> None:
    with live_page(pooled) as live:
        page = live.open("service/shop?level=folded")
        page.locator(".map-stage [data-box]", has_text="db").click()
        facts = page.locator(".map-facts")
        expect(facts).to_contain_text("Is needed by")
        live.open(page.url.partition("#/")[2])
        expect(page.get_by_role("button", name="Pools folded")).to_have_attribute(
            "aria-pressed", "true"
        )
        expect(facts).to_contain_text("Is needed by")
        page.get_by_role("button", name="Close").click()
        expect(facts).to_be_hidden()
        page.locator(".map-stage [data-box]", has_text="db").click()
        facts.get_by_role("link", name="What falls with it").click()
        expect(page.get_by_role("region", name="In short")).to_contain_text("1 service down")
        assert live.wrongs() == []


def test_a_pool_of_the_map_unfolds_in_place(pooled: httpx.Client) -> None:
    with live_page(pooled) as live:
        page = live.open("service/shop?level=folded")
        pool = page.locator(".map-stage [data-members]")
        members = page.locator(".map-stage .member")
        high = page.locator(".map-stage svg").bounding_box()
        pool.focus()
        page.keyboard.press("Enter")
        expect(pool).to_have_attribute("aria-expanded", "false")
        listed = page.get_by_role("list", name="CIs of this pool").get_by_role("link")
        expect(listed).to_have_text(["h1", "h2", "h3"])
        page.keyboard.press("Enter")
        expect(pool).to_have_attribute("aria-expanded", "true")
        expect(members).to_have_count(3)
        grown = page.locator(".map-stage svg").bounding_box()
        assert high is not None
        assert grown is not None
        assert grown["height"] > high["height"]
        members.first.click()
        expect(page.locator(".map-facts")).to_contain_text("Is needed by")
        pool.locator(".name").click()
        page.get_by_role("button", name="Fold", exact=True).click()
        expect(members).to_have_count(0)
        expect(page.get_by_role("button", name="Unfold in the picture")).to_be_focused()
        assert live.wrongs() == []


def test_arrow_keys_walk_the_map_along_the_dependencies(pooled: httpx.Client) -> None:
    with live_page(pooled) as live:
        page = live.open("service/shop?level=folded")
        page.locator(".map-stage [data-box]").first.focus()
        walked = []
        for key in ("ArrowDown", "ArrowUp", "ArrowDown", "ArrowDown"):
            page.keyboard.press(key)
            walked.append(page.locator(".map-stage :focus .name").text_content())
        assert walked[1] == "shop"
        assert walked[0] == walked[2] == "web"
        page.keyboard.press("Enter")
        faded = page.locator(".map-stage .faded .name").all_text_contents()
        assert faded == ["db"]
        page.keyboard.press("Escape")
        expect(page.locator(".map-stage .faded")).to_have_count(0)


def statuses(page: Page) -> list[str]:
    return page.locator(".map-stage .status").all_text_contents()


def test_the_map_goes_over_the_outages_and_a_link_shows_the_moment_again() -> None:
    with serving(ReadyGraph(asked_graph())) as client, live_page(client) as live:
        page = live.open("service/shop")
        slider = page.get_by_role("slider", name="Outages")
        assert "down" not in statuses(page)
        page.get_by_role("button", name="One change back").click()
        expect(slider).to_have_attribute(
            "aria-valuetext", "13 Sept 12:10 UTC: db is back; shop is up"
        )
        slider.press("ArrowLeft")
        assert statuses(page).count("down") == 2
        expect(page.locator(".map-stage .path")).to_have_count(1)
        expect(page.get_by_role("button", name="db, down")).to_be_visible()
        page.locator(".map-stage [data-box]", has_text="db").click()
        expect(page.locator(".map-facts")).to_contain_text("Status at the moment of the slider")
        live.open(page.url.partition("#/")[2])
        assert statuses(page).count("down") == 2
        expect(slider).to_have_attribute(
            "aria-valuetext", "13 Sept 12:00 UTC: db goes down; shop is down"
        )
        page.get_by_role("button", name="One change on").click()
        page.get_by_role("button", name="One change on").click()
        assert "down" not in statuses(page)
        assert "then=" not in page.url
        assert live.wrongs() == []


def test_what_the_slider_shows_of_an_open_outage_ends_with_now() -> None:
    with serving(ReadyGraph(asked_graph())) as client, live_page(client) as live:
        page = live.open(f"service/shop?at={THEN}")
        slider = page.get_by_role("slider", name="Outages")
        assert statuses(page).count("down") == 2
        slider.press("Home")
        expect(page.locator(".map-stage .path")).to_have_count(1)
        slider.press("End")
        expect(page.locator(".map-time output")).to_contain_text("shop is down because db is down")
        assert live.wrongs() == []


def test_the_map_leads_to_the_page_of_a_service_beneath() -> None:
    graph = graph_of("shop -> pay & db; pay -> db", services=("shop", "pay"))
    with serving(ReadyGraph(graph)) as client, live_page(client) as live:
        page = live.open("service/shop")
        page.locator(".map-stage [data-box]", has_text="db").click()
        facts = page.locator(".map-facts")
        expect(facts).to_contain_text("What falls with it")
        expect(facts.get_by_role("link", name="Its page")).to_have_count(0)
        page.locator(".map-stage [data-box]", has_text="pay").click()
        facts.get_by_role("link", name="Its page").click()
        expect(page.get_by_role("heading", name="pay", level=1)).to_be_visible()
        assert live.wrongs() == []
