"""Build the graph from records: resolve references, refuse or repair records with findings.

Nothing is dropped in silence: a record that does not become part of the graph is in
``BuildResult.refused`` and has a finding; a repaired one has a finding too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.findings import Finding, FindingCollector, LoadReport
from ripplegraph.graph.gates import NO_GROUP, GroupRule, compile_gates
from ripplegraph.graph.model import CiId, OperatingState, Strength
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.records import CiColumns, DependencyColumns, GroupRecord, Records
from ripplegraph.graph.service_graph import EdgeDetails, ServiceGraph, Topology

AMBIGUOUS = -1
"""Number that stands for a native id which fits CIs of several classes."""

STUB_CLASS = "stub"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """The graph, what was found while building it, and the places of the records not used."""

    graph: ServiceGraph
    findings: tuple[Finding, ...]
    refused: frozenset[tuple[str, int]]


def ci_id_of(source: str, class_name: str, native_id: str) -> CiId:
    """Return ``source:class:native id``; colons in source and class are written ``%3A``.

    Examples
    --------
    >>> ci_id_of("snow", "cmdb_ci_server", "urn:42")
    'snow:cmdb_ci_server:urn:42'
    """
    return CiId(f"{_colon_free(source)}:{_colon_free(class_name)}:{native_id}")


def build_service_graph(records: Records) -> BuildResult:
    """Build a service graph from records.

    Parameters
    ----------
    records
        The mapped records of one export; they are not changed. Findings that the loader
        collected are in ``records.findings`` and come first in the result.

    Returns
    -------
    BuildResult
        The graph (its ``report`` holds the findings), the findings, and the refused places.

    Notes
    -----
    A reference is a native id that is unique, else a full ``ci_id``. An unknown reference in a
    relation becomes a stub CI. Of records with one id the first is kept. A dependency of a live
    CI on a retired or test CI has no effect (semantics.md section 1).
    """
    found = FindingCollector()
    cis, numbers = _kept_cis(records.cis, found)
    edges = _resolved_edges(records.dependencies, cis, numbers, found)
    ci_ids = tuple(map(ci_id_of, cis.source, cis.class_name, cis.native_id))
    rules, group_numbers, kept_groups = _group_rules(records, edges, numbers, ci_ids, found)
    topology, details = _topology(edges, records.dependencies, group_numbers, len(cis))
    gates = compile_gates(
        edge_effect=_effects(topology, cis),
        edge_group=topology.edge_group,
        weights=details.weights,
        rules=rules,
        found=found,
    )
    calendars = _kept_calendars(records.calendars, found)
    agreements = _kept_agreements(records.agreements, calendars, found)
    outages, outage_ci = _kept_outages(records.outages, numbers, found)
    graph = ServiceGraph(
        cis=cis,
        ci_ids=ci_ids,
        topology=topology,
        gates=gates,
        edges=details,
        group_rules=rules,
        agreements=agreements,
        covered=_covered(agreements, cis, numbers, found),
        calendars=calendars,
        outages=outages,
        outage_ci=outage_ci,
    )
    findings = (*records.findings, *found.findings())
    kept = {
        *zip(cis.file, cis.row, strict=True),
        *((edge.file, edge.row) for edge in edges),
        *(
            (record.file, record.row)
            for record in (*kept_groups, *calendars, *agreements, *outages)
        ),
    }
    return BuildResult(
        graph=graph.with_report(LoadReport(findings=findings)),
        findings=findings,
        refused=frozenset(records.places()) - kept,
    )


def graph_at(graph: ServiceGraph, moment: datetime) -> ServiceGraph:
    """Return the graph with only the dependencies that are valid at a moment in effect.

    Parameters
    ----------
    moment
        Aware; a dependency holds if ``valid_from <= moment < valid_to``.

    Returns
    -------
    ServiceGraph
        The same graph if no dependency carries dates; else one that shares all but its gates.
        Dependencies outside their dates are kept without effect.
    """
    ended = [
        edge
        for edge, (valid_from, valid_to) in graph.edges.validity.items()
        if (valid_from is not None and moment < valid_from)
        or (valid_to is not None and moment >= valid_to)
    ]
    if not ended:
        return graph
    effect = graph.gates.edge_effect.copy()
    effect[ended] = Strength.NONE
    found = FindingCollector()  # requirements were reported when the graph was built
    gates = compile_gates(
        edge_effect=effect,
        edge_group=graph.topology.edge_group,
        weights=graph.edges.weights,
        rules=graph.group_rules,
        found=found,
    )
    return replace(graph, gates=gates)


# --- CIs and their ids ---------------------------------------------------------------------


def _colon_free(text: str) -> str:
    return text.replace(":", "%3A") if ":" in text else text


def _kept_cis(columns: CiColumns, found: FindingCollector) -> tuple[CiColumns, dict[str, int]]:
    """Return the CIs without repeated ids, and the number of each way to refer to one."""
    first: dict[CiId, int] = {}
    keep: list[int] = []
    for position in range(len(columns)):
        source, class_name = columns.source[position], columns.class_name[position]
        ci_id = ci_id_of(source, class_name, columns.native_id[position])
        if ci_id in first:
            _report_duplicate_ci(columns, first[ci_id], position, found)
        else:
            first[ci_id] = position
            keep.append(position)
    kept = columns.take(keep)
    numbers: dict[str, int] = {}
    for number, native_id in enumerate(kept.native_id):
        numbers[native_id] = AMBIGUOUS if native_id in numbers else number
    for number, ci_id in enumerate(first):
        numbers.setdefault(ci_id, number)
    return kept, numbers


def _report_duplicate_ci(
    columns: CiColumns, first: int, again: int, found: FindingCollector
) -> None:
    differing = [
        name
        for name in CiColumns.__slots__
        if name not in {"file", "row", "attributes"}
        and getattr(columns, name)[first] != getattr(columns, name)[again]
    ]
    text = f"differs in {', '.join(differing)}" if differing else "same content"
    place = f"{columns.file[first]}:{columns.row[first]}"
    found.add(
        "duplicate-id",
        f"CI {columns.native_id[again]!r} of class {columns.class_name[again]!r} "
        f"stands already at {place} ({text})",
        file=columns.file[again],
        row=columns.row[again],
    )


# --- dependencies --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edge:
    """A dependency between numbered CIs; ``position`` is that of its record."""

    dependent: int
    dependency: int
    position: int
    file: str
    row: int


def _resolved_edges(
    columns: DependencyColumns, cis: CiColumns, numbers: dict[str, int], found: FindingCollector
) -> list[_Edge]:
    """Return the dependencies that join two CIs, each once; stubs are added to ``cis``."""
    edges: list[_Edge] = []
    first_at: dict[tuple[object, ...], int] = {}
    stubs: dict[str, list[int]] = {}
    for position in range(len(columns)):
        file, row = columns.file[position], columns.row[position]
        ends = (columns.dependent[position], columns.dependency[position])
        ambiguous = [end for end in ends if numbers.get(end) == AMBIGUOUS]
        if ambiguous:
            text = f"{ambiguous[0]!r} fits CIs of several classes"
            found.add("ambiguous-id", text, file=file, row=row)
            continue
        if ends[0] == ends[1] or _same_ci(ends, numbers):
            found.add("self-relation", f"{ends[0]!r} depends on itself", file=file, row=row)
            continue
        for end in ends:
            if end not in numbers:
                numbers[end] = _add_stub(cis, end, file, row)
                stubs[end] = []
            if end in stubs:
                stubs[end].append(position)
        dependent, dependency = numbers[ends[0]], numbers[ends[1]]
        key = _edge_key(columns, position, dependent, dependency)
        if key in first_at:
            other = first_at[key]
            text = (
                f"{ends[0]!r} on {ends[1]!r} ({columns.relation_type[position]!r}) "
                f"stands already at {columns.file[other]}:{columns.row[other]}"
            )
            found.add("duplicate-relation", text, file=file, row=row)
            continue
        first_at[key] = position
        edges.append(
            _Edge(
                dependent=dependent, dependency=dependency, position=position, file=file, row=row
            )
        )
    _report_stubs(stubs, columns, found)
    return edges


def _same_ci(ends: tuple[str, str], numbers: Mapping[str, int]) -> bool:
    number = numbers.get(ends[0])
    return number is not None and number == numbers.get(ends[1])


def _edge_key(
    columns: DependencyColumns, position: int, dependent: int, dependency: int
) -> tuple[object, ...]:
    """Return what makes a dependency the same one: in a group its type does not count."""
    group = columns.group[position]
    dates = (columns.valid_from[position], columns.valid_to[position])
    if group:
        return (dependent, dependency, group, dates)
    kind = (columns.relation_type[position], columns.strength[position])
    return (dependent, dependency, kind, dates)


def _add_stub(cis: CiColumns, native_id: str, file: str, row: int) -> int:
    source = cis.source[0] if len(cis) else "export"
    cis.append(
        source=source, class_name=STUB_CLASS, native_id=native_id, is_stub=True, file=file, row=row
    )
    return len(cis) - 1


def _report_stubs(
    stubs: Mapping[str, Sequence[int]], columns: DependencyColumns, found: FindingCollector
) -> None:
    for native_id, positions in stubs.items():
        by_file: dict[str, list[int]] = {}
        for position in positions:
            by_file.setdefault(columns.file[position], []).append(columns.row[position])
        for file, rows in by_file.items():
            text = f"CI {native_id!r} is not in the export; a stub stands for it"
            found.add("dangling-reference", text, file=file, row=rows[0], count=len(rows))


def _effects(topology: Topology, cis: CiColumns) -> NDArray[np.uint8]:
    """Return the strength that works: none where a live CI needs one that is not live."""
    live = np.array([state is OperatingState.LIVE for state in cis.state], dtype=np.bool_)
    without_impact = live[topology.edge_dependent] & ~live[topology.edge_dependency]
    effect = topology.edge_strength.copy()
    effect[without_impact] = Strength.NONE
    return effect


def _topology(
    edges: Sequence[_Edge],
    columns: DependencyColumns,
    group_numbers: Mapping[tuple[int, str], int],
    ci_count: int,
) -> tuple[Topology, EdgeDetails]:
    dependents = np.array([edge.dependent for edge in edges], dtype=np.uint32)
    dependencies = np.array([edge.dependency for edge in edges], dtype=np.uint32)
    order = np.lexsort((dependencies, dependents))
    ordered = [edges[at] for at in order.tolist()]
    types, type_of = _numbered(columns.relation_type[edge.position] for edge in ordered)
    files, file_of = _numbered(edge.file for edge in ordered)
    groups = [
        group_numbers.get((edge.dependent, columns.group[edge.position]), NO_GROUP)
        for edge in ordered
    ]
    edge_dependency = dependencies[order]
    topology = Topology(
        dependency_offsets=_offsets(dependents[order], ci_count),
        edge_dependent=dependents[order],
        edge_dependency=edge_dependency,
        edge_strength=np.array(
            [columns.strength[edge.position] for edge in ordered], dtype=np.uint8
        ),
        edge_group=np.array(groups, dtype=np.uint32),
        edge_type=np.array(type_of, dtype=np.uint32),
        edge_file=np.array(file_of, dtype=np.uint32),
        edge_row=np.array([edge.row for edge in ordered], dtype=np.uint32),
        dependent_offsets=_offsets(np.sort(edge_dependency), ci_count),
        dependent_edge=np.argsort(edge_dependency, kind="stable").astype(np.uint32),
    )
    for name in Topology.__slots__:
        getattr(topology, name).setflags(write=False)
    return topology, EdgeDetails(
        relation_types=types,
        files=files,
        weights=_weights(ordered, columns),
        validity=_validity(ordered, columns),
    )


def _weights(ordered: Sequence[_Edge], columns: DependencyColumns) -> dict[int, Decimal]:
    weights = (columns.weight[edge.position] for edge in ordered)
    return {at: weight for at, weight in enumerate(weights) if weight is not None and weight != 1}


def _validity(
    ordered: Sequence[_Edge], columns: DependencyColumns
) -> dict[int, tuple[datetime | None, datetime | None]]:
    dates = (
        (columns.valid_from[edge.position], columns.valid_to[edge.position]) for edge in ordered
    )
    return {at: pair for at, pair in enumerate(dates) if pair != (None, None)}


def _offsets(sorted_numbers: NDArray[np.uint32], ci_count: int) -> NDArray[np.uint32]:
    counts = np.bincount(sorted_numbers, minlength=ci_count)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.uint32)


def _numbered(texts: Iterable[str]) -> tuple[tuple[str, ...], list[int]]:
    numbers: dict[str, int] = {}
    numbered = [numbers.setdefault(text, len(numbers)) for text in texts]
    return tuple(numbers), numbered


# --- groups --------------------------------------------------------------------------------


def _group_rules(
    records: Records,
    edges: Sequence[_Edge],
    numbers: Mapping[str, int],
    ci_ids: Sequence[CiId],
    found: FindingCollector,
) -> tuple[tuple[GroupRule, ...], dict[tuple[int, str], int], list[GroupRecord]]:
    """Return the groups sorted by dependent and key, their numbers, and the records kept."""
    used = _group_keys(records.dependencies, edges)
    said: dict[tuple[int, str], GroupRecord] = {}
    for record in records.groups:
        number = numbers.get(record.dependent, AMBIGUOUS)
        key = (number, record.key)
        if number == AMBIGUOUS or key not in used:
            text = f"no relation puts a dependency of {record.dependent!r} in group {record.key!r}"
            found.add("dangling-group", text, file=record.file, row=record.row)
        elif key in said:
            text = f"group {record.key!r} of {record.dependent!r} stands already"
            found.add("duplicate-group", text, file=record.file, row=record.row)
        else:
            said[key] = record
    rules = []
    for (dependent, name), (count, edge) in sorted(used.items()):
        maybe = said.get((dependent, name))
        rule = _group_rule(dependent, name, maybe, edge)
        rules.append(rule)
        if rule.is_assumed or rule.min_up is None:
            assumed = f"{rule.min_up} was assumed" if rule.min_up else "all are taken as needed"
            text = f"group {name!r} of {ci_ids[dependent]!r}: {count} members, {assumed}"
            found.add("cluster-without-requirement", text, file=rule.file, row=rule.row)
    group_numbers = {(rule.dependent, rule.key): at for at, rule in enumerate(rules)}
    return tuple(rules), group_numbers, list(said.values())


def _group_keys(
    columns: DependencyColumns, edges: Sequence[_Edge]
) -> dict[tuple[int, str], tuple[int, _Edge]]:
    """Return each group's number of members and first dependency."""
    used: dict[tuple[int, str], tuple[int, _Edge]] = {}
    for edge in edges:
        name = columns.group[edge.position]
        if name:
            count, first = used.get((edge.dependent, name), (0, edge))
            used[edge.dependent, name] = (count + 1, first)
    return used


def _group_rule(dependent: int, name: str, record: GroupRecord | None, edge: _Edge) -> GroupRule:
    if record is None:
        return GroupRule(dependent=dependent, key=name, file=edge.file, row=edge.row)
    return GroupRule(
        dependent=dependent,
        key=name,
        min_up=record.min_up,
        degraded_below=record.degraded_below,
        grounded=record.grounded,
        is_assumed=record.is_assumed,
        file=record.file,
        row=record.row,
    )


# --- agreements, calendars, outages ----------------------------------------------------------


def _kept_calendars(
    calendars: Sequence[Calendar], found: FindingCollector
) -> tuple[Calendar, ...]:
    kept: dict[str, Calendar] = {}
    for calendar in calendars:
        if calendar.calendar_id in kept:
            text = f"calendar {calendar.calendar_id!r} stands already"
            found.add("duplicate-calendar", text, file=calendar.file, row=calendar.row)
        else:
            kept[calendar.calendar_id] = calendar
    return tuple(kept.values())


def _kept_agreements(
    agreements: Sequence[Agreement], calendars: Sequence[Calendar], found: FindingCollector
) -> tuple[Agreement, ...]:
    known = {calendar.calendar_id for calendar in calendars}
    kept: dict[str, Agreement] = {}
    for agreement in agreements:
        name = agreement.agreement_id
        if name in kept:
            text = f"agreement {name!r} stands already"
            found.add("duplicate-agreement", text, file=agreement.file, row=agreement.row)
            continue
        kept[name] = agreement
        if agreement.calendar and agreement.calendar not in known:
            text = f"agreement {name!r} names calendar {agreement.calendar!r}; 24x7 was assumed"
            found.add("unknown-calendar", text, file=agreement.file, row=agreement.row)
    return tuple(kept.values())


def _covered(
    agreements: Sequence[Agreement],
    cis: CiColumns,
    numbers: Mapping[str, int],
    found: FindingCollector,
) -> tuple[tuple[int, ...], ...]:
    by_selector = _selectors(cis) if any(agreement.covers for agreement in agreements) else {}
    covered: list[tuple[int, ...]] = []
    for agreement in agreements:
        places: set[int] = set()
        for entry in agreement.covers:
            number = numbers.get(entry)
            if number == AMBIGUOUS:
                text = f"agreement {agreement.agreement_id!r} covers {entry!r}, which fits several"
                found.add("ambiguous-id", text, file=agreement.file, row=agreement.row)
            elif number is not None and not cis.is_stub[number]:
                places.add(number)
            elif entry.casefold() in by_selector:
                places.update(by_selector[entry.casefold()])
            else:
                text = f"agreement {agreement.agreement_id!r} covers {entry!r}, which fits nothing"
                found.add("dangling-cover", text, file=agreement.file, row=agreement.row)
        covered.append(tuple(sorted(places)))
    return tuple(covered)


def _selectors(cis: CiColumns) -> dict[str, list[int]]:
    """Return the CIs of each ``class:NAME`` and ``tag:NAME``, casefolded."""
    chosen: dict[str, list[int]] = {}
    for number in range(len(cis)):
        chosen.setdefault(f"class:{cis.class_name[number]}".casefold(), []).append(number)
        for tag in set(cis.tags[number]):
            chosen.setdefault(f"tag:{tag}".casefold(), []).append(number)
    return chosen


def _kept_outages(
    outages: Sequence[Outage], numbers: Mapping[str, int], found: FindingCollector
) -> tuple[tuple[Outage, ...], tuple[int, ...]]:
    kept: list[Outage] = []
    of_ci: list[int] = []
    for outage in outages:
        number = numbers.get(outage.ci)
        if number is None:
            text = f"outage {outage.external_id!r} names CI {outage.ci!r}"
            found.add("dangling-outage", text, file=outage.file, row=outage.row)
        elif number == AMBIGUOUS:
            text = f"outage {outage.external_id!r} names {outage.ci!r}, which fits several CIs"
            found.add("ambiguous-id", text, file=outage.file, row=outage.row)
        else:
            kept.append(outage)
            of_ci.append(number)
    return tuple(kept), tuple(of_ci)
