"""The graph as it was at each moment: dependencies that carry dates come and go."""

from __future__ import annotations

from bisect import bisect_right

from ripplegraph.graph.build import graph_at
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import epoch_second
from ripplegraph.impact.timeline.moments import moment_of


class TopologyInTime:
    """A graph in each of the periods between which its dependencies change.

    Parameters
    ----------
    graph
        With every dependency; those without dates always hold.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> topology = TopologyInTime(graph_of("shop -> db"))
    >>> topology.moments, topology.period_of(0)
    ((), 0)
    """

    def __init__(self, graph: ServiceGraph) -> None:
        self.graph = graph
        dates = sorted({date for both in graph.edges.validity.values() for date in both if date})
        self._last_in_second = {epoch_second(date): date for date in dates}
        self.moments: tuple[int, ...] = tuple(self._last_in_second)
        self._graphs: dict[int, ServiceGraph] = {}

    def period_of(self, seconds: int) -> int:
        """Return the number of the period that holds at a moment: 0 before the first change."""
        return bisect_right(self.moments, seconds)

    def graph_in(self, period: int) -> ServiceGraph:
        """Return the graph of a period; built once."""
        if not self.moments:
            return self.graph
        if period not in self._graphs:
            first = (
                self._last_in_second[self.moments[period - 1]]
                if period
                else moment_of(self.moments[0] - 1)
            )
            self._graphs[period] = graph_at(self.graph, first)
        return self._graphs[period]

    def graph_then(self, seconds: int) -> ServiceGraph:
        """Return the graph that holds at a moment."""
        return self.graph_in(self.period_of(seconds))
