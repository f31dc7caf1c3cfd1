"""A graph without names: for pages that are mailed outside. Structure and statuses stay. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.ci_ids import CiIds
from ripplegraph.graph.records import CiColumns
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.visualize.appearance import KIND_WORDS


def redacted(graph: ServiceGraph) -> ServiceGraph:
    """Return the graph as a view may show it outside: whatever could name somebody is replaced.

    CIs become ``Server 12`` by their kind and number, teams ``Team 3``, suppliers ``Supplier 1``,
    agreements ``Agreement 4``; equal texts stay equal. Classes, tags, lifecycles, relation types,
    attributes and places are left out. Kinds, rules, own availabilities and targets stay.
    """
    cis = _redacted_cis(graph.cis)
    return replace(
        graph,
        cis=cis,
        ids=CiIds.of(cis),
        agreements=tuple(
            _redacted_agreement(one, number)
            for number, one in enumerate(graph.agreements, start=1)
        ),
        outages=tuple(
            replace(one, ci=cis.native_id[ci], cause="", source="", external_id="", change="")
            for one, ci in zip(graph.outages, graph.outage_ci, strict=True)
        ),
        edges=replace(graph.edges, relation_types=("",) * len(graph.edges.relation_types)),
    )


def _redacted_cis(cis: CiColumns) -> CiColumns:
    new = CiColumns()
    names = _numbered_by_kind(cis)
    teams = _numbered(cis.owner_team, "Team")
    suppliers = _numbered(cis.supplier, "Supplier")
    for number, name in enumerate(names):
        new.append(
            source="",
            class_name="",
            native_id=name,
            name=name,
            kind=cis.kind[number],
            is_logical=cis.is_logical[number],
            state=cis.state[number],
            owner_team=teams[number],
            supplier=suppliers[number],
            availability=cis.availability[number],
            mtbf_hours=cis.mtbf_hours[number],
            mttr_hours=cis.mttr_hours[number],
            is_stub=cis.is_stub[number],
        )
    return new


def _redacted_agreement(agreement: Agreement, number: int) -> Agreement:
    name = f"Agreement {number}"
    return replace(
        agreement, agreement_id=name, name=name, customer="", provider="", owner="", covers=()
    )


def _numbered_by_kind(cis: CiColumns) -> list[str]:
    counts: dict[str, int] = {}
    names = []
    for kind in cis.kind:
        word = KIND_WORDS[kind].capitalize()
        counts[word] = counts.get(word, 0) + 1
        names.append(f"{word} {counts[word]}")
    return names


def _numbered(cells: Sequence[str], word: str) -> list[str]:
    numbers: dict[str, str] = {"": ""}
    for cell in cells:
        numbers.setdefault(cell, f"{word} {len(numbers)}")
    return [numbers[cell] for cell in cells]
