"""The incident on the live page when much is open and answers come late, in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from api.live_pages import live_page
from api.servers import NOW, ReadyGraph, serving
from api.test_questions import asked_graph
from graph_building import graph_of, records_of_text
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.service_graph import ServiceGraph

pytestmark = pytest.mark.browser

LONGEST_OF_A_PROXY = 8_000
"""Characters of an address that a proxy lets through unless it is told otherwise."""


def graph_of_a_bad_night() -> ServiceGraph:
    """A service on 200 servers with long names, all of them out."""
    servers = [f"a-server-with-a-rather-long-name-{place}" for place in range(200)]
    records = records_of_text(f"shop -> {' & '.join(servers)}; svc2 -> h1")
    begin = NOW - timedelta(hours=1)
    records.outages.extend(Outage(ci=name, start=begin, end=None) for name in servers)
    return build_service_graph(records).graph


def test_a_picture_of_hundreds_of_open_outages_is_asked_for_in_a_short_address() -> None:
    with serving(ReadyGraph(graph_of_a_bad_night())) as client, live_page(client) as live:
        asked: list[str] = []

        def note(request: Request) -> None:
            asked.append(request.url)

        live.page.on("request", note)
        page = live.open("incident?down=h1")
        expect(picture(page)).to_contain_text("2 services are down: shop and svc2.")
        assert max(map(len, asked)) < LONGEST_OF_A_PROXY
        assert live.wrongs() == []


def test_many_open_outages_are_folded_so_that_what_falls_is_in_sight() -> None:
    with serving(ReadyGraph(graph_of_a_bad_night())) as client, live_page(client) as live:
        page = live.open("incident")
        expect(page.get_by_text("Open now: 200")).to_be_visible()
        expect(page.locator(".outage:visible")).to_have_count(12)
        page.get_by_text("188 more").click()
        expect(page.locator(".outage:visible")).to_have_count(200)
        page.get_by_role("combobox", name="Suppose that this fails too").fill("h1")
        page.get_by_role("option", name="h1").click()
        expect(page.get_by_role("region", name="In short")).to_contain_text("2 services down")
        expect(page.locator(".outage:visible")).to_have_count(200)
        assert live.wrongs() == []


def test_a_picture_that_comes_late_does_not_replace_a_newer_one() -> None:
    with serving(ReadyGraph(asked_graph())) as client, live_page(client) as live:
        page = live.open("incident")
        late: list[Route] = []

        def hold_the_first(route: Route) -> None:
            if late:
                route.continue_()
            else:
                late.append(route)

        page.route(re.compile("/v1/view"), hold_the_first)
        choose = page.get_by_role("combobox", name="Suppose that this fails too")
        for name, words in (("h1", "1 service degraded"), ("db", "2 services down")):
            choose.fill(name)
            page.get_by_role("option", name=name).click()
            expect(page.get_by_role("region", name="In short")).to_contain_text(words)
        newer = "2 services are down: shop and svc2."
        expect(picture(page)).to_contain_text(newer)
        with page.expect_response(late[0].request.url) as answered:
            late[0].continue_()
        answered.value.finished()
        page.evaluate(
            "new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))"
        )
        expect(picture(page)).to_contain_text(newer)
        assert live.wrongs() == []


def test_an_unknown_ci_of_a_link_can_be_taken_out() -> None:
    with serving(ReadyGraph(asked_graph())) as client, live_page(client) as live:
        page = live.open("incident?down=nope&down=db")
        expect(page.get_by_role("alert").first).to_contain_text("Asked for: nope")
        expect(page.get_by_text("Open now")).to_be_hidden()
        page.get_by_role("button", name="Take out nope").click()
        expect(page.get_by_role("region", name="In short")).to_contain_text("2 services down")
        expect(page.get_by_text("Open now: nothing")).to_be_visible()


def test_where_nothing_falls_the_page_tells_redundancy_from_what_no_service_needs() -> None:
    graph = graph_of("shop ~> web; web -> h1 | h2; tool -> h3")
    reasons = {"h1": "what still works is enough", "h3": "none depends on what is out"}
    with serving(ReadyGraph(graph)) as client, live_page(client) as live:
        for name, reason in reasons.items():
            page = live.open(f"incident?down={name}")
            expect(page.locator("main")).to_contain_text(f"No service is impacted: {reason}.")
        assert live.wrongs() == []


def picture(page: Page) -> Locator:
    return page.get_by_role("region", name="Picture of what falls")
