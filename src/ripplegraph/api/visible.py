"""What a caller who is limited to tags sees: each caller's part of a graph, made once."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.visibility import visible_part, with_outages_of

KEPT_PARTS = 16
"""How many parts stay in memory: graphs times sets of tags."""


class VisibleParts:
    """The parts of graphs by tags, each made once; safe between threads.

    Where only outages differ from a graph of which the part is known, that part is taken.
    """

    def __init__(self) -> None:
        self._parts: OrderedDict[tuple[int, frozenset[str]], tuple[ServiceGraph, ServiceGraph]] = (
            OrderedDict()
        )
        self._lock = Lock()

    def of(self, graph: ServiceGraph, tags: frozenset[str]) -> ServiceGraph:
        """Return the part of a graph that these tags show."""
        key = (id(graph.topology), tags)
        with self._lock:  # one at a time: making a part is work that nobody shall do twice
            held = self._parts.get(key)
            if held is None or held[0].topology is not graph.topology:
                held = self._parts[key] = (graph, visible_part(graph, tags))
            elif held[0] is not graph:
                held = self._parts[key] = (graph, with_outages_of(held[1], graph))
            self._parts.move_to_end(key)
            while len(self._parts) > KEPT_PARTS:
                self._parts.popitem(last=False)
            return held[1]
