"""Live outages on a graph: resolved as exported ones, counted once, all else shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of, records_of_text
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.live_outages import LiveOutage, LiveOutages
from ripplegraph.graph.model import Status
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.answers import impact
from ripplegraph.impact.propagation.scenario import scenario_of

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def live(
    ci: str,
    start: datetime = NOON,
    end: datetime | None = None,
    *,
    external_id: str = "a-1",
    ticket: str = "",
) -> LiveOutage:
    outage = Outage(ci=ci, start=start, end=end, source="alerts", external_id=external_id)
    return LiveOutage(outage=outage, ticket=ticket)


def exported(*outages: Outage) -> ServiceGraph:
    records = records_of_text("shop -> web & db; web -> h1 | h2")
    records.outages.extend(outages)
    return build_service_graph(records).graph


def with_outages(graph: ServiceGraph, outages: Sequence[LiveOutage]) -> ServiceGraph:
    """Return the graph with outages that all came at once, each under a key of its own."""
    laid = LiveOutages(graph)
    laid.put({f"{at}": [one] for at, one in enumerate(outages)})
    return laid.graph


def told(graph: ServiceGraph) -> list[tuple[str, datetime, datetime | None]]:
    return sorted((one.ci, one.start, one.end) for one in graph.outages)


def codes(graph: ServiceGraph) -> list[str]:
    return [one.code for one in graph.report.findings]


def test_a_graph_without_live_outages_is_the_same_graph() -> None:
    graph = graph_of("shop -> db")
    assert with_outages(graph, []) is graph


@pytest.mark.parametrize("text", ["db", "t:server:db"])
def test_a_live_outage_brings_services_down_as_an_exported_one_does(text: str) -> None:
    graph = with_outages(graph_of("shop -> db; svc2 -> h1"), [live(text)])
    scenario = scenario_of(graph, open_outages_at=NOON)
    assert [one.ci_id for one in impact(graph, scenario).impacted] == ["t:service:shop"]


def test_the_graph_shares_all_but_its_outages_with_look_ups_already_made() -> None:
    graph = exported(Outage(ci="h1", start=NOON - HOUR, end=NOON))
    graph.resolve("shop")
    overlaid = with_outages(graph, [live("db")])
    assert overlaid.topology is graph.topology
    assert overlaid.gates is graph.gates
    assert overlaid.cis is graph.cis
    assert vars(overlaid)["_number_of_ci_id"] is vars(graph)["_number_of_ci_id"]
    assert told(graph) == [("h1", NOON - HOUR, NOON)]
    assert told(overlaid) == [("db", NOON, None), ("h1", NOON - HOUR, NOON)]
    assert len(overlaid.outage_ci) == 2


@pytest.mark.parametrize("text", ["mail", "Shop of names"])
def test_an_outage_of_no_ci_is_not_used_and_has_a_finding(text: str) -> None:
    graph = with_outages(graph_of("shop -> db"), [live(text)])
    assert graph.outages == ()
    (one,) = graph.report.findings
    assert one.code == "dangling-outage"
    assert one.message == f"live outage 'a-1' names {text!r}, which is no id of a CI in the graph"


def test_an_outage_of_several_cis_is_not_used_and_says_which() -> None:
    records = records_of_text("shop -> db")
    records.cis.append(source="t", class_name="disk", native_id="db")
    graph = with_outages(build_service_graph(records).graph, [live("db")])
    assert graph.outages == ()
    messages = [one.message for one in graph.report.findings if one.code == "ambiguous-id"]
    assert messages[0] == "live outage 'a-1' names 'db', which fits 't:disk:db', 't:server:db'"


def test_an_outage_that_lasted_no_time_is_said_and_not_used() -> None:
    graph = with_outages(graph_of("shop -> db"), [live("db", NOON, NOON)])
    assert graph.outages == ()
    assert codes(graph) == ["zero-length-outage"]


def test_an_ended_outage_of_the_export_wins_over_the_live_one() -> None:
    recorded = Outage(
        ci="db", start=NOON - HOUR, end=NOON + HOUR, source="alerts", external_id="a-1"
    )
    graph = with_outages(exported(recorded), [live("db", NOON)])
    assert told(graph) == [("db", NOON - HOUR, NOON + HOUR)]
    assert codes(graph) == ["live-outage-recorded"]


def test_the_live_outage_wins_over_one_that_the_export_left_open() -> None:
    recorded = Outage(ci="db", start=NOON, source="alerts", external_id="a-1")
    graph = with_outages(exported(recorded), [live("db", NOON, NOON + HOUR)])
    assert told(graph) == [("db", NOON, NOON + HOUR)]
    assert codes(graph) == ["live-outage-recorded"]


def test_the_ticket_of_a_live_outage_finds_it_in_an_export_of_another_source() -> None:
    recorded = Outage(
        ci="db", start=NOON, end=NOON + HOUR, source="ServiceNow", external_id="INC0012"
    )
    assert len(with_outages(exported(recorded), [live("db", ticket="INC0012")]).outages) == 1
    assert len(with_outages(exported(recorded), [live("db", ticket="INC0013")]).outages) == 2


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (live("db", NOON + 2 * HOUR), "a later episode"),
        (live("h1", NOON), "another CI"),
        (live("db", NOON, external_id="a-2"), "another id"),
    ],
)
def test_what_only_looks_alike_counts_beside_the_exported_one(other: LiveOutage, why: str) -> None:
    recorded = Outage(ci="db", start=NOON, end=NOON + HOUR, source="alerts", external_id="a-1")
    graph = with_outages(exported(recorded), [other])
    assert len(graph.outages) == 2, why
    assert codes(graph) == []


def test_the_order_in_which_live_outages_come_does_not_count() -> None:
    graph = exported()
    several = [live("db", NOON, external_id=text) for text in ("b", "a", "c")]
    one_way, other_way = (with_outages(graph, way) for way in (several, several[::-1]))
    assert one_way.outages == other_way.outages


def test_a_live_degradation_only_degrades() -> None:
    one = live("db")
    worn = LiveOutage(outage=replace(one.outage, kind=OutageKind.DEGRADATION))
    graph = with_outages(graph_of("shop -> db"), [worn])
    (found,) = impact(graph, scenario_of(graph, open_outages_at=NOON)).impacted
    assert found.status is Status.DEGRADED


def test_an_outage_that_is_taken_away_leaves_no_trace() -> None:
    recorded = Outage(ci="db", start=NOON, source="alerts", external_id="a-1")
    bare = exported(recorded)
    laid = LiveOutages(bare)
    laid.put({"1": [live("db", NOON, NOON + HOUR)], "2": [live("mail"), live("h1", NOON, NOON)]})
    assert told(laid.graph) == [("db", NOON, NOON + HOUR)]
    assert len(laid.graph.report.findings) == 3
    laid.put({"1": [], "2": [], "3": []})
    assert laid.graph is bare


def test_what_stays_as_it_was_gives_the_same_graph() -> None:
    laid = LiveOutages(exported())
    laid.put({"1": [live("db")]})
    before = laid.graph
    laid.put({"1": [live("db")], "2": []})
    assert laid.graph is before


def test_the_next_graph_knows_what_was_looked_up_in_the_one_before() -> None:
    laid = LiveOutages(exported())
    laid.put({"1": [live("db")]})
    assert laid.graph.resolve("db") == laid.graph.find("t:server:db")
    names = vars(laid.graph)["_numbers_of_native_id"], laid.graph.service_numbers
    laid.put({"2": [live("h1")]})
    assert vars(laid.graph)["_numbers_of_native_id"] is names[0]
    assert vars(laid.graph)["service_numbers"] is names[1]
    assert len(laid.graph.outages) == 2


@pytest.mark.parametrize(
    ("outages", "is_recorded"),
    [
        ([live("db", NOON, NOON + HOUR)], True),
        ([live("db", NOON, NOON + HOUR), live("db", NOON, NOON)], True),
        ([live("db", NOON, NOON + HOUR), live("db", NOON + 3 * HOUR, NOON + 4 * HOUR)], False),
        ([live("h1", NOON, NOON + HOUR, external_id="open")], False),
        ([live("db", NOON, NOON)], False),
        ([], False),
    ],
    ids=["told", "told but for a moment", "one more episode", "told open", "a moment", "none"],
)
def test_an_outage_is_recorded_once_the_export_tells_all_of_it_with_its_end(
    outages: list[LiveOutage], *, is_recorded: bool
) -> None:
    ended = Outage(ci="db", start=NOON, end=NOON + HOUR, source="alerts", external_id="a-1")
    is_open = Outage(ci="h1", start=NOON, source="alerts", external_id="open")
    laid = LiveOutages(exported(ended, is_open))
    laid.put({"1": outages})
    assert laid.is_recorded("1") is is_recorded
    laid.put({"1": []})
    assert not laid.is_recorded("1")


def _some_outage(ci: str, hour: int, lasts: int | None, name: str, ticket: str) -> LiveOutage:
    start = NOON + hour * HOUR
    end = None if lasts is None else start + lasts * HOUR
    return live(ci, start, end, external_id=name, ticket=ticket)


some_outages = st.builds(
    _some_outage,
    st.sampled_from(["db", "t:server:h1", "nowhere"]),
    st.integers(0, 4),
    st.none() | st.integers(0, 3),
    st.sampled_from(["a-1", "a-2", "e-1"]),
    st.sampled_from(["", "e-1", "e-2"]),
)
steps = st.dictionaries(st.sampled_from("123"), st.lists(some_outages, max_size=3), max_size=3)


@settings(deadline=None)
@given(st.lists(some_outages, max_size=4), st.lists(steps, max_size=5))
def test_what_was_laid_step_by_step_is_what_is_laid_at_once(
    before: list[LiveOutage], history: list[dict[str, list[LiveOutage]]]
) -> None:
    bare = exported(*(one.outage for one in before))
    stepwise, at_once = LiveOutages(bare), LiveOutages(bare)
    last: dict[str, list[LiveOutage]] = {}
    for step in history:
        stepwise.put(step)
        last.update(step)
        assert len(stepwise.graph.outages) == len(stepwise.graph.outage_ci)
    at_once.put(dict(sorted(last.items(), reverse=True)))
    assert stepwise.graph.outages == at_once.graph.outages
    assert stepwise.graph.outage_ci == at_once.graph.outage_ci
    assert stepwise.graph.report == at_once.graph.report
    assert {key: stepwise.is_recorded(key) for key in "123"} == {
        key: at_once.is_recorded(key) for key in "123"
    }
