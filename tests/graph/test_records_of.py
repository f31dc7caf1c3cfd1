"""Graphs to records and to networkx and back: nothing is lost."""

# mypy: disable-error-code="arg-type, call-overload, call-arg, list-item, index"
# networkx dispatches to backends at run time; its stubs do not know our graphs

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of, records_of_text
from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.findings import FileTally, LoadReport
from ripplegraph.graph.gates import Gates
from ripplegraph.graph.model import CiKind, OperatingState, Requirement, RequirementUnit, Strength
from ripplegraph.graph.networkx_bridge import backend, from_networkx, to_networkx
from ripplegraph.graph.networkx_info import backend_info
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.records import GroupRecord, Records
from ripplegraph.graph.records_of import records_of
from ripplegraph.graph.service_graph import ServiceGraph, Topology

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def everything() -> Records:
    """A graph with something of each kind, some of it wrong."""
    records = records_of_text("shop -> web & mail; web -> 2 of (h1, h2*0.5, h3); lb -> h1 | h2")
    records.cis.append(
        source="snow",
        class_name="db:sql",
        native_id="web",
        name="Web database",
        kind=CiKind.DATABASE,
        state=OperatingState.TEST,
        owner_team="dba",
        supplier="Acme",
        lifecycle="in use",
        environment="test",
        criticality="1",
        availability=Decimal("0.9995"),
        mtbf_hours=1000.0,
        mttr_hours=4.0,
        tags=("gold", "eu"),
        observed_from=NOON,
        observed_to=NOON,
        last_seen=NOON,
        file="cis.csv",
        row=7,
        attributes={"ip": "10.0.0.1"},
    )
    records.cis.append(source="snow", class_name="server", native_id="t:server:h1")
    relations = records.dependencies
    relations.dependent[:] = [
        "t:server:web" if end == "web" else end for end in relations.dependent
    ]
    relations.dependency[:] = [
        "t:server:web" if end == "web" else end for end in relations.dependency
    ]
    for group in records.groups[:1]:
        records.groups[0] = GroupRecord(
            dependent="t:server:web", key=group.key, min_up=group.min_up, grounded=True
        )
    relations.append(
        dependent="snow:db%3Asql:web",
        dependency="zz-missing",
        relation_type="Runs on",
        strength=Strength.SOFT,
        valid_from=NOON,
        file="rel.csv",
        row=2,
    )
    relations.append(
        dependent="aa-missing", dependency="mail", group="lone", file="rel.csv", row=3
    )
    relations.append(dependent="nobody", dependency="nobody", file="rel.csv", row=4)
    percent = Requirement(unit=RequirementUnit.PERCENT, value=Decimal(50))
    records.groups.append(
        GroupRecord(dependent="lb", key="other", min_up=percent, file="groups.csv", row=3)
    )
    relations.append(dependent="lb", dependency="h3", group="other", weight=Decimal(2))
    records.calendars.append(Calendar(calendar_id="8x5", time_zone="Europe/Berlin"))
    records.agreements.append(
        Agreement(agreement_id="s", kind=AgreementKind.SLA, covers=("shop",), calendar="8x5")
    )
    records.outages.append(Outage(ci="mail", start=NOON))
    return records


def assert_same(one: ServiceGraph, other: ServiceGraph) -> None:
    assert list(one.configuration_items()) == list(other.configuration_items())
    assert list(one.dependencies()) == list(other.dependencies())
    assert one.group_rules == other.group_rules
    for name in Topology.__slots__:
        np.testing.assert_array_equal(getattr(one.topology, name), getattr(other.topology, name))
    for name in Gates.__slots__:
        np.testing.assert_array_equal(getattr(one.gates, name), getattr(other.gates, name))
    assert (one.agreements, one.covered) == (other.agreements, other.covered)
    assert (one.calendars, one.outages) == (other.calendars, other.outages)
    assert one.outage_ci == other.outage_ci
    assert one.report == other.report


def test_records_of_a_graph_build_the_same_graph() -> None:
    graph = build_service_graph(everything()).graph
    records = records_of(graph)
    assert_same(build_service_graph(records).graph, graph)
    assert records_of(build_service_graph(records).graph) == records


def test_records_of_a_graph_hold_no_stubs_and_the_shortest_references() -> None:
    records = records_of(build_service_graph(everything()).graph)
    assert not any(records.cis.is_stub)
    assert {"t:server:web", "snow:db%3Asql:web", "shop", "zz-missing"} < {
        *records.dependencies.dependent,
        *records.dependencies.dependency,
    }


def test_group_that_relations_alone_give_has_no_record() -> None:
    keys = {record.key for record in records_of(build_service_graph(everything()).graph).groups}
    assert keys == {"g1", "g2", "other"}


def test_stub_without_relations_stays_a_record() -> None:
    records = Records()
    records.cis.append(source="t", class_name="stub", native_id="gone", is_stub=True)
    assert records_of(build_service_graph(records).graph).cis.native_id == ["gone"]


def test_changing_the_records_does_not_change_the_graph() -> None:
    graph = build_service_graph(everything()).graph
    records = records_of(graph)
    records.cis.name[0] = "changed"
    records.cis.attributes["ip"] = {}
    assert graph.cis.name[0] == "shop"
    assert graph.ci_of("snow:db%3Asql:web").attributes == {"ip": "10.0.0.1"}


def test_networkx_round_trip_loses_nothing() -> None:
    graph = build_service_graph(everything()).graph
    tally = FileTally(file="cis.csv", rows_read=3, rows_used=2, rows_reported=1)
    graph = graph.with_report(LoadReport(files=(tally,), findings=graph.report.findings))
    assert_same(from_networkx(to_networkx(graph)), graph)


def test_networkx_edges_go_from_dependent_to_dependency_with_all_attributes() -> None:
    graph = graph_of("shop ~> 1 of (a*2, b)")
    converted = to_networkx(graph)
    assert converted.edges["t:service:shop", "t:server:a", 0] == {
        "relation_type": "",
        "strength": "soft",
        "effect": "soft",
        "group": "g0",
        "group_weight": Decimal(2),
        "valid_from": None,
        "valid_to": None,
        "file": "",
        "row": 0,
    }
    assert converted.nodes["t:service:shop"]["kind"] == "service"
    assert converted.graph["groups"][0].key == "g0"


def test_neither_way_touches_the_graph_that_was_given() -> None:
    graph = build_service_graph(everything()).graph
    converted = to_networkx(graph)
    copy = to_networkx(graph)
    back = from_networkx(converted)
    assert nx.utils.graphs_equal(converted, copy)
    converted.nodes["snow:db%3Asql:web"]["attributes"]["ip"] = "changed"
    converted.remove_node("t:service:shop")
    assert graph.ci_of("snow:db%3Asql:web").attributes == {"ip": "10.0.0.1"}
    assert back.ci_of("snow:db%3Asql:web").attributes == {"ip": "10.0.0.1"}
    assert back.ci_count == graph.ci_count


def test_edited_networkx_graph_comes_back_with_the_edit() -> None:
    converted = to_networkx(graph_of("shop -> web; web -> db"))
    converted.remove_edge("t:server:web", "t:server:db")
    converted.nodes["t:server:web"]["name"] = "Web 1"
    graph = from_networkx(converted)
    assert graph.all_dependencies_of("shop") == ("t:server:web",)
    assert graph.ci_of("web").name == "Web 1"


def test_bare_networkx_graph_becomes_a_service_graph() -> None:
    bare: nx.DiGraph[str | int] = nx.DiGraph(agreements="mine", report=3)
    bare.add_node("shop", kind="service", colour="red", tags=["gold"], mtbf_hours=5)
    bare.add_node(7, attributes={"rack": 3}, is_logical=True)
    bare.add_edge("shop", 7, strength=Strength.SOFT, weight=0.3)
    graph = from_networkx(bare)
    shop, seven = graph.configuration_items()
    assert (shop.ci_id, shop.kind, shop.is_logical) == ("networkx:ci:shop", CiKind.SERVICE, True)
    assert (shop.attributes, shop.tags, shop.mtbf_hours) == ({"colour": "red"}, ("gold",), 5.0)
    assert (seven.native_id, seven.attributes, seven.is_logical) == ("7", {"rack": "3"}, True)
    assert [one.strength for one in graph.dependencies()] == [Strength.SOFT]


def test_undirected_networkx_graph_is_refused() -> None:
    with pytest.raises(ValueError, match="need a directed graph"):
        from_networkx(nx.Graph([("a", "b")]))


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"kind": "toaster"}, "a kind of a CI"),
        ({"state": "asleep"}, "a state of a CI"),
        ({"availability": 99.9}, "an availability"),
        ({"availability": "much"}, "a number"),
        ({"mtbf_hours": -1}, "a number of hours"),
        ({"mttr_hours": float("nan")}, "a number of hours"),
        ({"tags": "gold"}, "a list of tags"),
        ({"last_seen": "2026-01-01"}, "a moment"),
        ({"last_seen": datetime(2026, 1, 1)}, "a moment"),  # noqa: DTZ001
        ({"is_stub": "no"}, "true or false"),
        ({"row": "two"}, "a row number"),
    ],
)
def test_node_attribute_that_does_not_fit_its_name_is_refused(
    cells: dict[str, object], wanted: str
) -> None:
    bare: nx.DiGraph[str] = nx.DiGraph()
    bare.add_node("a", **cells)
    with pytest.raises(InvalidQuantityError, match=wanted):
        from_networkx(bare)


@pytest.mark.parametrize("strength", ["strong", 2.5, None])
def test_unknown_strength_of_an_edge_is_refused(strength: object) -> None:
    with pytest.raises(InvalidQuantityError, match="Write hard, soft or none"):
        from_networkx(nx.DiGraph([("a", "b", {"strength": strength})]))


def test_networkx_algorithms_run_on_a_service_graph() -> None:
    graph = graph_of("shop -> web & db; web -> h1; db .> h1; h1 -> db")
    converted = to_networkx(graph)
    for ci_id in graph.ci_ids:
        assert nx.descendants(graph, ci_id) == nx.descendants(converted, ci_id)
        assert nx.ancestors(graph, ci_id) == nx.ancestors(converted, ci_id)
    parts = nx.strongly_connected_components
    assert list(parts(graph)) == list(parts(converted))
    assert nx.pagerank(graph) == nx.pagerank(converted)
    assert list(nx.simple_cycles(graph)) == list(nx.simple_cycles(converted))
    assert nx.shortest_path(graph, source="t:service:shop", target="t:server:h1") == [
        "t:service:shop",
        "t:server:web",
        "t:server:h1",
    ]
    assert set(nx.union_all([graph_of("a -> b"), graph_of("c -> d")])) == {
        f"t:server:{name}" for name in "abcd"
    }


@pytest.mark.parametrize("node", ["nobody", "shop"])
def test_networkx_nodes_are_ci_ids_and_nothing_else(node: str) -> None:
    with pytest.raises(nx.NetworkXError, match=f"The node {node} is not in the graph"):
        nx.descendants(graph_of("shop -> db"), node)


def test_algorithms_that_networkx_lacks_for_several_edges_say_so() -> None:
    with pytest.raises(nx.NetworkXNotImplemented, match="not implemented for multigraph"):
        nx.eigenvector_centrality(graph_of("shop -> db"))


def test_algorithms_that_change_a_graph_are_refused() -> None:
    with pytest.raises((NotImplementedError, RuntimeError), match=r"not implement|mutate"):
        nx.remove_node_attributes(graph_of("shop -> db"), "name")


def test_backend_takes_networkx_graphs_that_came_from_it_only() -> None:
    ours = to_networkx(graph_of("shop -> db"))
    assert nx.descendants(ours, "t:service:shop", backend="ripplegraph") == {"t:server:db"}
    assert backend.convert_to_nx(backend.convert_from_nx(ours)).nodes == ours.nodes
    with pytest.raises(NotImplementedError, match="no ci_ids"):
        backend.convert_from_nx(nx.DiGraph([("a", "b")]))
    with pytest.raises(NotImplementedError, match="no ci_ids"):
        backend.convert_from_nx(nx.Graph([("a", "b")]))


def test_backend_has_the_algorithms_that_its_metadata_names() -> None:
    functions = backend_info()["functions"]
    assert isinstance(functions, dict)
    assert all(name in vars(type(backend)) for name in functions)
    assert not hasattr(backend, "no_such_algorithm")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("defxyz")), max_size=12))
def test_any_graph_survives_both_round_trips(ends: list[tuple[str, str]]) -> None:
    records = Records()
    for name in "cab":
        records.cis.append(source="t", class_name="server", native_id=name)
    for row, (dependent, dependency) in enumerate(ends, start=2):
        records.dependencies.append(
            dependent=dependent,
            dependency=dependency,
            group="g" if row % 3 else "",
            strength=Strength(row % 3),
            file="rel.csv",
            row=row,
        )
    graph = build_service_graph(records).graph
    assert_same(build_service_graph(records_of(graph)).graph, graph)
    assert_same(from_networkx(to_networkx(graph)), graph)
