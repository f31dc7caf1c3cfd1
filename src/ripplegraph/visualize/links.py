"""The lines of a scene: relations between its boxes, and ways through what is hidden. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ripplegraph.graph.model import Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.visualize.explanation import Explanation
from ripplegraph.visualize.hidden_ways import HiddenWay, Pair, hidden_ways
from ripplegraph.visualize.layout import Layout
from ripplegraph.visualize.selection import Selection
from ripplegraph.visualize.view_model import Line


class Links:
    """Relations inside one service, by the boxes that they join."""

    def __init__(
        self, graph: ServiceGraph, explanation: Explanation, selection: Selection
    ) -> None:
        self._graph, self._explanation, self._selection = graph, explanation, selection
        self.edges = _edges_inside(graph, selection.whole)
        self._drawn: dict[Pair, list[int]] = {}
        self._sort()
        self._ways = {(way.dependent, way.dependency): way for way in self._hidden_ways()}

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The boxes that lines join, as (dependent, dependency)."""
        return (*self._drawn, *self._ways)

    @property
    def hidden_count(self) -> int:
        """How many relations are not drawn."""
        return len(self.edges) - sum(map(len, self._drawn.values()))

    def lines(self, layout: Layout) -> tuple[Line, ...]:
        """Return the lines as they are laid out."""
        ways = (self._way(way, layout) for way in self._ways.values())
        return (*(self._line(*item, layout) for item in self._drawn.items()), *ways)

    def _sort(self) -> None:
        box_of = self._selection.box_of
        for edge in self.edges:
            dependent, dependency = self._ends(edge)
            if dependent in box_of and dependency in box_of:
                pair = (box_of[dependent], box_of[dependency])
                if pair[0] != pair[1]:
                    self._drawn.setdefault(pair, []).append(edge)

    def _hidden_ways(self) -> tuple[HiddenWay, ...]:
        selection = self._selection
        if len(selection.shown) == len(selection.whole):
            return ()
        edges_of: dict[int, list[tuple[int, int]]] = {}
        effects = self._graph.gates.edge_effect
        for edge in self.edges:
            if effects[edge] != Strength.NONE:
                dependent, dependency = self._ends(edge)
                edges_of.setdefault(dependent, []).append((edge, dependency))
        return hidden_ways(edges_of, selection.box_of, self._drawn)

    def _line(self, pair: Pair, edges: Sequence[int], layout: Layout) -> Line:
        selection, box_of = self._selection, self._selection.box_of
        dependencies = [self._graph.dependency(edge) for edge in edges]
        return Line(
            dependent=pair[0],
            dependency=pair[1],
            points=layout.routes[pair],
            effect=max((one.effect for one in dependencies), default=Strength.NONE),
            passed=max(self._explanation.passed(edge) for edge in edges),
            is_on_path=any(edge in selection.path for edge in edges),
            is_on_shortest_chain=any(
                (box_of.get(one), box_of.get(other)) == pair for one, other in selection.chains
            ),
            relations=tuple(sorted({one.relation_type for one in dependencies} - {""})),
            relation_count=len(edges),
        )

    def _way(self, way: HiddenWay, layout: Layout) -> Line:
        """Return a line that stands for a way; its trouble counts if all of the way passes it."""
        passed = [self._explanation.passed(edge) for edge in way.edges]
        effects = self._graph.gates.edge_effect
        return Line(
            dependent=way.dependent,
            dependency=way.dependency,
            points=layout.routes[way.dependent, way.dependency],
            effect=min(Strength(int(effects[edge])) for edge in way.edges),
            passed=passed[0] if all(passed) else Status.UP,
            is_on_path=all(edge in self._selection.path for edge in way.edges),
            is_on_shortest_chain=False,
            relations=(),
            relation_count=0,
            hidden_between=len(way.edges) - 1,
        )

    def _ends(self, edge: int) -> Pair:
        topology = self._graph.topology
        return int(topology.edge_dependent[edge]), int(topology.edge_dependency[edge])


def _edges_inside(graph: ServiceGraph, numbers: frozenset[int]) -> list[int]:
    ends = graph.topology.edge_dependency
    return [
        edge
        for number in sorted(numbers)
        for edge in graph.edges_to_dependencies(number)
        if int(ends[edge]) in numbers
    ]
