"""What if with relations, and the map that explains itself, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Route, expect

from api.live_pages import live_page
from api.servers import ReadyGraph, serving
from api.test_questions import asked_graph

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(asked_graph())) as client:
        yield client


def test_what_if_adds_and_removes_relations_and_its_link_shows_them(client: httpx.Client) -> None:
    with live_page(client) as live:
        page = live.open("what-if")
        page.get_by_role("combobox", name="Change a CI").fill("svc2")
        page.get_by_role("option", name="svc2").click()
        kind = page.get_by_label("What becomes of svc2")
        kind.select_option("frees")
        page.get_by_label("What svc2 no longer needs").select_option(label="db")
        then = page.get_by_role("region", name="Before and after")
        expect(then).to_contain_text("the availability of 1 service changes.")
        expect(then.get_by_role("row", name="svc2")).to_contain_text("99.9 %")
        kind.select_option("needs")
        page.get_by_role("combobox", name="What svc2 would need").fill("h1")
        page.get_by_role("option", name="h1").click()
        # 0.999 of db times 0.99 of h1
        expect(then.get_by_role("row", name="svc2")).to_contain_text("98.901 %")
        live.open(page.url.partition("#/")[2])
        expect(page.get_by_role("listitem")).to_contain_text("h1")
        expect(then.get_by_role("row", name="svc2")).to_contain_text("98.901 %")
        assert live.wrongs() == []


def test_what_changes_while_a_what_if_waits_ends_that_one(client: httpx.Client) -> None:
    with live_page(client) as live:
        page = live.open("what-if")
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/v1/cis/*", hold)
        page.get_by_role("combobox", name="Change a CI").fill("svc2")
        page.get_by_role("option", name="svc2").click()
        page.get_by_label("What becomes of svc2").select_option("needs")
        other = page.get_by_role("combobox", name="What svc2 would need")
        other.fill("h1")
        for route in held:
            route.continue_()
        page.get_by_role("option", name="h1").click()
        then = page.get_by_role("region", name="Before and after")
        expect(then.get_by_role("row", name="svc2")).to_contain_text("98.901 %")
        assert live.wrongs() == []


def test_what_if_of_one_service_says_so_and_can_be_of_all(client: httpx.Client) -> None:
    with live_page(client) as live:
        page = live.open("what-if?service=shop&change=down~db~")
        then = page.get_by_role("region", name="Before and after")
        expect(page.get_by_text("compared for shop only")).to_be_visible()
        expect(then).to_contain_text("the availability of 1 service changes.")
        page.get_by_role("button", name="Compare all services").click()
        expect(then).to_contain_text("the availability of 2 services changes.")
        assert "service=" not in page.url
        assert live.wrongs() == []
