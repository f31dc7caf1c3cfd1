"""Times on the live page: in the zone of their agreement, or of the reader, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from api.live_pages import live_page
from api.servers import NOW, ReadyGraph, serving
from graph_building import records_of_text
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.service_graph import ServiceGraph

pytestmark = pytest.mark.browser

READER = "America/New_York"
"""Four hours behind UTC in September; Tokyo is nine before it, Kolkata five and a half."""


def sla(name: str, zone: str, service: str = "shop") -> Agreement:
    return Agreement(
        agreement_id=name,
        kind=AgreementKind.SLA,
        covers=(service,),
        target_availability=Decimal("0.99"),
        time_zone=zone,
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        valid_to=datetime(2027, 12, 31, 15, tzinfo=UTC),  # the year ends in Tokyo
    )


def graph_of_slas(*slas: Agreement) -> ServiceGraph:
    """A shop whose database is down since eleven o'clock UTC, an hour ago."""
    records = records_of_text("shop -> db; pay -> db2")
    records.agreements.extend(slas)
    records.outages.append(Outage(ci="db", start=NOW - timedelta(hours=1), end=None))
    return build_service_graph(records).graph


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(graph_of_slas(sla("SLA-1", "Asia/Tokyo")))) as client:
        yield client


def test_what_belongs_to_an_agreement_is_told_in_its_zone_and_the_rest_in_the_readers(
    client: httpx.Client,
) -> None:
    with live_page(client, zone=READER) as live:
        page = live.open()
        # of the 7 h 12 min of the month in Tokyo, which has 30 days, 6 h 12 min are left
        expect(page.get_by_role("row", name="shop")).to_contain_text("16 Sept 03:12 +09:00")
        expect(page.get_by_role("contentinfo")).to_contain_text(
            f"those without one in the zone of this browser, {READER}"
        )
        page = live.open("incident")
        expect(page.locator(".outage")).to_contain_text("since 07:00 (")
        clock = page.get_by_role("region", name="SLAs by time to breach")
        expect(clock).to_contain_text("16 Sept 03:12 +09:00")
        assert live.wrongs() == []


def test_a_page_of_a_service_is_in_the_zone_that_its_slas_share(client: httpx.Client) -> None:
    with live_page(client, zone=READER) as live:
        page = live.open("service/shop")
        expect(page.locator(".since")).to_contain_text("since 20:00 +09:00")
        levels = page.get_by_role("region", name="Service levels")
        expect(levels).to_contain_text("breached at 16 Sept 03:12 +09:00")
        expect(levels).to_contain_text("until 1 Oct")
        expect(levels.locator(".burn .tick", has_text=re.compile("^1 Sept$"))).to_have_count(1)
        expect(outages(page)).to_contain_text("20:00 +09:00")
        page.get_by_role("button", name="One change back").click()
        expect(page.locator(".map-time output")).to_contain_text("20:00 +09:00: db goes down")
        assert live.wrongs() == []


def test_where_slas_differ_in_their_zones_only_what_is_of_one_has_an_offset() -> None:
    graph = graph_of_slas(sla("SLA-1", "Asia/Tokyo"), sla("SLA-2", "Asia/Kolkata"))
    with serving(ReadyGraph(graph)) as client, live_page(client, zone=READER) as live:
        page = live.open("service/shop")
        expect(page.locator(".since")).to_contain_text("since 07:00 (")
        expect(outages(page)).to_contain_text("07:00")
        expect(outages(page)).not_to_contain_text("+0")
        clock = live.open("incident").get_by_role("region", name="SLAs by time to breach")
        expect(clock.get_by_role("row", name="SLA-1")).to_contain_text("+09:00")
        expect(clock.get_by_role("row", name="SLA-2")).to_contain_text("23:42 +05:30")
        assert live.wrongs() == []


def test_without_a_zone_an_agreement_is_told_in_utc_and_its_days_are_those_written_down() -> None:
    tokyo = sla("SLA-1", "Asia/Tokyo")
    graph = graph_of_slas(tokyo, sla("SLA-2", "", service="pay"))
    with serving(ReadyGraph(graph)) as client, live_page(client, zone=READER) as live:
        page = live.open("agreements")
        valid = page.get_by_role("row", name="SLA-1")
        expect(valid).to_contain_text("1 Jan ")
        expect(valid).to_contain_text("31 Dec 2027")
        page = live.open("service/pay?at=2026-09-15T11:30Z")
        expect(page.get_by_role("region", name="Service levels")).to_contain_text("until 1 Oct")
        burn = page.locator("svg.burn")
        assert "on 11:30 UTC" in str(burn.get_attribute("aria-label"))
        assert live.wrongs() == []


def outages(page: Page) -> Locator:
    return page.get_by_role("region", name="Outages in this window")
