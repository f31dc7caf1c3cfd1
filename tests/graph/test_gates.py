"""Groups compiled to integers: exact weights, requirements, and what is wrong with them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from graph_building import graph_of, records_of_text
from ripplegraph.graph.build import build_service_graph, graph_at
from ripplegraph.graph.model import Requirement, RequirementUnit, Status
from ripplegraph.graph.records import GroupRecord, Records
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import propagate


def requirement(text: str) -> Requirement:
    if text.endswith("%"):
        return Requirement(unit=RequirementUnit.PERCENT, value=Decimal(text[:-1]))
    if text.startswith("count:"):
        return Requirement(unit=RequirementUnit.COUNT, value=Decimal(text[6:]))
    return Requirement(unit=RequirementUnit.WEIGHT, value=Decimal(text))


def pair_with(
    *, min_up: str = "1", degraded_below: str = "", weights: tuple[str, ...] = ("1", "1")
) -> ServiceGraph:
    records = records_of_text("shop")
    for at, weight in enumerate(weights):
        records.cis.append(source="t", class_name="server", native_id=f"h{at}")
        records.dependencies.append(
            dependent="shop", dependency=f"h{at}", group="pair", weight=Decimal(weight)
        )
    below = requirement(degraded_below) if degraded_below else None
    records.groups.append(
        GroupRecord(
            dependent="shop",
            key="pair",
            min_up=requirement(min_up),
            degraded_below=below,
            file="groups.csv",
            row=2,
        )
    )
    return build_service_graph(records).graph


def only_finding(graph: ServiceGraph) -> tuple[str, str, int]:
    (finding,) = graph.report.findings
    return finding.code, finding.message, finding.row


def test_ten_times_a_tenth_reaches_one() -> None:
    gates = pair_with(min_up="1", weights=("0.1",) * 10).gates
    assert gates.group_total[0] == gates.group_min_up[0]
    assert gates.edge_weight.sum() == gates.group_total[0]


def test_half_of_three_is_one_and_a_half() -> None:
    gates = graph_of("shop -> 50% of (a, b, c)").gates
    assert (gates.group_total[0], gates.group_min_up[0]) == (6, 3)


def test_count_leaves_weights_out_of_account() -> None:
    gates = pair_with(min_up="count:1", weights=("7", "0.5")).gates
    assert (gates.group_total[0], gates.group_min_up[0]) == (2, 1)


def test_requirement_above_the_size_means_all_with_a_finding() -> None:
    graph = pair_with(min_up="3")
    assert graph.gates.group_min_up[0] == graph.gates.group_total[0] == 2
    assert only_finding(graph) == (
        "requirement-above-size",
        "group 'pair' of 'shop': needs 3 but has 2",
        2,
    )


@pytest.mark.parametrize(("min_up", "needed"), [("1", 2), ("count:1", 1), ("50%", 1), ("100%", 2)])
def test_members_that_all_weigh_nothing_are_counted(min_up: str, needed: int) -> None:
    gates = pair_with(min_up=min_up, weights=("0", "0")).gates
    assert (gates.group_total[0], gates.group_min_up[0]) == (2, needed)


def test_degraded_mark_is_scaled_with_the_group() -> None:
    gates = pair_with(min_up="1", degraded_below="75%").gates
    assert (gates.group_total[0], gates.group_degraded_below[0]) == (4, 3)


def test_degraded_mark_above_the_size_is_cut_with_a_finding() -> None:
    graph = pair_with(min_up="1", degraded_below="5")
    assert graph.gates.group_degraded_below[0] == 2
    assert only_finding(graph)[:2] == (
        "requirement-above-size",
        "group 'pair' of 'shop': is degraded below 5 but has 2",
    )


def test_degraded_mark_in_other_units_is_left_out_with_a_finding() -> None:
    graph = pair_with(min_up="count:1", degraded_below="2")
    assert graph.gates.group_degraded_below[0] == 0
    assert only_finding(graph)[0] == "requirement-units-mixed"


@pytest.mark.parametrize(
    "weights",
    [
        ("1E+30", "1"),
        ("1E-30", "1"),
        ("-1", "1"),
        ("NaN", "1"),
        ("1000000000000000000", "0.000000000000000001"),
    ],
)
def test_weights_that_cannot_be_compared_exactly_make_all_members_needed(
    weights: tuple[str, ...],
) -> None:
    graph = pair_with(weights=weights)
    assert graph.gates.group_min_up[0] == graph.gates.group_total[0] == 2
    assert only_finding(graph)[0] == "weight-out-of-range"


def test_mixed_strengths_are_reported_and_the_strictest_holds() -> None:
    records = records_of_text("shop -> 1 of (a, b)")
    records.dependencies.strength[0] = type(records.dependencies.strength[0]).SOFT
    graph = build_service_graph(records).graph
    assert graph.gates.group_effect.tolist() == [2]
    assert [finding.code for finding in graph.report.findings] == ["mixed-strengths"]


def test_member_twice_in_a_group_under_other_dates_counts_once() -> None:
    change = datetime(2026, 6, 1, tzinfo=UTC)
    records = Records()
    for name in ("shop", "a", "b"):
        records.cis.append(source="t", class_name="server", native_id=name)
    records.dependencies.append(dependent="shop", dependency="a", group="g", valid_to=change)
    records.dependencies.append(dependent="shop", dependency="a", group="g", valid_from=change)
    records.dependencies.append(dependent="shop", dependency="b", group="g")
    graph = build_service_graph(records).graph
    assert graph.gates.group_total.tolist() == [2]
    assert graph_at(graph, change).gates.group_total.tolist() == [2]


def test_arrays_of_a_graph_cannot_be_changed() -> None:
    graph = pair_with()
    with pytest.raises(ValueError, match="read-only"):
        graph.gates.group_min_up[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        graph.topology.edge_dependent[0] = 0


@pytest.mark.parametrize(
    ("weight", "bytes_each"), [("255", 1), ("256", 4), ("4294967295", 4), ("4294967296", 8)]
)
def test_weights_are_wide_only_where_one_would_not_fit(weight: str, bytes_each: int) -> None:
    gates = pair_with(min_up=weight, weights=(weight, "1")).gates
    assert gates.edge_weight.tolist() == [int(weight), 1]
    assert gates.edge_weight.itemsize == bytes_each


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("weight", ["255", "4294967295", "4294967296"])
def test_statuses_are_alike_for_narrow_and_wide_weights(weight: str, *, compiled: bool) -> None:
    graph = pair_with(min_up=weight, weights=(weight, weight))
    ends = [graph.resolve(name) for name in ("h0", "h1")]
    for down, expected in ((ends[:1], Status.AT_RISK), (ends, Status.DOWN)):
        own = dict.fromkeys(down, Status.DOWN)
        assert propagate(graph, own, compiled=compiled)[0] == expected
