"""An export just above the size from which kernels are compiled, and every question about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_CIS = 110_000
_SERVICES = 200
_CLASSES = ("application", "virtual_machine", "server", "storage", "network_switch")
_FAR = 7_919  # a prime: dependencies spread over the whole estate


def write_rehearsal(folder: Path) -> None:
    """Write three tables: every shape of row that large exports have, with quoted cells too."""
    (folder / "cis.csv").write_text("".join(_ci_lines()), encoding="utf-8")
    (folder / "relations.csv").write_text("".join(_relation_lines()), encoding="utf-8")
    groups = "".join(f"{_id(number)},nodes,1\n" for number in range(_SERVICES, _CIS // 2, 3))
    (folder / "groups.csv").write_text("dependent,group,min_up\n" + groups, encoding="utf-8")


def ask_everything(folder: Path) -> None:
    """Load and validate the export, and ask every question that runs compiled on it."""
    from ripplegraph.graph.model import Status
    from ripplegraph.graph.records_of import records_in_arrays_of
    from ripplegraph.graph.validation import validate
    from ripplegraph.impact import StatusTracker, blast_radius, service_reach
    from ripplegraph.impact.availability.rehearsal import rehearse
    from ripplegraph.impact.propagation.answers import impact
    from ripplegraph.impact.propagation.fixpoint import propagate
    from ripplegraph.impact.propagation.scenario import scenario_of
    from ripplegraph.loaders.load import load_export
    from ripplegraph.store.rows import records_of_rows, rows_of

    graph = load_export([folder])
    validate(graph)
    last = graph.ci_count - 1
    impact(graph, scenario_of(graph, down=[graph.ci_ids[last]]))
    blast_radius(graph, down=[last])
    tracker = StatusTracker(graph)
    for status in (Status.DOWN, Status.UP):
        tracker.flip(last, status)
    service_reach(graph, graph.service_numbers[:2])
    rehearse()
    rows = rows_of(records_in_arrays_of(graph))
    records_of_rows(((row.kind, row.payload) for row in rows), is_compiled=True)
    propagate(graph, dict.fromkeys(range(last // 2, last), Status.DOWN))


def _ci_lines() -> Iterator[str]:
    yield "id,name,class,environment,lifecycle,owner_team,location,criticality,updated_on\n"
    for number in range(_CIS):
        name = f'"CI ""{number}"""' if number % 100 == 0 else f"ci-{number}.example"
        kind = "service" if number < _SERVICES else _CLASSES[number * len(_CLASSES) // _CIS]
        yield (
            f"{_id(number)},{name},{kind},production,operational,Group {number % 400},"
            f"SITE-{number % 60},{number % 4 + 1} - as agreed with its owner,"
            f"2025-01-01T00:00:{number % 60:02}Z\n"
        )


def _relation_lines() -> Iterator[str]:
    """Three dependencies for each CI on later ones, a cycle, an unknown CI, a repeated row."""
    yield "id,dependent,dependency,type,group\n"
    for number in range(_CIS - 1):
        rest = _CIS - 1 - number
        for at in range(3):
            other = number + 1 + (number + at * _FAR) % rest
            group = "nodes" if at < 2 and number % 3 == _SERVICES % 3 else ""
            ends = f"{_id(number)},{_id(other)}"
            label = '"Uses ""it"""' if number % 100 == 0 else "Depends on::Used by"
            yield f"{_id(3 * number + at)},{ends},{label},{group}\n"
    for dependent, dependency in ((9, 5), (5, 9), (9, 5), (9, _CIS), (8, 8)):
        yield f"{_id(dependent)},{_id(dependent)},{_id(dependency)},Depends on::Used by,\n"


def _id(number: int) -> str:
    return f"{number * 0x9E3779B97F4A7C15:032x}"[-32:]
