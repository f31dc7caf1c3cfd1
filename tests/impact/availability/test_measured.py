"""Outage histories as a basis, and how far they let an availability be known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy.stats import beta

from graph_building import graph_of, records_of_text
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.answers import availability
from ripplegraph.impact.availability.measured import OutageHistory, outage_histories
from ripplegraph.impact.availability.options import (
    AvailabilityOptions,
    CommonCauses,
    Reliability,
)
from ripplegraph.impact.availability.uncertainty import uncertainty
from ripplegraph.impact.availability.values import Basis, UncertaintyAnswer

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = 1_000


def hour(at: float) -> datetime:
    return START + timedelta(hours=at)


def observed(
    text: str, *outages: Outage, cis: tuple[str, ...] = ("db",), mttr: float | None = None
) -> ServiceGraph:
    """Return a graph of which some CIs were observed for 1,000 hours."""
    records = records_of_text(text)
    for name in cis:
        at = list(records.cis.native_id).index(name)
        records.cis.observed_from[at], records.cis.observed_to[at] = START, hour(HOURS)
        records.cis.mttr_hours[at] = mttr
    records.outages.extend(outages)
    return build_service_graph(records).graph


def down(ci: str, start: float, end: float | None, **more: object) -> Outage:
    last = None if end is None else hour(end)
    return Outage(ci=ci, start=hour(start), end=last, **more)  # type: ignore[arg-type]


def history_of(graph: ServiceGraph, name: str = "db") -> OutageHistory:
    number = graph.resolve(name)
    return outage_histories(graph, [number])[number]


def ends_of(one: UncertaintyAnswer) -> tuple[float, float, float]:
    assert one.lower is not None
    assert one.median is not None
    assert one.upper is not None
    return one.lower, one.median, one.upper


def test_unplanned_outages_in_the_period_count_once() -> None:
    graph = observed(
        "shop -> db",
        down("db", -5, 2),
        down("db", 10, 14),
        down("db", 12, 15),
        down("db", 20, 30, kind=OutageKind.PLANNED),
        down("db", 40, 50, excluded="clause 4"),
        down("db", 990, None),
    )
    history = history_of(graph)
    assert (history.outage_count, history.down_hours, history.observed_hours) == (3, 17, HOURS)
    assert history.up_hours == 983
    (row,) = availability(graph).services
    assert row.unavailability == pytest.approx(0.017)
    assert row.failures_per_year == pytest.approx(3 * 8.76)
    assert row.mean_down_time_hours == pytest.approx(17 / 3)


def test_what_dependencies_brought_down_is_not_the_ci_itself() -> None:
    graph = observed(
        "shop -> db; db -> host; host -> san; db -> a | b",
        down("db", 10, 20),
        down("db", 30, 40),
        down("host", 8, 20),
        down("san", 35, 60),
        down("a", 0, 900),
    )
    history = history_of(graph)
    assert (history.outage_count, history.down_hours) == (1, 5)


def test_no_outage_is_the_mean_of_a_posterior_and_needs_a_time_to_restore() -> None:
    (row,) = availability(observed("shop -> db", mttr=4.0)).services
    assert row.unavailability == pytest.approx(4 / (2 * HOURS + 4))
    answer = availability(observed("shop -> db"))
    assert answer.basis_counts == {"logical": 1, "unknown": 1}
    always = availability(observed("shop -> db", down("db", -1, 2_000))).services[0]
    assert always.unavailability == 1.0


def test_without_a_period_or_with_an_empty_one_there_is_no_history() -> None:
    records = records_of_text("shop -> db; shop -> web")
    records.cis.observed_from[1] = records.cis.observed_from[2] = START
    records.cis.observed_to[2] = START
    graph = build_service_graph(records).graph
    assert outage_histories(graph, range(3)) == {}
    assert set(outage_histories(graph, range(3), at=hour(5))) == {1}


def test_the_interval_of_a_history_is_that_of_its_posterior() -> None:
    outages = [down("db", 10 * n, 10 * n + 2) for n in range(1, 6)]
    graph = observed("shop -> db", *outages)
    (one,) = uncertainty(graph, samples=20_000)
    # failure rate Gamma(5.5, 990), repair rate Gamma(5, 10): their share is a scaled beta prime
    low, high = beta.ppf([0.05, 0.95], 5.5, 5)
    expected = [x / 990 / (x / 990 + (1 - x) / 10) for x in (low, high)]
    assert [one.lower, one.upper] == pytest.approx(expected, rel=0.03)
    lower, _, upper = ends_of(one)
    assert lower < 0.01 < upper
    assert one.assumptions[0].startswith("1 CIs vary with their outage history")
    assert uncertainty(graph, samples=20_000) == (one,)
    other = uncertainty(graph, samples=20_000, options=AvailabilityOptions(seed=2))
    assert other != (one,)


def test_a_history_without_an_outage_varies_with_its_failure_rate() -> None:
    graph = observed("shop -> db", mttr=4.0)
    (one,) = uncertainty(graph, samples=20_000)
    assert one.mean == pytest.approx(4 / (2 * HOURS), rel=0.05)
    lower, _, upper = ends_of(one)
    assert lower < 1e-5 < upper < 0.01
    down_always = observed("shop -> db", down("db", -1, 2_000), mttr=4.0)
    assert ends_of(uncertainty(down_always, samples=100)[0])[1] > 0.99


def test_a_shared_ci_is_drawn_once_and_unknown_ones_are_named() -> None:
    graph = graph_of("shop -> h1 | h2; h1 -> san; h2 -> san; shop -> web")
    san, web = graph.resolve("san"), graph.resolve("web")
    own = {graph.resolve(name): Reliability(unavailability=0.0) for name in ("h1", "h2")}
    options = AvailabilityOptions(own=own)
    (one,) = uncertainty(graph, options=options, ranges={san: (0.2, 0.4)}, samples=4_000)
    assert one.mean == pytest.approx(0.3, abs=0.01)
    assert one.missing == (graph.ci_ids[web],)
    assert "1 within the range given; 2 count as certain" in one.assumptions[0]
    (certain,) = uncertainty(graph, options=options)
    assert (certain.lower, certain.upper) == (0.0, 0.0)


def test_services_beyond_the_budget_are_not_sampled() -> None:
    graph = graph_of("shop -> 2 of (a, b, c); app -> db")
    options = AvailabilityOptions(nodes_per_module=(1,))
    asked = ["shop", "app"]
    found = uncertainty(graph, asked, options=options, ranges={1: (0.1, 0.2)}, samples=10)
    shop, app = found
    assert (shop.lower, shop.median, shop.upper, shop.mean) == (None,) * 4
    assert "not exact within the budget of 1 nodes" in shop.reason
    assert (app.reason, app.lower, app.upper) == ("", 0.0, 0.0)


def test_what_redundancy_groups_brought_down_counts_as_own_and_the_answer_says_so() -> None:
    graph = observed(
        "shop -> db; db -> h1 | h2", down("db", 1, 3), down("h1", 1, 3), down("h2", 1, 3)
    )
    db = graph.resolve("db")
    assert outage_histories(graph, [db])[db].down_hours == 2.0
    said = " ".join(availability(graph).assumptions)
    assert "a redundancy group brought them down counts as their own" in said


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"samples": 1}, "need 2 samples or more"),
        ({"confidence": 1.0}, "0 < confidence < 1"),
        ({"ranges": {1: (0.2, 0.1)}}, "0 <= lowest <= highest <= 1"),
        ({"options": AvailabilityOptions(common_causes=(CommonCauses(),))}, "not sampled"),
    ],
)
def test_questions_that_cannot_be_sampled_are_refused(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        uncertainty(graph_of("shop -> db"), **change)  # type: ignore[arg-type]


def test_another_basis_can_go_before_the_history() -> None:
    graph = observed("shop -> db", down("db", 10, 20))
    options = AvailabilityOptions(class_defaults={"server": Reliability(unavailability=0.5)})
    assert availability(graph, options=options).basis_counts["measured"] == 1
    first = replace(options, bases=(Basis.CLASS_DEFAULT, Basis.MEASURED))
    (row,) = availability(graph, options=first).services
    assert row.unavailability == 0.5
    assert np.isfinite(row.lower)


def test_an_interval_says_how_many_unknown_cis_count_as_perfect() -> None:
    graph = graph_of("shop -> db & web")
    (one,) = uncertainty(graph, ranges={graph.resolve("db"): (0.0, 0.1)}, samples=10)
    assert "0 count as certain, 1 of unknown availability as perfect." in one.assumptions[0]
