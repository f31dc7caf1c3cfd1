"""Shared causes: by hand, by all states of causes and CIs, and what they leave as it is."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of, records_of_text
from ripplegraph.errors import InvalidScenarioError
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.answers import availability, importance
from ripplegraph.impact.availability.options import (
    AvailabilityOptions,
    CommonCauses,
    Reliability,
)
from ripplegraph.impact.availability.values import Label

SITE = CommonCauses(attribute="site", beta=0.1)
POWER = CommonCauses(attribute="power", beta=0.2, betas={"ups": 0.5})


def placed(text: str, **columns: dict[str, str]) -> ServiceGraph:
    """Return a graph whose CIs have cells in some columns, by name."""
    records = records_of_text(text)
    names = list(records.cis.native_id)
    for column, cells in columns.items():
        records.cis.attributes[column] = {names.index(name): cells[name] for name in cells}
    return build_service_graph(records).graph


def asking(graph: ServiceGraph, *causes: CommonCauses, **u: float | None) -> AvailabilityOptions:
    own = {graph.resolve(name): Reliability(unavailability=value) for name, value in u.items()}
    return AvailabilityOptions(own=own, common_causes=causes)


def test_a_pair_of_one_site_is_little_better_than_their_shared_cause() -> None:
    graph = placed("shop -> a | b", site={"a": "muc", "b": "muc"})
    (row,) = availability(graph, options=asking(graph, SITE, a=0.01, b=0.01)).services
    rest = 1 - 0.99 / 0.999
    assert row.unavailability == pytest.approx(0.001 + 0.999 * rest**2, rel=1e-12)


def test_a_ci_alone_is_as_available_as_without_shared_causes() -> None:
    graph = placed("shop -> a; mail -> b & c", site={"a": "muc", "b": "muc", "c": "ber"})
    options = asking(graph, SITE, a=0.02, b=0.01, c=0.0, mail=0.0)
    rows = availability(graph, ["a", "b", "c"], options=options).services
    assert [row.unavailability for row in rows] == pytest.approx([0.02, 0.01, 0.0])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.01, 0.2, 0.5]), min_size=4, max_size=4))
def test_two_kinds_of_causes_are_the_sum_over_all_states(u: list[float]) -> None:
    graph = placed(
        "shop -> 2 of (a, b, c, d)",
        site={"a": "muc", "b": "muc", "c": "ber", "d": "ber"},
        power={"a": "ups", "b": "x", "c": "ups", "d": "y"},
    )
    own = dict(zip("abcd", u, strict=True))
    (row,) = availability(graph, options=asking(graph, SITE, POWER, **own)).services
    causes = [("ab", 0.1 * min(u[0], u[1])), ("cd", 0.1 * min(u[2], u[3]))]
    causes.append(("ac", 0.5 * min(u[0], u[2])))  # ups; x and y are of one CI each
    rest = {}
    for name in "abcd":
        works = 1 - own[name]
        for members, chance in causes:
            works /= (1 - chance) if name in members else 1
        rest[name] = max(0.0, 1 - works)
    expected = 0.0
    events = [*causes, *((name, rest[name]) for name in "abcd")]
    for state in product((False, True), repeat=len(events)):
        weight, failed = 1.0, set[str]()
        for happens, (members, chance) in zip(state, events, strict=True):
            weight *= chance if happens else 1 - chance
            failed |= set(members) if happens else set()
        expected += weight * (len(failed) > 2)
    assert row.unavailability == pytest.approx(expected, abs=1e-14)


def test_frequencies_are_shared_out_and_causes_have_importance() -> None:
    graph = placed("shop -> a | b", site={"a": "muc", "b": "muc"})
    times = Reliability(mtbf_hours=990.0, mttr_hours=10.0)
    own = {graph.resolve("a"): times, graph.resolve("b"): times}
    options = AvailabilityOptions(own=own, common_causes=(SITE,))
    (row,) = availability(graph, options=options).services
    rest, often = 1 - 0.99 / 0.999, 8.76
    expected = 0.1 * often * (1 - rest**2) + 2 * 0.999 * rest * often * rest / 0.01
    assert row.failures_per_year == pytest.approx(expected)
    rows = importance(graph, "shop", options=options).rows
    assert [one.ci_id for one in rows] == ["site:muc", "t:server:a", "t:server:b"]
    assert rows[0].birnbaum == pytest.approx(1 - rest**2)


def test_unknown_cis_take_no_part_in_a_cause() -> None:
    graph = placed("shop -> a | b", site={"a": "muc", "b": "muc"})
    (row,) = availability(graph, options=AvailabilityOptions(common_causes=(SITE,))).services
    assert (row.label, row.lower, row.upper) == (Label.INCOMPLETE, 0.0, 1.0)
    assert row.missing == ("t:server:a", "t:server:b")


def test_a_cause_does_not_bring_down_a_ci_that_may_be_perfect() -> None:
    site = {"a": "muc", "b": "muc", "c": "muc"}
    pair = placed("shop -> a | b", site={"a": "muc", "b": "muc"})
    (row,) = availability(pair, options=asking(pair, SITE, a=0.01)).services
    assert (row.label, row.lower) == (Label.INCOMPLETE, 0.0)
    assert row.upper == pytest.approx(0.01)
    three = placed("shop -> 2 of (a, b, c)", site=site)
    (row,) = availability(three, options=asking(three, SITE, a=0.01, c=0.01)).services
    rest = 1 - 0.99 / 0.999
    assert row.lower == pytest.approx(0.001 + 0.999 * rest**2, rel=1e-12)
    assert row.upper == pytest.approx(0.001 + 0.999 * (1 - (1 - rest) ** 2), rel=1e-12)


def test_a_group_of_one_or_without_a_share_changes_nothing() -> None:
    graph = placed("shop -> a | b", site={"a": "muc", "b": "ber"}, power={"a": "z", "b": "z"})
    none = CommonCauses(attribute="power", beta=0.0)
    options = asking(graph, SITE, none, a=0.1, b=0.1)
    answer = availability(graph, options=options)
    assert answer.services[0].unavailability == pytest.approx(0.01)
    assert answer.assumptions[0].startswith("CIs fail independently of each other")


def test_a_column_that_no_ci_has_is_refused() -> None:
    graph = graph_of("shop -> a")
    with pytest.raises(InvalidScenarioError, match="no CI has a value in a column: 'site'"):
        availability(graph, options=AvailabilityOptions(common_causes=(SITE,)))


@pytest.mark.parametrize("beta", [-0.1, 1.5])
def test_a_share_lies_between_nought_and_one(beta: float) -> None:
    with pytest.raises(ValueError, match="a beta factor lies in"):
        CommonCauses(beta=beta)


def test_causes_that_fail_more_often_than_a_ci_are_refused_by_name() -> None:
    cells = {"a": "x", "b": "x"}
    graph = placed("shop -> a | b", site=cells, power=cells)
    causes = [CommonCauses(attribute=one, beta=0.9) for one in ("site", "power")]
    said = "often than it does: 't:server:a', 'site:x', 'power:x'"
    with pytest.raises(InvalidScenarioError, match=said):
        availability(graph, options=asking(graph, *causes, a=0.01, b=0.01))
    halves = [CommonCauses(attribute=one, beta=0.5) for one in ("site", "power")]
    (row,) = availability(graph, options=asking(graph, *halves, a=0.01, b=0.01)).services
    assert row.lower == pytest.approx(0.01, rel=0.01)
