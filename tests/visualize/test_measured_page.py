"""The page of reports: one file, no script, other people's names as text only."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from graph_building import graph_of
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.model import CiId
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.impact.timeline.status_intervals import status_intervals
from ripplegraph.impact.timeline.timeline import timeline_of
from ripplegraph.impact.timeline.windows import parse_window
from ripplegraph.visualize.measured_page import measured_page_policy, render_measured_page

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


def page_of(graph: ServiceGraph, *, window: str = "2026-10", seconds: int = 50_000) -> str:
    now = START + timedelta(seconds=seconds)
    answer = service_level_reports(graph, now=now, window=parse_window(window))
    line = timeline_of(graph, now=now)
    intervals = {CiId(graph.ci_ids[0]): status_intervals(line, 0)}
    return render_measured_page(answer, graph, intervals)


def test_the_page_shows_strip_burn_down_outages_and_contributions() -> None:
    page = page_of(shop())
    for look in ("down", "planned", "excluded", "degraded", "at_risk"):
        assert f'<rect class="{look}"' in page, look
    assert 'class="over"' in page
    assert "goes on" in page
    assert "missed" in page
    assert "100.0%" in page
    assert "EUR" in page


def test_one_report_is_counted_as_one() -> None:
    assert "1 report, measured up to" in page_of(shop())


def test_hostile_names_stay_text_and_no_script_is_allowed() -> None:
    page = page_of(shop(HOSTILE))
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "script-src" not in measured_page_policy()
    assert "default-src 'none'" in page.replace("&#39;", "'")
    assert not re.search(r"(src|href)=\"(?!#)", page)


def test_without_an_outage_or_a_budget_parts_are_left_out() -> None:
    quiet = replace(shop(), outages=(), outage_ci=())
    page = page_of(quiet)
    assert "<caption>Outages" not in page
    assert "Who caused" not in page
    assert 'class="left"' in page
    without = page_of(shop(target_availability=None))
    assert "Budget left over the window" not in without
    nothing = page_of(replace(shop(), agreements=(), covered=()))
    assert "No SLA was in force." in nothing


def test_intervals_outside_the_window_are_not_drawn() -> None:
    page = page_of(shop(), window="2026-11", seconds=40 * 86_400)
    strip = re.findall(r'<rect class="(\w+)" x="[\d.]+" y="0" width="[\d.]+" height="24">', page)
    assert strip == ["up", "down"]
    assert 'class="over"' in page
