"""CIs of the export: of the records with one id the first is kept."""

# mypy: disable-error-code="explicit-any"
# slices have the type Any inside

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.ci_ids import CiIds
from ripplegraph.graph.columns import CodedColumn
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.numbered_texts import as_texts, numbered, table_of
from ripplegraph.graph.records import CiColumns
from ripplegraph.graph.wording import ci_words, place_words

_NOT_COMPARED = frozenset({"file", "row", "attributes"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptCis:
    """The CIs without repeated ids, their native ids numbered, and the positions left out."""

    cis: CiColumns
    native_ids: CodedColumn[str]
    refused: list[int]


def kept_cis(columns: CiColumns, found: FindingCollector) -> KeptCis:
    """Return the CIs; of the records with one id the first is kept."""
    native_ids = numbered(columns.native_id)
    if np.bincount(native_ids.codes, minlength=1).max() <= 1:
        return _kept(columns, slice(None), native_ids, [])
    prefixes = CiIds.of(columns).prefixes
    ids = native_ids.codes.astype(np.int64) * len(prefixes.values) + prefixes.codes
    _, firsts, number = np.unique(ids, return_index=True, return_inverse=True)
    first = firsts[number]
    is_first = first == np.arange(len(ids))
    refused: list[int] = np.flatnonzero(~is_first).tolist()
    for position in refused:
        _report_duplicate(columns, int(first[position]), position, found)
    return _kept(columns, np.flatnonzero(is_first), native_ids, refused)


def _kept(
    columns: CiColumns,
    positions: slice | NDArray[np.int64],
    native_ids: CodedColumn[str],
    refused: list[int],
) -> KeptCis:
    cis = columns.take(positions)
    if table_of(cis.native_id) is not None:
        cis.native_id = as_texts(cis.native_id)
    return KeptCis(cis=cis, native_ids=native_ids.take(positions), refused=refused)


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
