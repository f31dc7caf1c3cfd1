"""Patched graphs: equal, array by array, to what is built from their records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of, records_of_text
from impact.random_graphs import STATUSES, graphs
from ripplegraph.errors import InvalidScenarioError
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.columns import NumberColumn, TextColumn, coded
from ripplegraph.graph.drafts import Draft, DraftEdge
from ripplegraph.graph.gates import Gates
from ripplegraph.graph.group_columns import GroupRule
from ripplegraph.graph.model import Dependency, Requirement, RequirementUnit, Strength
from ripplegraph.graph.records import CiColumns, DependencyColumns, GroupRecord, Records
from ripplegraph.graph.records_of import records_of
from ripplegraph.graph.service_graph import ServiceGraph, Topology
from ripplegraph.graph.supposing import SupposedRelation, Supposition, supposed
from ripplegraph.impact.propagation.fixpoint import propagate

ENDS = datetime(2027, 1, 1, tzinfo=UTC)
ONE = Requirement(unit=RequirementUnit.COUNT, value=Decimal(1))


def arrays_of(graph: ServiceGraph) -> Iterator[tuple[str, object]]:
    for part in (graph.topology, graph.gates):
        for name in (*Topology.__slots__, *Gates.__slots__):
            if hasattr(part, name) and name not in ("edge_file", "edge_type"):
                yield name, getattr(part, name).tolist()
    details = graph.edges
    yield "weights", dict(details.weights)
    yield "validity", dict(details.validity)
    yield "types", [details.relation_types[one] for one in graph.topology.edge_type.tolist()]
    yield "files", [details.files[one] for one in graph.topology.edge_file.tolist()]
    yield "ids", list(graph.ids)
    yield "rules", [replace(one, file="", row=0) for one in graph.group_rules]


def dependencies(graph: ServiceGraph) -> list[Dependency]:
    return sorted(
        (replace(one, file="", row=0) for one in graph.dependencies()),
        key=lambda one: (one.dependent, one.dependency, one.group, one.strength, str(one.weight)),
    )


def by_records(graph: ServiceGraph, said: Supposition) -> ServiceGraph:
    """Return what is supposed, built from changed records: the long way."""
    records = records_of(graph)
    columns = records.dependencies
    for one in said.removed:
        pairs = list(zip(columns.dependent, columns.dependency, strict=True))
        for place in reversed([at for at, pair in enumerate(pairs) if pair == _pair(one)]):
            for cells in (getattr(columns, name) for name in DependencyColumns.__slots__):
                del cells[place]
    for name, count in said.twins.items():
        for copy in range(1, count + 1):
            _add_twin(records, name, f"{name}-twin-{copy}")
    for one in said.added:
        columns.append(
            dependent=one.dependent,
            dependency=one.dependency,
            relation_type="supposed",
            strength=one.strength,
        )
    return build_service_graph(records).graph


def _pair(one: SupposedRelation) -> tuple[str, str]:
    return one.dependent, one.dependency


def _add_twin(records: Records, name: str, twin: str) -> None:
    cis, columns = records.cis, records.dependencies
    at = cis.native_id.index(name)
    records.cis.append(
        source="t",
        class_name=cis.class_name[at],
        native_id=twin,
        kind=cis.kind[at],
        is_logical=cis.is_logical[at],
    )
    key = f"supposed {name}"
    for place in range(len(columns)):
        ends = columns.dependent[place], columns.dependency[place]
        if ends[1] == name:
            if not columns.group[place]:
                columns.group[place] = key
                if all((one.dependent, one.key) != (ends[0], key) for one in records.groups):
                    records.groups.append(GroupRecord(dependent=ends[0], key=key, min_up=ONE))
            ends = ends[0], twin
        elif ends[0] == name:
            ends = twin, ends[1]
        else:
            continue
        columns.append(
            dependent=ends[0],
            dependency=ends[1],
            relation_type=columns.relation_type[place],
            strength=columns.strength[place],
            group=columns.group[place],
            weight=columns.weight[place],
        )
    own = [one for one in records.groups if one.dependent == name]
    records.groups.extend([replace(one, dependent=twin) for one in own])


@st.composite
def suppositions(draw: st.DrawFn, graph: ServiceGraph) -> Supposition:
    names = [name for name in graph.cis.native_id if not graph.cis.is_stub[graph.resolve(name)]]
    ends = [
        SupposedRelation(
            dependent=graph.cis.native_id[int(graph.topology.edge_dependent[edge])],
            dependency=graph.cis.native_id[int(graph.topology.edge_dependency[edge])],
        )
        for edge in range(graph.dependency_count)
    ]
    relation = st.builds(
        SupposedRelation,
        dependent=st.sampled_from(names),
        dependency=st.sampled_from(names),
        strength=st.sampled_from([Strength.HARD, Strength.SOFT]),
    )
    removed = draw(st.lists(st.sampled_from(ends), max_size=2, unique=True)) if ends else []
    return Supposition(
        twins=draw(st.dictionaries(st.sampled_from(names), st.integers(1, 2), max_size=2)),
        added=draw(st.lists(relation, max_size=3)),
        removed=removed,
    )


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_what_is_supposed_is_what_changed_records_give(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    said = data.draw(suppositions(graph))
    patched, built = supposed(graph, said).graph, by_records(graph, said)
    assert dependencies(patched) == dependencies(built)
    assert dict(arrays_of(patched)) == dict(arrays_of(built))
    names = st.sampled_from(list(built.cis.native_id))
    own = data.draw(st.dictionaries(names, STATUSES, max_size=3))
    statuses = [
        propagate(one, {one.resolve(name): status for name, status in own.items()}).tolist()
        for one in (patched, built)
    ]
    assert statuses[0] == statuses[1]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_patched_graph_is_built_again_from_its_own_records(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    patched = supposed(graph, data.draw(suppositions(graph))).graph
    again = build_service_graph(records_of(patched)).graph
    assert dict(arrays_of(patched)) == dict(arrays_of(again))


def test_a_graph_that_nothing_is_changed_in_is_the_same_graph() -> None:
    graph = graph_of("shop -> web | db")
    draft = Draft(graph)
    draft.add(DraftEdge(dependent=0, dependency=0, relation_type="x", strength=Strength.HARD))
    draft.add(draft.edges_of(0)[0])
    assert draft.graph() is graph


def test_a_group_that_nothing_is_left_in_is_gone_and_others_keep_their_rules() -> None:
    graph = graph_of("svc1 -> a | b; svc2 -> 2 of (a, b, c)")
    draft = Draft(graph)
    draft.remove(draft.edges_of(graph.resolve("svc1")))
    then = draft.graph()
    assert [(one.dependent, str(one.min_up)) for one in then.group_rules] == [
        (graph.resolve("svc2"), "2")
    ]
    assert len(then.group(0).members) == 3


def test_new_groups_stand_among_the_others_by_dependent_and_key() -> None:
    graph = graph_of("svc1 -> a; svc2 -> a | b; svc3 -> a")
    draft = Draft(graph)
    for name in ("svc3", "svc1", "svc2"):
        (edge, *_) = draft.edges_of(graph.resolve(name))
        for key in ("z", "0"):
            edge = draft.put_in_group(
                edge, GroupRule(dependent=edge.dependent, key=key, min_up=ONE)
            )
    draft.remove(draft.edges_between(graph.resolve("svc2"), graph.resolve("b")))
    then = draft.graph()
    assert [(then.ids[one.dependent], one.key) for one in then.group_rules] == [
        ("t:service:svc1", "0"),
        ("t:service:svc2", "0"),
        ("t:service:svc3", "0"),
    ]


def as_arrays(cis: CiColumns) -> None:
    """Turn the columns into those of a large export."""
    cis.source, cis.class_name = coded(cis.source), coded(cis.class_name)
    cis.native_id, cis.name = TextColumn.of(cis.native_id), TextColumn.of(cis.name)
    cis.kind, cis.is_logical = coded(cis.kind), coded(cis.is_logical)
    cis.tags, cis.row = coded(cis.tags), NumberColumn(np.zeros(len(cis), dtype=np.int64))


def test_twins_of_an_export_that_is_held_in_arrays() -> None:
    records = records_of_text("shop -> web & db; web -> san; db -> san")
    as_arrays(records.cis)
    graph = build_service_graph(records).graph
    then = supposed(graph, Supposition(twins={"db": 2})).graph
    assert list(then.ids)[-2:] == ["t:server:db-twin-1", "t:server:db-twin-2"]
    assert then.resolve("db-twin-2") == then.ci_count - 1
    assert then.direct_dependencies_of("db-twin-2") == ("t:server:san",)
    assert graph.ci_count == 4


def test_a_twin_is_refused_where_its_id_is_taken() -> None:
    graph = graph_of("shop -> db & db-twin-1")
    with pytest.raises(InvalidScenarioError, match="would be: 'db-twin-1'") as caught:
        supposed(graph, Supposition(twins={"db": 1}))
    assert caught.value.advice


def test_dates_and_weights_move_with_their_dependencies() -> None:
    records = records_of_text("svc1 -> c; svc2 -> d")
    for name, weight in (("a", "0.5"), ("b", "2")):
        records.cis.append(source="t", class_name="server", native_id=name)
        records.dependencies.append(
            dependent="svc2", dependency=name, group="g", weight=Decimal(weight), valid_to=ENDS
        )
    graph = build_service_graph(records).graph
    said = Supposition(
        added=[SupposedRelation(dependent="svc1", dependency="a")],
        removed=[SupposedRelation(dependent="svc2", dependency="a")],
        twins={"b": 1},
    )
    then = supposed(graph, said).graph
    weights = {one.dependency: one.weight for one in then.dependencies() if one.weight != 1}
    assert weights == {"t:server:b": Decimal(2), "t:server:b-twin-1": Decimal(2)}
    assert {one.dependency for one in then.dependencies() if one.valid_to == ENDS} == set(weights)
    assert {one.valid_to for one in then.dependencies()} == {None, ENDS}
