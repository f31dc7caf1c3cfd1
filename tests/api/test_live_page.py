"""The live page in a real browser: the wall, a service, an incident; search, keys, states."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from api.live_pages import live_page
from api.servers import NOW, BrokenSource, ReadyGraph, serving
from api.test_questions import asked_graph
from graph_building import records_of_text
from ripplegraph import errors
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import CiKind
from visualize.hostile import HOSTILE_NAMES, hostile_graph

pytestmark = pytest.mark.browser
THEN = NOW.replace(day=13, minute=5).isoformat().replace("+00:00", "Z")
"""While the database of the example is down."""


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(asked_graph())) as client:
        yield client


def test_the_wall_shows_every_service_and_leads_to_one(client: httpx.Client) -> None:
    with live_page(client) as live:
        page = live.open()
        rows = page.get_by_role("table", name="Services").get_by_role("row")
        expect(rows).to_have_count(3)
        expect(rows.nth(1)).to_contain_text("99 %")
        expect(rows.nth(1)).to_contain_text("7 h 2 min left of 7 h 12 min")
        assert rows.nth(1).get_by_role("img").get_attribute("aria-label") == (
            "Last 30 days: down on 1"
        )
        page.get_by_role("link", name="shop").click()
        live.settled()
        expect(page.get_by_role("heading", level=1)).to_have_text("shop")
        levels = page.get_by_role("region", name="Service levels")
        expect(levels).to_contain_text("99.89 %")  # derived: 0.999 * (1 - 0.01 * 0.01)
        expect(levels).to_contain_text("exact")
        expect(page.get_by_role("region", name="What brings it down")).to_contain_text(
            "2 CIs alone bring it down. 3 smallest combinations in all."
        )
        expect(page.locator(".map svg [role=button]").first).to_be_visible()
        assert live.wrongs() == []


def test_a_link_shows_the_moment_and_the_filter_again(client: httpx.Client) -> None:
    with live_page(client) as live:
        page = live.open(f"?at={THEN}&status=down&q=svc2")
        expect(page.get_by_text("1 of 2 services").first).to_be_visible()
        expect(page.get_by_text("As of")).to_be_visible()
        row = page.get_by_role("row", name="svc2")
        expect(row).to_contain_text("down for 5 min, because db")
        page.get_by_role("button", name="Back to now").click()
        expect(page.get_by_text("As of", exact=False).first).to_be_hidden()
        live.settled()
        expect(page.get_by_role("button", name="down", pressed=True)).to_be_visible()
        expect(page.get_by_text("No service fits.")).to_be_visible()
        assert live.wrongs() == []


def test_search_finds_services_by_cause_and_cis_by_name(client: httpx.Client) -> None:
    with live_page(client) as live:
        page = live.open(f"?at={THEN}")
        page.keyboard.press("/")
        page.keyboard.type("db")
        expect(page.get_by_role("table", name="Services").get_by_role("row")).to_have_count(3)
        page.locator(".ci-hits").get_by_role("link", name="db").click()
        live.settled()
        assert "#/incident?down=t%3Aserver%3Adb&at=" in page.url
        expect(page.get_by_role("region", name="In short")).to_contain_text("2 services down")
        assert live.wrongs() == []


def test_an_incident_is_built_by_keyboard_and_told_by_its_link(client: httpx.Client) -> None:
    with live_page(client) as live:
        page = live.open("incident")
        expect(page.get_by_text("Nothing is out. Choose a CI above")).to_be_visible()
        page.get_by_role("combobox", name="Suppose that this fails too").fill("h1")
        expect(page.get_by_role("option", name="h1")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="In short")).to_contain_text(
            "1 service degraded or at risk"
        )
        page.get_by_role("combobox", name="Suppose that this fails too").fill("h2")
        expect(page.get_by_role("option", name="h2")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="In short")).to_contain_text("1 service down")
        link = page.url.partition("#/")[2]
        live.open(link)
        expect(page.get_by_role("region", name="In short")).to_contain_text("1 service down")
        expect(page.get_by_role("region", name="In short")).to_contain_text(
            "First breach in 7 h 2"
        )
        page.get_by_label("What is supposed of h2").select_option("degraded")
        expect(page.get_by_role("region", name="In short")).to_contain_text(
            "1 service degraded or at risk"
        )
        page.get_by_role("button", name="Take out h1").click()
        page.get_by_role("button", name="Take out h2").click()
        expect(page.get_by_text("Nothing is out.")).to_be_visible()
        assert live.wrongs() == []


def test_whoever_owns_what_is_out_is_called_though_something_worse_hides_it() -> None:
    graph = asked_graph()
    for ci, team in (("db", "Databases"), ("h1", "Compute")):
        graph.cis.owner_team[graph.resolve(ci)] = team
    with serving(ReadyGraph(graph)) as client, live_page(client) as live:
        page = live.open("incident?down=db&down=h1")
        call = page.get_by_role("region", name="Whom to call")
        expect(call).to_contain_text("Databases")
        expect(call).to_contain_text("Compute")
        assert live.wrongs() == []


def test_planned_work_is_not_called_down_in_what_to_fix_first(client: httpx.Client) -> None:
    with live_page(client) as live:
        page = live.open("incident?maintenance=db&down=h1")
        first = page.get_by_role("region", name="Fix first").get_by_role("listitem")
        expect(first.filter(has_text="db")).to_contain_text("db planned work: ")
        expect(first.filter(has_text="h1")).to_contain_text("h1 down: ")
        picture = page.get_by_role("region", name="Picture of what falls")
        expect(picture.get_by_role("button", name="db, down")).to_be_visible()
        expect(picture.get_by_role("button", name="shop, down")).to_be_visible()
        assert live.wrongs() == []


def test_a_long_wall_holds_only_the_rows_in_sight_and_is_walked_by_keys() -> None:
    text = "; ".join(f"svc{number:04} -> db" for number in range(600))
    source = ReadyGraph(build_service_graph(records_of_text(text)).graph)
    with serving(source) as client, live_page(client) as live:
        page = live.open()
        table = page.get_by_role("table", name="Services")
        assert table.get_attribute("aria-rowcount") == "601"
        assert table.get_by_role("row").count() < 40
        page.get_by_role("link", name="svc0000").focus()
        for _ in range(30):
            page.keyboard.press("ArrowDown")
        focused = page.evaluate("document.activeElement.textContent")
        assert focused == "svc0030"
        page.get_by_role("searchbox").fill("svc0599")
        expect(table.get_by_role("row")).to_have_count(2)
        assert live.wrongs() == []


def test_names_are_text_whatever_they_hold() -> None:
    graph = hostile_graph()
    with serving(ReadyGraph(graph)) as client, live_page(client) as live:
        page = live.open()
        page.get_by_role("table").get_by_role("link").first.click()
        live.settled()
        for _ in range(3):
            page.keyboard.press("Tab")
        boxes = page.locator(".map [data-box]")
        assert boxes.count() == len(HOSTILE_NAMES)
        for index in range(boxes.count()):
            boxes.nth(index).dispatch_event("click")
        page.get_by_role("link", name="Incident", exact=True).click()
        live.settled()
        for text in ("<", "javascript", "__proto__"):
            page.get_by_role("combobox", name="Suppose that").fill(text)
            page.locator(".options [role=option]").first.wait_for()
            page.keyboard.press("Enter")
            live.settled()
        assert page.evaluate("window.__pwn") is None
        assert live.wrongs() == []


def test_the_page_says_whether_offerings_are_counted() -> None:
    records = records_of_text("shop -> db; gold -> shop; svc2 -> db", services=("shop", "gold"))
    records.cis.kind[records.cis.native_id.index("gold")] = CiKind.SERVICE_OFFERING
    source = ReadyGraph(build_service_graph(records).graph)
    with serving(source) as client, live_page(client) as live:
        page = live.open()
        expect(page.locator(".found")).to_have_text("2 services, 1 offering counted with them")
        page = live.open("findings")
        expect(page.get_by_text("3 services and offerings")).to_be_visible()
        assert live.wrongs() == []


def test_a_source_without_services_says_what_to_do() -> None:
    source = ReadyGraph(build_service_graph(records_of_text("a -> b")).graph)
    with serving(source) as client, live_page(client) as live:
        page = live.open()
        expect(page.get_by_text("No CI of this source counts as a service.")).to_be_visible()
        assert live.wrongs() == []


def test_a_source_that_cannot_be_read_says_why_and_can_be_asked_again() -> None:
    error = errors.UnreadableFileError("acme.zip", "it is no zip", "Export it again")
    with serving(BrokenSource(error)) as client, live_page(client) as live:
        page = live.open()
        expect(page.get_by_role("alert")).to_contain_text("cannot be read as it is.")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_an_unknown_service_suggests_others(client: httpx.Client) -> None:
    with live_page(client) as live:
        page = live.open("service/shap")
        expect(page.get_by_role("alert")).to_contain_text("Asked for: shap")
        expect(page.get_by_role("alert")).to_contain_text("Perhaps: shop")
        page = live.open("service/zzzzzzzz")
        expect(page.get_by_role("alert")).to_contain_text("Asked for: zzzzzzzz")
        expect(page.get_by_role("alert")).not_to_contain_text("ripplegraph show")
        page.get_by_role("link", name="Search the services and CIs").click()
        expect(page.get_by_role("searchbox", name="Find")).to_be_visible()
        page = live.open("no-such-view")
        expect(page.get_by_text("There is no such view")).to_be_visible()


def test_a_reader_looks_at_an_earlier_moment(client: httpx.Client) -> None:
    with live_page(client) as live:
        page = live.open()
        page.get_by_text("Earlier").click()
        page.get_by_label("As of").fill("2026-09-13T12:05")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_role("row", name="shop")).to_contain_text("down for")
        assert "at=2026-09-1" in page.url
        assert live.wrongs() == []


def test_what_if_shows_every_sla_before_and_after(client: httpx.Client) -> None:
    with live_page(client) as live:
        page = live.open("what-if")
        page.get_by_role("combobox", name="Change a CI").fill("db")
        expect(page.get_by_role("option", name="db")).to_be_visible()
        page.keyboard.press("Enter")
        then = page.get_by_role("region", name="Before and after")
        # db alone fails in 0.001 of 525,600 minutes; two of it hardly ever at once
        expect(then.get_by_role("row", name="svc2")).to_contain_text("99.9999 %")
        expect(then.get_by_role("row", name="svc2")).to_contain_text("525 min less")
        expect(then).to_contain_text(
            "No verdict on an SLA changes; the availability of 2 services changes."
        )
        page.get_by_label("What becomes of db").select_option("down")
        expect(then).to_contain_text(
            "1 verdict or target of SLAs changes; the availability of 2 services changes."
        )
        gone = page.get_by_role("region", name="While that is gone")
        expect(gone.get_by_role("row", name="shop")).to_contain_text("✕ down")
        live.open(page.url.partition("#/")[2])
        expect(page.get_by_label("What becomes of db")).to_have_value("down")
        expect(then).to_contain_text("1 verdict or target of SLAs changes")
        page.get_by_label("What becomes of db").select_option("own")
        page.get_by_label("Availability of db in percent").fill("50")
        page.keyboard.press("Tab")
        expect(then.get_by_role("row", name="svc2")).to_contain_text("50 %")
        page.get_by_label("Change what an agreement promises").select_option("SLA-1")
        page.get_by_label("Availability of SLA-1 in percent").fill("40")
        page.keyboard.press("Tab")
        expect(then.get_by_role("row", name="SLA-1")).to_contain_text("99 % → 40 %")
        page.get_by_role("button", name="Take out SLA-1").click()
        page.get_by_role("button", name="Take out db").click()
        expect(page.get_by_text("No change yet.")).to_be_visible()
        assert live.wrongs() == []


def test_what_if_shows_two_columns_of_states_only_where_they_can_differ(
    client: httpx.Client,
) -> None:
    with live_page(client) as live:
        page = live.open("what-if?change=down~db~")
        gone = page.get_by_role("region", name="While that is gone")
        heads = gone.get_by_role("columnheader")
        expect(heads).to_have_text(["Service", "Status"])
        expect(gone.get_by_role("row", name="shop")).to_contain_text("✕ down")
        live.open("what-if?change=down~db~&change=double~h1~")
        expect(heads).to_have_text(["Service", "Only that gone", "With the other changes"])
        assert live.wrongs() == []


def test_findings_are_searched_and_filtered(client: httpx.Client) -> None:
    with live_page(client) as live:
        page = live.open("findings?q=sla")
        expect(page.get_by_role("table").first).to_contain_text("service-without-sla")
        page.get_by_role("searchbox").fill("no such finding")
        expect(page.get_by_text("No finding fits.")).to_be_visible()
        assert "q=no+such+finding" in page.url
        assert live.wrongs() == []


def test_agreements_show_their_reviews_and_an_export_has_no_revisions(
    client: httpx.Client,
) -> None:
    with live_page(client) as live:
        page = live.open("agreements?kind=SLA")
        expect(page.get_by_role("row", name="SLA-1")).to_contain_text("99 %")
        expect(page.get_by_role("row", name="SLA-1")).to_contain_text("none planned")
        expect(page.locator(".metrics")).to_contain_text("services and offerings with an SLA")
        page.get_by_role("button", name="review overdue").click()
        expect(page.get_by_text("No agreement fits.")).to_be_visible()
        page = live.open("revisions")
        expect(page.get_by_text("which has no revisions")).to_be_visible()
        assert live.wrongs() == []


def test_what_happens_shows_at_once_without_asking_again() -> None:
    with serving(ReadyGraph(asked_graph())) as client, live_page(client) as live:
        page = live.open()
        expect(page.locator(".pill")).to_contain_text("Live")
        row = page.get_by_role("row", name="shop")
        expect(row).to_contain_text("✓ up")
        told = client.post("/v1/outages", json={"external_id": "7", "ci": "db"})
        assert told.status_code == 201
        expect(row).to_contain_text("✕ down")
        expect(row).to_contain_text("because db")
        row.get_by_role("link", name="shop").click()
        live.settled()
        expect(page.get_by_role("region", name="Cause")).to_contain_text("db root cause")
        client.post("/v1/outages/api/7/close", json={})
        expect(page.get_by_role("region", name="Cause")).to_be_hidden()
        expect(page.locator(".service-head")).to_contain_text("up")
        assert live.wrongs() == []


def test_an_outage_is_reported_and_closed_on_the_page() -> None:
    with serving(ReadyGraph(asked_graph())) as client, live_page(client) as live:
        page = live.open("incident")
        expect(page.get_by_text("Open now: nothing")).to_be_visible()
        page.get_by_text("Report a real outage").click()
        page.get_by_role("button", name="Open the outage").click()
        expect(page.get_by_role("alert").first).to_contain_text("Choose the CI first.")
        page.get_by_role("combobox", name="CI", exact=True).fill("db")
        expect(page.get_by_role("option", name="db")).to_be_visible()
        page.keyboard.press("Enter")
        page.get_by_label("Cause").fill("<b>disk full</b>")
        page.get_by_role("button", name="Open the outage").click()
        expect(page.get_by_text("Open now: 1")).to_be_visible()
        expect(page.locator(".outage")).to_contain_text("<b>disk full</b>")
        expect(page.get_by_role("region", name="In short")).to_contain_text("2 services down")
        page.get_by_role("button", name="Close it").click()
        expect(page.get_by_text("Open now: nothing")).to_be_visible()
        (found,) = client.get("/v1/outages").json()["outages"]
        assert (found["state"], found["source"]) == ("closed", "api")
        assert live.wrongs() == []


def test_a_server_that_cannot_be_reached_is_told_until_it_can(client: httpx.Client) -> None:
    with live_page(client) as live:
        page = live.open()
        expect(page.locator(".pill")).to_contain_text("Live")
        page.context.set_offline(True)
        page.get_by_role("link", name="Findings").click()
        expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
        expect(page.locator(".pill")).to_contain_text("No connection since")
        page.context.set_offline(False)
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("table").first).to_contain_text("service-without-sla")
        expect(page.locator(".pill")).not_to_contain_text("No connection")
