"""How much memory the arrays of a graph take."""

from __future__ import annotations

from numpy.lib.array_utils import byte_bounds

from ripplegraph.graph.service_graph import ServiceGraph


def graph_bytes(graph: ServiceGraph) -> int:
    """Return the bytes that the arrays of a graph take: its dependencies and its gates.

    Parameters
    ----------
    graph
        Names, ids, attributes and other cells of CIs are not counted, nor are the values of few
        dependencies and the rules of groups, nor what questions keep for later ones.

    Notes
    -----
    An array that two columns share counts once, and one that repeats a single value counts as
    that value.

    Examples
    --------
    >>> from ripplegraph.graph.build import build_service_graph
    >>> from ripplegraph.graph.records import Records
    >>> records = Records()
    >>> records.dependencies.append(dependent="shop", dependency="db", file="relations.csv")
    >>> graph_bytes(build_service_graph(records).graph)  # 24 of them for the offsets by CI
    48
    """
    parts = (graph.topology, graph.gates)
    arrays = [getattr(part, name) for part in parts for name in part.__slots__]
    bounds = {byte_bounds(array) for array in arrays}
    return sum(end - start for start, end in bounds)
