"""Breaches with severity and party, and sums over SLAs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from graph_building import graph_of
from impact.timeline.histories import after, graph_with_past, sla, with_past
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.impact.timeline.breaches import Severity, severity_of, sla_breaches
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.impact.timeline.sums import Party, summed_seconds
from ripplegraph.impact.timeline.windows import parse_window

DAY = 86_400
NINES = Decimal("0.999")
BUDGET = 31 * DAY // 1000  # 2678.4 s
OCTOBER = parse_window("2026-10")


def gold(**options: object) -> Agreement:
    return sla(target_availability=NINES, **options)


def test_breaches_tell_when_by_how_much_how_grave_and_through_whom() -> None:
    upc = Agreement(agreement_id="upc", kind=AgreementKind.UPC, target_availability=NINES)
    graph = graph_with_past("shop -> db & web", "db 0 3000; web 5000 6000")
    graph = replace(graph, agreements=(gold(), upc), covered=((0,), (1,)))
    graph.cis.owner_team[graph.resolve("web")] = "Web Team"
    (found,) = sla_breaches(graph, now=after(40 * DAY), window=OCTOBER)
    assert found.severity is Severity.MINOR
    assert found.over_seconds == 4000 - Fraction(31 * DAY, 1000)
    assert found.breached_at == after(2678)
    assert found.parties == ((Party.THIRD_PARTY, 3000), (Party.INTERNAL, 1000))
    assert found.party is Party.THIRD_PARTY


def test_breaches_are_listed_gravest_first_and_nobody_known_is_said() -> None:
    graph = graph_with_past("shop -> db; svc2 -> web", "db 0 3000; web 0 90000")
    graph = replace(graph, agreements=(gold(),), covered=((0, graph.resolve("svc2")),))
    found = sla_breaches(graph, now=after(40 * DAY), window=OCTOBER)
    assert [(one.report.service, one.severity.value) for one in found] == [
        ("t:service:svc2", "critical"),
        ("t:service:shop", "minor"),
    ]
    assert found[0].party is Party.UNKNOWN


def test_a_breach_by_degradation_alone_has_nobody_who_was_down() -> None:
    graph = graph_with_past(
        "shop ~> db", "db 0 90000", agreements=(gold(degraded_weight=Decimal(1)),)
    )
    (found,) = sla_breaches(graph, now=after(40 * DAY), window=OCTOBER)
    assert found.parties == ()
    assert found.party is Party.UNKNOWN
    assert found.severity is Severity.CRITICAL
    assert severity_of(Fraction(1), Fraction(0)) is Severity.CRITICAL


def test_sums_over_slas_partition_the_same_seconds() -> None:
    graph = with_past(
        graph_of("shop -> db & web"),
        "db 0 100; web 50 151",
        agreements=(
            gold(agreement_id="a", customer="Retail"),
            gold(agreement_id="b", customer="Outlet"),
            gold(agreement_id="c"),
        ),
    )
    first, second = graph.outages
    graph = replace(graph, outages=(replace(first, change="CHG1"), second))
    graph.cis.supplier[graph.resolve("db")] = "Datavault"
    reports = service_level_reports(graph, now=after(40 * DAY), window=OCTOBER).reports
    found = summed_seconds(reports)
    for scope, name, slas in (
        ("portfolio", "", 3),
        ("customer", "Retail", 1),
        ("customer", "Outlet", 1),
    ):
        for by in ("ci", "team", "supplier", "agreement", "change", "party"):
            rows = [one for one in found if (one.scope, one.name, one.by) == (scope, name, by)]
            assert sum(one.seconds for one in rows) == 151 * slas
    changed = [one for one in found if one.scope == "portfolio" and one.key == "CHG1"]
    assert [(one.seconds, one.slas) for one in changed] == [(225, 3)]


def test_changes_take_only_the_seconds_of_their_own_records() -> None:
    graph = graph_with_past("shop -> db", "db 0 50; db 50 100; db 90 120; db 200 300")
    first, second, third, fourth = graph.outages
    graph = replace(
        graph,
        agreements=(gold(),),
        covered=((0,),),
        outages=(
            first,
            replace(second, change="CHG1"),
            replace(third, change="CHG2"),
            replace(fourth, change="CHG3", end=None),
        ),
    )
    found = service_level_reports(graph, now=after(250), window=OCTOBER).reports[0]
    assert found.attribution[0].changes == {"CHG1": 50, "CHG2": 20, "CHG3": 50}
    assert found.attribution[0].seconds == 170
