"""What a service graph answers about its CIs and their neighbours."""

from __future__ import annotations

import subprocess
import sys

import pytest

from graph_building import graph_of, records_of_text
from ripplegraph.errors import AmbiguousCiError, UnknownCiError
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.graph_size import graph_bytes
from ripplegraph.graph.model import OperatingState, Strength
from ripplegraph.graph.records import Records
from ripplegraph.graph.service_graph import ServiceGraph


def named_graph() -> ServiceGraph:
    records = records_of_text("shop -> web; web -> db; x -> y")
    records.cis.name[:] = ["Web shop", "Frontend", "Data", "Twin", "Twin"]
    return build_service_graph(records).graph


def test_ci_is_found_by_ci_id_native_id_and_unique_name() -> None:
    graph = named_graph()
    assert [graph.resolve(text) for text in ("t:server:web", "web", "Frontend")] == [1, 1, 1]
    assert graph.ci_of("Data").ci_id == "t:server:db"


def test_full_ci_id_wins_over_a_native_id_that_looks_like_it() -> None:
    records = records_of_text("shop -> db")
    records.cis.append(source="t", class_name="app", native_id="t:server:db")
    records.dependencies.dependency[0] = "t:server:db"
    graph = build_service_graph(records).graph
    assert graph.direct_dependencies_of("shop") == ("t:server:db",)
    assert graph.resolve("t:server:db") == graph.find("t:server:db") == 1


def test_name_of_several_cis_is_ambiguous_and_names_them() -> None:
    with pytest.raises(AmbiguousCiError, match="names 2 CIs") as raised:
        named_graph().resolve("Twin")
    assert raised.value.candidates == ("t:server:x", "t:server:y")


@pytest.mark.parametrize(
    ("text", "suggestions"),
    [
        ("fronted", ("Frontend",)),
        ("SHOP", ("shop", "Web shop")),
        ("", ()),
        ("nothing like it", ()),
    ],
)
def test_unknown_ci_suggests_near_misses(text: str, suggestions: tuple[str, ...]) -> None:
    with pytest.raises(UnknownCiError, match="is not in the graph") as raised:
        named_graph().resolve(text)
    assert raised.value.suggestions == suggestions


def test_find_knows_no_names_and_no_ambiguous_ids() -> None:
    records = records_of_text("shop -> db")
    records.cis.append(source="t", class_name="app", native_id="db")
    records.dependencies.dependency[0] = "t:app:db"
    graph = build_service_graph(records).graph
    assert [graph.find(text) for text in ("shop", "db", "t:app:db", "no")] == [0, None, 2, None]


def test_neighbours_are_one_hop_away_and_closures_reach_through() -> None:
    graph = graph_of("shop -> web & db; web -> h1; h1 -> web; h1 .> disk; db -> disk")
    assert graph.direct_dependencies_of("shop") == ("t:server:db", "t:server:web")
    assert graph.direct_dependents_of("web") == ("t:server:h1", "t:service:shop")
    assert graph.all_dependencies_of("web") == ("t:server:h1",)
    assert graph.all_dependencies_of("web", with_none=True) == ("t:server:disk", "t:server:h1")
    assert graph.all_dependents_of("disk") == ("t:server:db", "t:service:shop")
    assert graph.direct_dependents_of("disk", with_none=True) == ("t:server:db", "t:server:h1")


def test_edges_lead_both_ways() -> None:
    graph = graph_of("shop -> web & db; web -> db")
    assert list(graph.edges_to_dependencies(0)) == [0, 1]
    dependents = graph.edges_to_dependents(graph.resolve("db"))
    assert [graph.dependency(edge).dependent for edge in dependents] == [
        "t:service:shop",
        "t:server:web",
    ]


def test_group_is_given_with_its_members_and_their_weights() -> None:
    group = graph_of("shop -> 2 of (a, b*3); shop -> c").group(0)
    assert (group.dependent, group.key) == ("t:service:shop", "g0")
    assert str(group.min_up) == "2"
    assert [(one.dependency, int(one.weight), one.group) for one in group.members] == [
        ("t:server:a", 1, "g0"),
        ("t:server:b", 3, "g0"),
    ]


def test_dependency_outside_a_group_has_none() -> None:
    (only,) = graph_of("shop ~> mail").dependencies()
    assert (only.group, only.strength, only.effect) == ("", Strength.SOFT, Strength.SOFT)


def test_services_are_the_cis_of_service_kinds() -> None:
    graph = graph_of("svc-a -> db; shop -> svc-a")
    assert [graph.ci(number).name for number in graph.service_numbers] == ["svc-a", "shop"]
    assert [one.name for one in graph.configuration_items() if one.is_service] == ["svc-a", "shop"]


def test_empty_graph_answers_too() -> None:
    graph = build_service_graph(Records()).graph
    assert (graph.ci_count, graph.dependency_count, graph.service_numbers) == (0, 0, ())
    assert graph.component_labels.tolist() == []


@pytest.mark.parametrize("text", ["2", "50%", "count:2", "0.5"])
def test_requirement_is_written_as_it_is_read(text: str) -> None:
    graph = graph_of(f"shop -> {text} of (a, b)")
    assert str(graph.group(0).min_up) == text


def test_importing_the_graph_needs_neither_networkx_nor_numba() -> None:
    code = (
        "import sys, ripplegraph.graph.validation, ripplegraph.graph.networkx_info;"
        "print(sorted({'networkx', 'numba', 'scipy', 'polars'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def services_on_one_host(count: int, *, retired: int = -1, types: int = 1) -> ServiceGraph:
    """So many services that need one host; each dependency in its own row of one file."""
    records = records_of_text("host")
    for number in range(count):
        records.cis.append(source="t", class_name="server", native_id=f"s{number}")
        records.dependencies.append(
            dependent=f"s{number}",
            dependency="host",
            relation_type=f"type {number % types}",
            file="relations.csv",
            row=number + 2,
        )
    if retired >= 0:
        records.cis.state[retired] = OperatingState.RETIRED
    return build_service_graph(records).graph


def test_dependency_takes_22_bytes_and_ci_8_where_all_are_alike() -> None:
    # 4 each for both ends, group, row and the way back; 1 for the weight; 1 for the strength,
    # which the effect shares; 1 each for all types and all files; 8 for the ends of two offsets
    assert graph_bytes(services_on_one_host(100)) == 100 * 22 + 101 * 8 + 8 + 2


def test_types_take_as_few_bytes_as_number_them() -> None:
    alike, few, many = (services_on_one_host(300, types=types) for types in (1, 2, 257))
    assert graph_bytes(few) - graph_bytes(alike) == 300 - 1
    assert graph_bytes(many) - graph_bytes(few) == 300
    assert [many.dependency(edge).relation_type for edge in (0, 256)] == ["type 0", "type 256"]


def test_effects_take_memory_of_their_own_only_where_one_is_not_as_said() -> None:
    graph = services_on_one_host(100, retired=0)
    assert graph_bytes(graph) - graph_bytes(services_on_one_host(100)) == 100
    assert {one.effect for one in graph.dependencies()} == {Strength.NONE}
    assert {one.strength for one in graph.dependencies()} == {Strength.HARD}


def test_graph_without_dependencies_takes_its_two_offsets() -> None:
    assert graph_bytes(graph_of("a; b")) == 24
