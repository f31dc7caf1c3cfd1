"""CI numbers as callers give them: checked, and looked up where a text names the CI."""

from __future__ import annotations

from collections.abc import Iterable

from ripplegraph.graph.service_graph import ServiceGraph


def ci_numbers(graph: ServiceGraph, cis: Iterable[int | str]) -> list[int]:
    """Return the number of each CI, in the order given.

    Raises
    ------
    IndexError
        If the graph has no CI of a number.
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If a text names several.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> ci_numbers(graph_of("shop -> db"), ["db", 0])
    [1, 0]
    """
    numbers = [graph.resolve(ci) if isinstance(ci, str) else int(ci) for ci in cis]
    count = graph.ci_count
    for number in numbers:
        if not 0 <= number < count:
            msg = f"no CI has the number {number}; the graph holds {count}"
            raise IndexError(msg)
    return numbers
