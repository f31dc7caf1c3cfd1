"""Checks that need a date: stale CIs, and relations outside their dates of validity."""

from __future__ import annotations

from datetime import datetime, timedelta

from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.model import OperatingState
from ripplegraph.graph.service_graph import ServiceGraph, is_valid_at
from ripplegraph.graph.structure_checks import by_class
from ripplegraph.graph.wording import ci_words, count_words, day_words, list_ci_words


def check_times(
    graph: ServiceGraph, found: FindingCollector, *, at: datetime, stale_after_days: int
) -> None:
    """Collect what is doubtful in a graph at a moment."""
    _check_stale(graph, found, at, timedelta(days=stale_after_days))
    _check_validity(graph, found, at)


def _check_stale(
    graph: ServiceGraph, found: FindingCollector, at: datetime, patience: timedelta
) -> None:
    cis = graph.cis
    seen_at = {
        number: seen
        for number, seen in enumerate(cis.last_seen)
        if seen is not None and at - seen > patience
    }
    in_use = (number for number in seen_at if cis.state[number] is not OperatingState.RETIRED)
    for (class_name, file), numbers in by_class(graph, in_use).items():
        numbers.sort(key=lambda number: (seen_at[number], number))
        names = list_ci_words(graph.cis, numbers)
        were = "was" if len(numbers) == 1 else "were"
        text = (
            f"{count_words(len(numbers), 'CI', 'CIs')} of class {class_name!r} {were} not "
            f"confirmed for more than {count_words(patience.days, 'day', 'days')}, "
            f"the oldest since {day_words(seen_at[numbers[0]])}: {names}"
        )
        row = min(cis.row[number] for number in numbers)
        found.add("stale-ci", text, file=file, row=row, count=len(numbers))


def _check_validity(graph: ServiceGraph, found: FindingCollector, at: datetime) -> None:
    topology = graph.topology
    by_file: dict[str, list[int]] = {}
    for edge, dates in graph.edges.validity.items():
        if not is_valid_at(dates, at):
            file = graph.edges.files[topology.edge_file[edge]]
            by_file.setdefault(file, []).append(edge)
    for file, edges in by_file.items():
        first = min(edges, key=lambda edge: (int(topology.edge_row[edge]), edge))
        ends = (int(topology.edge_dependent[first]), int(topology.edge_dependency[first]))
        needs, needed = (ci_words(graph.cis, number) for number in ends)
        hold = "does" if len(edges) == 1 else "do"
        text = (
            f"{count_words(len(edges), 'relation', 'relations')} {hold} not hold on "
            f"{day_words(at)}, first {needs} on {needed}"
        )
        row = int(topology.edge_row[first])
        found.add("relation-not-valid", text, file=file, row=row, count=len(edges))
