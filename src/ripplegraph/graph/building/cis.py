"""CIs of the export: of the records with one id the first is kept."""

from __future__ import annotations

from dataclasses import fields

from ripplegraph.graph.building.references import ci_ids_of
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.model import CiId
from ripplegraph.graph.records import CiColumns
from ripplegraph.graph.wording import ci_words, place_words

_NOT_COMPARED = frozenset({"file", "row", "attributes"})


def kept_cis(
    columns: CiColumns, found: FindingCollector
) -> tuple[CiColumns, list[CiId], list[int]]:
    """Return the CIs without repeated ids, their ids, and the positions of those left out."""
    ci_ids = ci_ids_of(columns)
    if len(set(columns.native_id)) == len(ci_ids):
        return columns.take(range(len(ci_ids))), ci_ids, []
    first = dict(zip(reversed(ci_ids), reversed(range(len(ci_ids))), strict=True))
    refused = [position for position, ci_id in enumerate(ci_ids) if first[ci_id] != position]
    for position in refused:
        _report_duplicate(columns, first[ci_ids[position]], position, found)
    left_out = frozenset(refused)
    kept = [position for position in range(len(ci_ids)) if position not in left_out]
    return columns.take(kept), [ci_ids[position] for position in kept], refused


def _report_duplicate(columns: CiColumns, first: int, again: int, found: FindingCollector) -> None:
    differing = [
        column.name
        for column in fields(columns)
        if column.name not in _NOT_COMPARED
        and getattr(columns, column.name)[first] != getattr(columns, column.name)[again]
    ]
    text = f"it differs in {', '.join(differing)}" if differing else "it says the same"
    found.add(
        "duplicate-id",
        f"CI {ci_words(columns, again)} of class {columns.class_name[again]!r} stands already"
        f"{place_words(columns.file[first], columns.row[first])}; {text}",
        file=columns.file[again],
        row=columns.row[again],
    )
