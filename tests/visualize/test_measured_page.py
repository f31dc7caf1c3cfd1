"""The page of reports: one file, no script, other people's names as text only."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from html import unescape
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring
from zoneinfo import ZoneInfo

import pytest

from graph_building import graph_of
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.model import CiId
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.design import design_comparisons
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.impact.timeline.status_intervals import status_intervals
from ripplegraph.impact.timeline.timeline import timeline_of
from ripplegraph.impact.timeline.values import TrendPoint
from ripplegraph.impact.timeline.windows import parse_window
from ripplegraph.visualize.charts.availability_trend import availability_trend
from ripplegraph.visualize.charts.drawing import LOOKS
from ripplegraph.visualize.charts.outage_strip import strip_keys
from ripplegraph.visualize.charts.time_axis import TimeAxis
from ripplegraph.visualize.measured_page import (
    ReportPage,
    measured_page_policy,
    render_measured_page,
)
from ripplegraph.visualize.pdf import pdf_of

START = datetime(2026, 10, 1, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def shop(name: str = "Shop", **options: object) -> ServiceGraph:
    said = {
        "agreement_id": "gold",
        "kind": AgreementKind.SLA,
        "name": name,
        "customer": name,
        "target_availability": Decimal("0.999"),
        "penalty": name,
        "penalty_per_minute": Decimal(1),
        "cost_currency": "EUR",
    } | options
    graph = graph_of("shop -> h1 | h2 & db ; shop ~> mail")
    rows = (
        ("db", 0, 3600, OutageKind.UNPLANNED, ""),
        ("db", 7200, 9000, OutageKind.PLANNED, ""),
        ("db", 10_000, 10_600, OutageKind.UNPLANNED, name),
        ("h1", 20_000, 20_600, OutageKind.UNPLANNED, ""),
        ("mail", 30_000, 30_600, OutageKind.UNPLANNED, ""),
        ("db", 40_000, None, OutageKind.UNPLANNED, ""),
    )
    past = tuple(
        Outage(
            ci=ci,
            start=START + timedelta(seconds=start),
            end=None if end is None else START + timedelta(seconds=end),
            kind=kind,
            excluded=excluded,
            cause=name,
            change=name,
            external_id=name,
        )
        for ci, start, end, kind, excluded in rows
    )
    graph.cis.name[:] = [name] * graph.ci_count
    graph.cis.owner_team[:] = [name] * graph.ci_count
    return replace(
        graph,
        outages=past,
        outage_ci=tuple(graph.resolve(one.ci) for one in past),
        agreements=(Agreement(**said),),  # type: ignore[arg-type] # whatever the test says
        covered=((0,),),
    )


def page_of(
    graph: ServiceGraph,
    *,
    window: str = "2026-10",
    seconds: int = 50_000,
    is_for_print: bool = False,
) -> str:
    now = START + timedelta(seconds=seconds)
    answer = service_level_reports(graph, now=now, window=parse_window(window))
    line = timeline_of(graph, now=now)
    intervals = {CiId(graph.ci_ids[0]): status_intervals(line, 0)}
    comparisons = design_comparisons(graph, now=now, services=[graph.ci_ids[0]])
    page = ReportPage(answer=answer, intervals=intervals, comparisons=comparisons)
    return render_measured_page(page, graph, is_for_print=is_for_print)


SVG = "{http://www.w3.org/2000/svg}"


def charts_of(page: str) -> dict[str, Element]:
    """Return the first chart of each kind, by the words that name it before the colon or comma."""
    found: dict[str, Element] = {}
    for text in re.findall(r'<svg[^>]*class="chart".*?</svg>', page, re.DOTALL):
        chart = fromstring(text)
        found.setdefault(re.split(r"[:,]| \d", chart.attrib["aria-label"])[0], chart)
    return found


def titles(chart: Element, tag: str = "rect") -> list[str]:
    return [title.text or "" for one in chart.iter(SVG + tag) for title in one.iter(SVG + "title")]


def test_the_strip_tells_what_each_time_counts_as() -> None:
    strip = charts_of(page_of(shop()))["Outage strip"]
    assert titles(strip) == [
        "to come, from 2026-10-01 13:53:20Z",
        "down: 2026-10-01 00:00:00Z to 2026-10-01 01:00:00Z",
        "down, planned: 2026-10-01 02:00:00Z to 2026-10-01 02:30:00Z",
        "down, excluded: 2026-10-01 02:46:40Z to 2026-10-01 02:56:40Z",
        "at risk: 2026-10-01 05:33:20Z to 2026-10-01 05:43:20Z",
        "degraded: 2026-10-01 08:20:00Z to 2026-10-01 08:30:00Z",
        "down: 2026-10-01 11:06:40Z to now",
    ]


def shape_of(bar: Element) -> tuple[float, float, str]:
    """Return where a bar begins and how high it is, and how much of its colour it has."""
    return float(bar.attrib["y"]), float(bar.attrib["height"]), bar.attrib.get("fill-opacity", "1")


def test_what_a_bar_counts_as_is_told_by_its_place_and_height_too() -> None:
    strip = charts_of(page_of(shop()))["Outage strip"]
    bars = {one.attrib["class"]: one for one in strip.iter(SVG + "rect")}
    named = {
        "down": "down, counts",
        "degraded": "degraded",
        "at_risk": "at risk",
        "planned": "planned",
        "excluded": "excluded",
    }
    assert len({shape_of(bars[look]) for look in named}) == len(named)
    keys = {one.words: fromstring(one.svg) for one in strip_keys()}
    for look, words in named.items():
        (_, key) = keys[words].iter(SVG + "rect")
        assert key.attrib["class"] == look
        share = shape_of(key)[1] / float(next(keys[words].iter(SVG + "rect")).attrib["height"])
        assert share == pytest.approx(shape_of(bars[look])[1] / 26, abs=1e-3)


def test_charts_have_the_colours_of_the_light_theme() -> None:
    style = re.search(r"<style>(.*?)</style>", page_of(shop()), re.DOTALL)
    assert style
    light = style[1].split("@media screen and (max-width")[0]
    first = dict(reversed(re.findall(r"--(\w+):(#\w+)", light)))
    assert {look: first[look] for look in LOOKS} == LOOKS


def test_what_is_drawn_of_an_outage_has_its_length_on_the_axis_of_time() -> None:
    strip = charts_of(page_of(shop(), seconds=31 * 86_400))["Outage strip"]
    last = [one for one in strip.iter(SVG + "rect") if one.attrib["class"] == "down"][-1]
    month = 31 * 86_400
    assert float(last.attrib["width"]) == pytest.approx(712 * (month - 40_000) / month, abs=0.01)


def test_the_burn_down_ends_at_what_is_left() -> None:
    page = page_of(shop())
    burn_down = charts_of(page)["Budget"]
    line = [one for one in burn_down.iter(SVG + "polyline") if "stroke-width" in one.attrib][-2:]
    assert "overdrawn 2026-10-01 00:44Z" in "".join(burn_down.itertext())
    steps = [
        tuple(map(float, point.split(",")))
        for one in burn_down.iter(SVG + "polyline")
        if one.attrib["class"] == "stroke-down" and one.attrib["stroke-width"] == "2"
        for point in one.attrib["points"].split()
    ]
    assert len(line) == 2
    heights = [y for _, y in steps]
    assert heights == sorted(heights)
    # budget 2678.4 s; 3600 s and 10,000 s used: the line falls 13,600 s
    zero = 14.0 + (heights[-1] - 14.0) * 2678.4 / 13_600
    assert heights[0] == pytest.approx(14.0)
    assert heights[1] == pytest.approx(14.0)
    assert heights[2] == pytest.approx(14.0 + (zero - 14.0) * 3600 / 2678.4, abs=0.05)


def test_what_degraded_time_used_stands_at_the_end_of_the_burn_down() -> None:
    graph = shop(target_availability=Decimal("0.9"), degraded_weight=Decimal("0.5"))
    points = [
        point.split(",")
        for one in charts_of(page_of(graph, seconds=35_000))["Budget"].iter(SVG + "polyline")
        if one.attrib["class"] == "stroke-up" and one.attrib["stroke-width"] == "2"
        for point in one.attrib["points"].split()
    ]
    (before, high), (last, low) = points[-2:]
    assert before == last
    assert float(high) < float(low)


@pytest.mark.parametrize(
    ("target", "seconds", "used"),
    [("0.999", 50_000, "507.8%"), ("0.998656", 5_000, "100.1%"), ("0.9986559", 5_000, "99.9%")],
)
def test_only_a_budget_used_up_is_100_percent(target: str, seconds: int, used: str) -> None:
    page = page_of(shop(target_availability=Decimal(target)), seconds=seconds)
    assert f"<dt>Budget used</dt><dd>{used}</dd>" in page


def test_contributions_and_design_stand_beside_each_other() -> None:
    charts = charts_of(page_of(shop("db team", target_availability=Decimal("0.9"))))
    shares = charts["Downtime by who answers for it"]
    assert titles(shares) == ["no agreement: db team: 3 h 46 min 40 s, internal"]
    assert titles(charts["Downtime scaled to"])[0] == "the target allows: 3 d"


def test_what_was_measured_is_named_as_scaled_where_the_design_stands_beside_it() -> None:
    page = page_of(shop("db team", target_availability=Decimal("0.9")))
    design = charts_of(page)["Downtime scaled to"]
    assert titles(design)[-1].startswith("measured, scaled to 30 days: ")
    assert '<span class="legend">downtime, scaled to 30 days</span>' in page


def test_the_trend_shows_each_window_against_the_target() -> None:
    graph = shop(target_availability=Decimal("0.95"))
    page = page_of(graph, window="2026-12", seconds=70 * 86_400)
    trend = charts_of(page)["Availability of"]
    assert [one.split(":")[0] for one in titles(trend, "circle")] == [
        "Jul 2026",
        "Aug 2026",
        "Sep 2026",
        "Oct 2026",
        "Nov 2026",
        "Dec 2026",
    ]
    looks = [one.attrib["class"] for one in trend.iter(SVG + "circle")]
    assert looks == ["up"] * 3 + ["down"] * 3


def test_a_trend_says_where_there_is_no_data_and_needs_two_windows_with_some() -> None:
    def point(month: int, availability: Fraction | None) -> TrendPoint:
        return TrendPoint(
            start=datetime(2026, month, 1, tzinfo=UTC),
            end=datetime(2026, month + 1, 1, tzinfo=UTC),
            agreed_seconds=1,
            used_seconds=Fraction(0),
            budget_seconds=None,
            availability=availability,
        )

    points = [point(1, Fraction(1)), point(2, None), point(3, Fraction(9, 10))]
    trend = availability_trend(points, None)
    assert trend is not None
    assert fromstring(trend.svg).attrib["aria-label"] == (
        "Availability of 2 windows, lowest 90.000%"
    )
    assert "".join(fromstring(trend.svg).itertext()).count("no data") == 1
    assert availability_trend(points[:2], None) is None


def test_the_page_names_outages_that_go_on_and_penalties() -> None:
    page = page_of(shop())
    for words in ("goes on", "missed", "100.0%", "EUR"):
        assert words in page, words


def test_a_design_without_a_number_says_so() -> None:
    assert "The design gives no single number: it is incomplete" in page_of(shop())


def test_one_report_is_counted_as_one() -> None:
    assert "1 report, measured up to" in page_of(shop())


@pytest.mark.parametrize(
    ("window", "words"), [("2026-10", "Oct 2026"), ("2026-Q4", "Q4 2026"), ("2026", "2026")]
)
def test_the_heading_names_the_window_that_is_reported(window: str, words: str) -> None:
    page = page_of(shop(), window=window)
    assert f"<h1>Service level report: {words}</h1>" in page
    assert f"<title>Service levels, {words}, up to" in page


def test_each_customer_has_a_part_and_the_worst_stands_first() -> None:
    graph = shop()
    second = replace(
        graph.agreements[0],
        agreement_id="bronze",
        name="Bronze",
        customer="Another",
        target_availability=Decimal("0.5"),
    )
    graph = replace(graph, agreements=(second, *graph.agreements), covered=((0,), (0,)))
    page = page_of(graph)
    assert [re.sub("<.*?>", "", one) for one in re.findall("<h2>(.*?)</h2>", page, re.DOTALL)] == [
        "Another",
        "Shop",
    ]
    summary = page[: page.index("</table>")]
    assert summary.index("missed") < summary.index("Bronze")


def test_hostile_names_stay_text_and_no_script_is_allowed() -> None:
    for is_for_print in (False, True):
        page = page_of(shop(HOSTILE), is_for_print=is_for_print)
        assert "<script" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page
        assert not re.search(r"(src|href)=\"(?!#|data:image/svg)", page)
        assert "script-src" not in measured_page_policy()
        assert "default-src 'none'" in page.replace("&#39;", "'")


def test_charts_for_print_are_images_that_say_what_they_show() -> None:
    page = page_of(shop(HOSTILE), is_for_print=True)
    images = re.findall(r'<img class="chart" alt="([^"]+)" src="data:[^,]+,([^"]+)">', page)
    assert len(images) == 5
    for words, encoded in images:
        assert fromstring(b64decode(encoded)).attrib["aria-label"] == unescape(words)


def test_the_pdf_is_the_same_for_the_same_page() -> None:
    page = page_of(shop(HOSTILE), is_for_print=True)
    made = pdf_of(page)
    assert made.startswith(b"%PDF-")
    assert pdf_of(page) == made


def test_a_pdf_fetches_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    plain = pdf_of("<p>a</p><p></p>")
    assert abs(len(pdf_of(f'<p>a</p><p><img src="{secret.as_uri()}"></p>')) - len(plain)) < 200


def test_without_an_outage_or_a_budget_parts_are_left_out() -> None:
    quiet = replace(shop(), outages=(), outage_ci=())
    page = page_of(quiet)
    assert "<caption>Outages" not in page
    assert "caused the downtime" not in page
    assert "Budget" in charts_of(page)
    without = page_of(shop(target_availability=None))
    assert "Budget left over the window" not in without
    nothing = page_of(replace(shop(), agreements=(), covered=()))
    assert "No SLA was in force." in nothing


def test_intervals_outside_the_window_are_not_drawn() -> None:
    page = page_of(shop(), window="2026-11", seconds=40 * 86_400)
    assert titles(charts_of(page)["Outage strip"]) == [
        "to come, from 2026-11-10 00:00:00Z",
        "down: 2026-10-01 11:06:40Z to now",
    ]


def test_times_are_those_of_the_zone_of_the_agreement_with_their_offset() -> None:
    page = page_of(shop(time_zone="Europe/Berlin"))
    assert "Times are those of Europe/Berlin, with their offset from UTC" in page
    assert "2026-10-01 00:00:00+02:00 to 2026-11-01 00:00:00+01:00" in page
    assert "<title>down: 2026-10-01 02:00:00+02:00 to 2026-10-01 03:00:00+02:00</title>" in page
    assert ">overdrawn 2026-10-01 " in page
    assert not re.search(r"\d\dZ", page)


def test_a_calendar_names_the_zone_where_the_agreement_does_not() -> None:
    office = Calendar(calendar_id="office", time_zone="Asia/Tokyo")
    graph = replace(shop(calendar="office"), calendars=(office,))
    assert "Times are those of Asia/Tokyo" in page_of(graph)
    assert "2026-10-01 00:00:00+09:00" in page_of(graph)


def test_reports_of_several_zones_each_name_their_own() -> None:
    graph = shop(time_zone="Europe/Berlin")
    other = replace(graph.agreements[0], agreement_id="silver", time_zone="")
    page = page_of(replace(graph, agreements=(*graph.agreements, other), covered=((0,), (0,))))
    assert "Times are those of each agreement, with their offset from UTC" in page
    assert "00:00:00+01:00, times of Europe/Berlin" in page
    assert "00:00:00Z, times of UTC" in page


def test_days_of_a_chart_begin_at_midnight_of_its_zone() -> None:
    axis = TimeAxis(
        start=START, end=START + timedelta(days=7), left=0, right=7, zone=ZoneInfo("Asia/Tokyo")
    )
    drawn = "".join(axis.drawn(0, 10))
    assert re.findall(r">(\d\d \w\w\w)<", drawn)[0] == "02 Oct"
    assert re.findall(r'points="([\d.]+),', drawn)[0] == "0.62"  # 15 hours after the start


def test_a_page_without_the_design_says_so_and_how_to_get_it() -> None:
    graph = shop()
    answer = service_level_reports(graph, now=START + timedelta(hours=5))
    page = render_measured_page(ReportPage(answer=answer, intervals={}), graph)
    assert "What the design expects is not shown" in page
    assert "`ripplegraph report --design` does" in page
    assert "What the design expects is not shown" not in page_of(graph)
