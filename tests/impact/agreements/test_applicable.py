"""Multi-level SLAs: the strictest target that holds for a customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from graph_building import records_of_text
from impact.agreements.promises import AT, promise
from ripplegraph.errors import UnknownCiError
from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import CiKind
from ripplegraph.graph.process_records import TimeTarget
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.applicable import (
    ALL_CUSTOMERS,
    ApplicableTargets,
    applicable_targets,
)


def graph_with(*agreements: Agreement, targets: tuple[TimeTarget, ...] = ()) -> ServiceGraph:
    """Return a shop with the offering ``gold``."""
    text = "gold -> shop; shop -> db; till -> db"
    records = records_of_text(text, services=("gold", "shop", "till"))
    records.cis.kind[records.cis.native_id.index("gold")] = CiKind.SERVICE_OFFERING
    records.agreements.extend(agreements)
    records.time_targets.extend(targets)
    return build_service_graph(records).graph


def by_customer(graph: ServiceGraph, service: str = "shop") -> dict[str, ApplicableTargets]:
    return {one.customer: one for one in applicable_targets(graph, [service], at=AT)}


def availability(found: ApplicableTargets) -> tuple[Decimal, str, list[str]]:
    (target,) = (one for one in found.targets if one.name == "availability")
    return target.value, target.agreement.agreement_id, [o.agreement_id for o in target.looser]


CORPORATE = promise("sla-corporate", "shop", "0.99", level="corporate")
SERVICE = promise("sla-service", "shop", "0.995")
SALES = promise("sla-sales", "shop", "0.999", customer="Sales")
LAX = promise("sla-lax", "shop", "0.98", customer="Lax")


def test_each_customer_has_the_strictest_target_of_all_levels() -> None:
    found = by_customer(graph_with(CORPORATE, SERVICE, SALES, LAX))
    assert list(found) == [ALL_CUSTOMERS, "Lax", "Sales"]
    assert availability(found["Sales"]) == (
        Decimal("0.999"),
        "sla-sales",
        ["sla-service", "sla-corporate"],
    )
    assert availability(found["Lax"]) == (
        Decimal("0.995"),
        "sla-service",
        ["sla-lax", "sla-corporate"],
    )
    assert availability(found[ALL_CUSTOMERS])[1] == "sla-service"
    assert [sla.agreement_id for sla in found["Lax"].slas] == [
        "sla-lax",
        "sla-service",
        "sla-corporate",
    ]


def test_of_equal_targets_the_nearest_to_the_customer_counts() -> None:
    same = replace(SERVICE, target_availability=Decimal("0.99"))
    assert (
        availability(by_customer(graph_with(CORPORATE, same))[ALL_CUSTOMERS])[1] == "sla-service"
    )


def test_a_service_of_one_customer_has_no_row_for_others() -> None:
    assert list(by_customer(graph_with(SALES))) == ["Sales"]


def test_an_sla_on_a_service_holds_for_its_offerings_and_not_the_other_way() -> None:
    gold = promise("sla-gold", "gold", "0.9999", customer="Sales")
    graph = graph_with(SERVICE, gold)
    assert availability(by_customer(graph, "gold")["Sales"])[2] == ["sla-service"]
    assert list(by_customer(graph, "shop")) == [ALL_CUSTOMERS]


def test_every_sort_of_target_has_its_own_strictest() -> None:
    first = replace(SERVICE, max_outages=3, longest_outage_minutes=60.0, mtrs_hours=2.5)
    second = replace(SALES, max_outages=5, longest_outage_minutes=30.0)
    targets = (
        TimeTarget(agreement="sla-sales", priority="P2", response_minutes=30),
        TimeTarget(agreement="sla-service", priority="P1", resolution_minutes=240),
        TimeTarget(
            agreement="sla-sales", priority="P1", response_minutes=15, resolution_minutes=60
        ),
    )
    (_, sales) = by_customer(graph_with(first, second, targets=targets)).values()
    assert [(one.name, str(one.value), one.agreement.agreement_id) for one in sales.targets] == [
        ("availability", "0.999", "sla-sales"),
        ("longest_outage_minutes", "30.0", "sla-sales"),
        ("max_outages", "3", "sla-service"),
        ("mtrs_hours", "2.5", "sla-service"),
        ("resolution_minutes P1", "60", "sla-sales"),
        ("response_minutes P1", "15", "sla-sales"),
        ("response_minutes P2", "30", "sla-sales"),
    ]


def test_slas_not_in_force_and_without_targets_set_none() -> None:
    old = replace(SALES, valid_to=datetime.fromisoformat("2026-01-01T00:00+00:00"))
    (found,) = applicable_targets(graph_with(old, promise("sla-x", "shop", None)), ["shop"], at=AT)
    assert (found.customer, found.targets) == (ALL_CUSTOMERS, ())


def test_all_services_under_an_sla_are_answered_and_unknown_ones_refused() -> None:
    graph = graph_with(SERVICE)
    assert [one.service_name for one in applicable_targets(graph, at=AT)] == ["gold", "shop"]
    with pytest.raises(UnknownCiError, match="'nowhere'"):
        applicable_targets(graph, ["nowhere"], at=AT)
