"""Checks of the graph's shape: circles, lone CIs, repeated names, retired and test CIs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ripplegraph.graph.columns import by_value, coded
from ripplegraph.graph.cycles import (
    circle_through,
    circle_within,
    cyclic_components,
    self_supported_groups,
)
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.look_up import shared_texts
from ripplegraph.graph.model import CiKind, OperatingState, Strength
from ripplegraph.graph.number_sets import sorted_distinct
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.wording import ci_words, count_words, list_ci_words, list_words, path_words


def check_structure(graph: ServiceGraph, found: FindingCollector) -> None:
    """Collect what is doubtful in the shape of a graph, whatever the date."""
    _check_cycles(graph, found)
    _check_self_support(graph, found)
    _check_clusters(graph, found)
    _check_names(graph, found)
    _check_orphans(graph, found)
    _check_not_live(graph, found)


def _check_cycles(graph: ServiceGraph, found: FindingCollector) -> None:
    for component in cyclic_components(graph):
        path = circle_within(graph, component)
        words = _path_words(graph, path)
        if len(component) == len(path) - 1:
            text = f"{len(component)} CIs depend on each other in a circle: {words}"
        else:
            text = (
                f"{len(component)} CIs depend on each other in several circles, for one: {words}"
            )
        file, row = _place_of_step(graph, path[0], path[1])
        found.add("cycle", text, file=file, row=row)


def _path_words(graph: ServiceGraph, path: Sequence[int]) -> str:
    return path_words([ci_words(graph.cis, number) for number in path])


def _place_of_step(graph: ServiceGraph, dependent: int, dependency: int) -> tuple[str, int]:
    """Return where the first relation with an effect between two CIs was said."""
    topology, effect = graph.topology, graph.gates.edge_effect
    edge = next(
        edge
        for edge in graph.edges_to_dependencies(dependent)
        if topology.edge_dependency[edge] == dependency and effect[edge] != Strength.NONE
    )
    return graph.edges.files[topology.edge_file[edge]], int(topology.edge_row[edge])


def _check_self_support(graph: ServiceGraph, found: FindingCollector) -> None:
    """Report the groups that can hold themselves up, once for each set of circles."""
    by_component: dict[int, list[int]] = {}
    for group in self_supported_groups(graph):
        if not graph.group_rules[group].grounded:
            label = int(graph.component_labels[graph.group_rules[group].dependent])
            by_component.setdefault(label, []).append(group)
    for groups in by_component.values():
        rule = graph.group_rules[groups[0]]
        others = [_group_words(graph, group) for group in groups[1:]]
        more = f"; in the same circles: {list_words(others)}" if others else ""
        text = (
            f"{_group_words(graph, groups[0])} can hold itself up, through "
            f"{_path_words(graph, circle_through(graph, groups[0]))}{more}"
        )
        found.add("self-supported-cycle", text, file=rule.file, row=rule.row, count=len(groups))


def _group_words(graph: ServiceGraph, group: int) -> str:
    rule = graph.group_rules[group]
    return f"group {rule.key!r} of {ci_words(graph.cis, rule.dependent)}"


_SAME_PART = {CiKind.VIRTUAL_MACHINE: CiKind.SERVER}
"""Kinds that are members of a cluster just as well as another kind."""
_PART_KINDS = {kind: number for number, kind in enumerate(CiKind)}


def _check_clusters(graph: ServiceGraph, found: FindingCollector) -> None:
    """Report clusters that need every member only because no group was given."""
    cis = graph.cis
    is_open = coded(cis.kind).flags(lambda kind: kind is CiKind.CLUSTER)
    is_open[graph.gates.group_dependent] = False
    part_kind = by_value(cis.kind, lambda kind: _PART_KINDS[_SAME_PART.get(kind, kind)], np.uint8)
    for number in np.flatnonzero(is_open).tolist():
        edges = graph.edges_to_dependencies(number)
        part = slice(edges.start, edges.stop)
        hard = graph.gates.edge_effect[part] == Strength.HARD
        needed = sorted_distinct(graph.topology.edge_dependency[part][hard])
        members = int(np.bincount(part_kind[needed], minlength=1).max())
        if members > 1:
            text = (
                f"cluster {ci_words(graph.cis, number)} has no redundancy group: "
                f"all {members} members are taken as needed"
            )
            found.add(
                "cluster-without-requirement", text, file=cis.file[number], row=cis.row[number]
            )


def _check_names(graph: ServiceGraph, found: FindingCollector) -> None:
    cis = graph.cis
    alike: dict[tuple[str, str], list[int]] = {}
    for number, name in shared_texts(cis.name):
        alike.setdefault((cis.class_name[number], name), []).append(number)
    for (class_name, name), numbers in alike.items():
        if len(numbers) == 1:
            continue
        ids = list_words([repr(cis.native_id[number]) for number in numbers])
        text = f"{len(numbers)} CIs of class {class_name!r} have the name {name!r}: {ids}"
        file, row = cis.file[numbers[1]], cis.row[numbers[1]]
        found.add("duplicate-name", text, file=file, row=row, count=len(numbers))


def _check_orphans(graph: ServiceGraph, found: FindingCollector) -> None:
    topology, cis = graph.topology, graph.cis
    relations = np.diff(topology.dependency_offsets) + np.diff(topology.dependent_offsets)
    alone = np.flatnonzero(relations == 0).tolist()
    waiting = [number for number in alone if cis.state[number] is not OperatingState.RETIRED]
    for (class_name, file), numbers in by_class(graph, waiting).items():
        names = list_ci_words(graph.cis, numbers)
        cis_words = count_words(len(numbers), "CI", "CIs")
        have = "has" if len(numbers) == 1 else "have"
        text = f"{cis_words} of class {class_name!r} {have} no relation at all: {names}"
        found.add("orphan", text, file=file, row=cis.row[numbers[0]], count=len(numbers))


def by_class(graph: ServiceGraph, numbers: Iterable[int]) -> dict[tuple[str, str], list[int]]:
    """Return the CIs of each class and file, in the order of the export."""
    groups: dict[tuple[str, str], list[int]] = {}
    for number in numbers:
        key = (graph.cis.class_name[number], graph.cis.file[number])
        groups.setdefault(key, []).append(number)
    return groups


def _check_not_live(graph: ServiceGraph, found: FindingCollector) -> None:
    """Report retired and test CIs that live ones depend on; the relations have no effect."""
    topology, cis = graph.topology, graph.cis
    live = coded(cis.state).flags(lambda state: state is OperatingState.LIVE)
    wrong = live[topology.edge_dependent] & ~live[topology.edge_dependency]
    wrong &= topology.edge_strength != Strength.NONE
    edges_to: dict[int, list[int]] = {}
    for edge in np.flatnonzero(wrong).tolist():
        edges_to.setdefault(int(topology.edge_dependency[edge]), []).append(edge)
    service_above = _services_above(graph) if edges_to else []
    for number in sorted(edges_to):
        edges = edges_to[number]
        state = cis.state[number]
        dependents = [int(topology.edge_dependent[edge]) for edge in edges]
        names = list_ci_words(graph.cis, list(dict.fromkeys(dependents)))
        services = sorted({service_above[one] for one in dependents} - {-1} - set(dependents))
        below = f", under {list_ci_words(graph.cis, services)}"
        text = (
            f"{state} CI {ci_words(graph.cis, number)} is still needed by {names}"
            f"{below if services else ''}: kept, without impact"
        )
        code = "retired-dependency" if state is OperatingState.RETIRED else "test-dependency"
        file = graph.edges.files[topology.edge_file[edges[0]]]
        row = int(topology.edge_row[edges[0]])
        found.add(code, text, file=file, row=row, count=len(edges))


def _services_above(graph: ServiceGraph) -> list[int]:
    """Return for each CI a live service that rests on it, or is it; -1 for none."""
    cis, topology = graph.cis, graph.topology
    above = [-1] * graph.ci_count
    waiting = [
        number for number in graph.service_numbers if cis.state[number] is OperatingState.LIVE
    ]
    for number in waiting:
        above[number] = number
    needed = topology.edge_dependency.tolist()
    offsets, effect = topology.dependency_offsets.tolist(), graph.gates.edge_effect.tolist()
    for number in waiting:  # grows while it is walked: breadth first
        for edge in range(offsets[number], offsets[number + 1]):
            other = needed[edge]
            if above[other] < 0 and effect[edge]:
                above[other] = above[number]
                waiting.append(other)
    return above
