"""Tables of measured service levels: what is rare is said in words, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from graph_building import graph_of
from impact.timeline.histories import after, graph_with_past, sla, with_past
from ripplegraph.cli.management_tables import design_parts, management_parts
from ripplegraph.cli.measured_tables import report_csv, report_parts, timeline_parts
from ripplegraph.cli.outlook_tables import breaches_parts, forecast_parts, state_parts
from ripplegraph.cli.output import Part, plain_text
from ripplegraph.graph.agreements import Window, WindowUnit
from ripplegraph.graph.model import CiId
from ripplegraph.graph.process_records import ExperienceScore, ServiceCost
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.breaches import sla_breaches
from ripplegraph.impact.timeline.forecasts import sla_forecasts
from ripplegraph.impact.timeline.management import design_of, management_of
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.impact.timeline.state_at import state_at
from ripplegraph.impact.timeline.status_intervals import status_intervals
from ripplegraph.impact.timeline.timeline import timeline_of
from ripplegraph.impact.timeline.windows import parse_window

NINES = Decimal("0.999")
LATER = datetime(2027, 1, 1, tzinfo=UTC)
OCTOBER = parse_window("2026-10")


def text_of(parts: list[Part]) -> str:
    return plain_text(parts)


def gold(**options: object) -> ServiceGraph:
    said: dict[str, Any] = {"target_availability": NINES} | options
    return graph_with_past("shop -> db & web; x", "db 0 60; x 0 1", agreements=(sla(**said),))


def test_a_rolling_window_has_no_chance_of_a_breach_and_says_why() -> None:
    graph = gold(window=Window(unit=WindowUnit.ROLLING, days=2))
    text = text_of(forecast_parts(sla_forecasts(graph, now=after(3600)), after(3600)))
    assert "rolling window" in text
    assert "unknown" in text


def test_what_is_not_sure_is_neither_nothing_nor_all() -> None:
    graph = gold()
    late = after(31 * 86_400 - 2700)
    text = text_of(forecast_parts(sla_forecasts(graph, now=late), late))
    assert "<0.1%" in text


def test_an_outage_that_the_window_ends_before_the_breach_says_so() -> None:
    now = after(31 * 86_400 - 50)
    graph = with_past(gold(), f"db {31 * 86_400 - 100} -", agreements=(gold().agreements[0],))
    assert "not in this window" in text_of(state_parts(state_at(graph, now), graph))


def test_reports_of_several_slas_sum_their_downtime() -> None:
    agreements = (
        sla(agreement_id="a", target_availability=NINES, customer="Retail"),
        sla(agreement_id="b", target_availability=Decimal("0.5"), name="Basic"),
    )
    graph = with_past(gold(), "db 0 3600", agreements=agreements)
    answer = service_level_reports(graph, now=LATER, window=OCTOBER)
    text = text_of(report_parts(answer, graph))
    assert "1 missed, 1 met" in text
    assert "Downtime summed over SLAs" in text
    assert "no team" in text


def test_a_chance_is_shown_between_its_bounds() -> None:
    graph = with_past(gold(), "db 0 600; db 90000 90600", agreements=gold().agreements)
    now = after(3 * 86_400)
    text = text_of(forecast_parts(sla_forecasts(graph, now=now), now))
    assert "measured, 2 outages" in text
    assert text_of(forecast_parts((), now)).startswith("2026-10-04 00:00:00Z: 0 SLAs")


def test_costs_stand_with_their_currency() -> None:
    graph = with_past(gold(), "db 0 -", agreements=gold().agreements)
    cost = ServiceCost(service="shop", per_minute=Decimal(7), currency="EUR")
    graph = replace(graph, service_costs=(cost,))
    assert "7.00 EUR" in text_of(state_parts(state_at(graph, after(60)), graph))


def test_a_penalty_stands_with_its_amount_and_terms() -> None:
    graph = with_past(
        gold(),
        "db 0 3600",
        agreements=(
            sla(
                target_availability=NINES,
                penalty="5 % of the fee",
                penalty_per_minute=Decimal(10),
                cost_currency="EUR",
            ),
        ),
    )
    found = sla_breaches(graph, now=LATER, window=OCTOBER)
    assert "153.60 EUR; 5 % of the fee" in text_of(breaches_parts(found, LATER))
    assert breaches_parts((), LATER)[0] == "0 breaches up to 2027-01-01 00:00:00Z."


def test_reports_without_notes_or_outages_are_short() -> None:
    graph = gold(time_zone="Europe/Berlin")
    graph.cis.observed_from[0] = after(-40 * 86_400)
    november = parse_window("2026-11")
    answer = service_level_reports(graph, now=LATER, window=november)
    text = text_of(report_parts(answer, graph))
    assert "Outages" not in text
    assert "Notes" not in text
    without = service_level_reports(gold(target_availability=None), now=LATER, window=november)
    assert "no target" in text_of(report_parts(without, gold()))
    assert report_csv(without).rows[0][14] == ""


def test_intervals_tell_maintenance_and_exclusion_and_what_always_was() -> None:
    graph = graph_with_past("shop -> db", "db 0 10 planned; db 20 30 excluded")
    line = timeline_of(graph, now=after(100))
    found = {CiId(graph.ci_ids[0]): status_intervals(line, 0)}
    text = text_of(timeline_parts(found, graph))
    assert "maintenance" in text
    assert "excluded" in text
    always = {CiId(graph.ci_ids[0]): [replace(status_intervals(line, 0)[0], start=None)]}
    assert "always" in text_of(timeline_parts(always, graph))


def test_management_and_design_tables_leave_out_what_there_is_not() -> None:
    graph = replace(
        gold(),
        experience=(
            ExperienceScore(service="shop", window_start=after(0), score=Decimal(3)),
            ExperienceScore(
                service="shop", window_start=after(5), score=Decimal(3), target=Decimal(4)
            ),
        ),
    )
    reports = service_level_reports(graph, now=LATER, window=OCTOBER).reports
    text = text_of(management_parts(management_of(graph, reports, now=LATER), graph))
    assert "poor, SLA met" in text
    assert "ok" in text
    assert "Tickets" not in text
    quiet = with_past(graph_of("shop -> db"), "")
    now = after(0) + timedelta(days=1)
    assert design_parts(design_of(quiet, [], now=now)) == []
    assert "incomplete" in text_of(design_parts(design_of(quiet, ["shop"], now=now)))
