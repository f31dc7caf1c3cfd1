"""Where the own availability of a CI comes from: agreements, times, defaults."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from graph_building import graph_of, records_of_text
from impact.availability.stated import with_db
from ripplegraph.graph.agreements import Agreement, AgreementKind, Scope
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.answers import availability, explain
from ripplegraph.impact.availability.options import (
    AvailabilityOptions,
    Reliability,
)
from ripplegraph.impact.availability.values import (
    Basis,
)


def with_agreements(text: str, *agreements: Agreement) -> ServiceGraph:
    records = records_of_text(text)
    records.agreements.extend(agreements)
    return build_service_graph(records).graph


def promise(name: str, kind: AgreementKind, covers: str, target: str, **more: object) -> Agreement:
    return Agreement(
        agreement_id=name,
        kind=kind,
        covers=(covers,),
        target_availability=Decimal(target),
        **more,  # type: ignore[arg-type]
    )


def basis_of(graph: ServiceGraph, ci: str, at: datetime | None = None) -> tuple[Basis, str]:
    found = {one.native_id: one for one in explain(graph, "shop", at=at).inputs}
    return found[ci].basis, found[ci].detail


def test_the_ola_answers_before_the_supplier_behind_it() -> None:
    graph = with_agreements(
        "shop -> db",
        promise("upc", AgreementKind.UPC, "db", "0.9"),
        promise("ola", AgreementKind.OLA, "db", "0.99"),
    )
    assert basis_of(graph, "db") == (Basis.AGREEMENT, "OLA ola")
    assert availability(graph).services[0].unavailability == pytest.approx(0.01)


def test_of_two_olas_the_stricter_is_not_silently_chosen() -> None:
    graph = with_agreements(
        "shop -> db",
        promise("one", AgreementKind.OLA, "db", "0.999"),
        promise("two", AgreementKind.OLA, "db", "0.99"),
    )
    assert basis_of(graph, "db") == (Basis.AGREEMENT, "OLA two, the least of 2 that cover it")


def test_an_agreement_counts_only_while_it_is_in_force() -> None:
    ended = promise(
        "ola", AgreementKind.OLA, "db", "0.99", valid_to=datetime(2026, 1, 1, tzinfo=UTC)
    )
    graph = with_agreements("shop -> db", ended)
    after = datetime(2026, 6, 1, tzinfo=UTC)
    assert basis_of(graph, "db", after)[0] is Basis.UNKNOWN
    assert basis_of(graph, "db", datetime(2025, 6, 1, tzinfo=UTC))[0] is Basis.AGREEMENT


def test_an_inclusive_promise_counts_where_nothing_lies_beneath_or_is_cut_off() -> None:
    inclusive = promise("upc", AgreementKind.UPC, "web", "0.99", scope=Scope.INCLUSIVE)
    assert basis_of(with_agreements("shop -> web", inclusive), "web")[0] is Basis.AGREEMENT
    graph = with_agreements("shop -> web; web -> db", inclusive)
    assert basis_of(graph, "web")[0] is Basis.UNKNOWN
    options = AvailabilityOptions(cut_points=[graph.resolve("web")])
    answer = availability(graph, options=options)
    assert answer.services[0].unavailability == pytest.approx(0.01)
    assert "beneath a CI of inclusive promise" in " ".join(answer.assumptions)


def test_times_give_availability_frequency_and_down_time() -> None:
    graph = with_db(mtbf_hours=1000.0, mttr_hours=10.0)
    (row,) = availability(graph).services
    assert row.availability == pytest.approx(0.9900990099)  # published as 0.9901 (S26)
    assert row.failures_per_year == pytest.approx(8760 / 1010)
    assert row.mtbf_hours == pytest.approx(1000)
    assert row.mean_down_time_hours == pytest.approx(10)
    assert row.cycle_hours == pytest.approx(1010)


def test_availability_alone_gives_no_frequency_and_says_whose_is_missing() -> None:
    (row,) = availability(with_db(availability=Decimal("0.99"))).services
    assert row.unavailability == pytest.approx(0.01)
    assert (row.failures_per_year, row.missing_frequency) == (None, ("t:server:db",))


def test_availability_and_a_time_to_restore_give_the_frequency() -> None:
    (row,) = availability(with_db(availability=Decimal("0.99"), mttr_hours=8.76)).services
    assert row.failures_per_year == pytest.approx(10)


def test_a_perfect_ci_never_fails() -> None:
    (row,) = availability(with_db(availability=Decimal(1))).services
    assert (row.availability, row.failures_per_year, row.mtbf_hours) == (1.0, 0.0, None)


def test_a_promised_time_to_restore_counts_with_the_ci_s_own_mtbf() -> None:
    graph = with_db(mtbf_hours=996.0)
    options = AvailabilityOptions(promised_restoration_hours={graph.resolve("db"): 4.0})
    answer = explain(graph, "shop", options=options)
    assert answer.inputs[0].basis is Basis.AGREEMENT_TIME
    assert answer.service.unavailability == pytest.approx(0.004)


def test_a_class_default_stands_in_where_nothing_else_is_known() -> None:
    graph = graph_of("shop -> db")
    defaults = {"server": Reliability(unavailability=0.02)}
    answer = explain(graph, "shop", options=AvailabilityOptions(class_defaults=defaults))
    assert (answer.inputs[0].basis, answer.inputs[0].detail) == (
        Basis.CLASS_DEFAULT,
        "default of class server",
    )
    assert answer.service.unavailability == pytest.approx(0.02)


def test_bases_are_counted_and_assumptions_said() -> None:
    answer = availability(graph_of("shop -> a; a -> b; b -> a"))
    assert answer.basis_counts == {"logical": 1, "unknown": 2}
    assert "2 CIs depend on themselves: what holds itself up counts as up." in answer.assumptions
    assert availability(graph_of("shop -> db"), []).services == ()


@pytest.mark.parametrize(
    "given",
    [
        {"unavailability": 1.5},
        {"unavailability": float("nan")},
        {"mtbf_hours": 0.0},
        {"mtbf_hours": 9.0, "mttr_hours": -1.0},
    ],
)
def test_a_reliability_that_cannot_be_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="need 0 <= unavailability <= 1"):
        Reliability(**given)
