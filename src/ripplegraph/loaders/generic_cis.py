"""The generic ``cis`` table: rows to configuration items."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.column_pairs import combined
from ripplegraph.graph.columns import CodedColumn
from ripplegraph.graph.model import CiKind, OperatingState
from ripplegraph.graph.records import CiColumns
from ripplegraph.loaders.generic_columns import (
    at,
    attribute_of,
    different,
    filled_up,
    is_filled,
    mapped,
    positions_of,
    put,
)
from ripplegraph.loaders.generic_table import GenericTable
from ripplegraph.loaders.quantities import (
    NO_ENTRIES,
    read_fraction,
    read_hours,
    read_operating_hours,
    split_list,
)

if TYPE_CHECKING:
    from ripplegraph.loaders.mapping.rules import MappingRules

UNSAID_CLASS = "ci"
_SOURCES = {".xlsx": "xlsx", ".json": "json", ".ndjson": "json", ".jsonl": "json",
            ".yaml": "yaml", ".yml": "yaml", ".xml": "xml", ".parquet": "parquet"}  # fmt: skip


def read_cis(table: GenericTable) -> None:
    """Add the CIs of a ``cis`` table to the records."""
    if not table.has_columns("id"):
        return
    ids = table.texts("id", literal=True)
    has_id = is_filled(ids)
    keep = np.flatnonzero(has_id)
    for position in np.flatnonzero(~has_id).tolist():
        table.refuse(position, "missing-id", "a CI has no id; it was not used")
    cis = CiColumns()
    _add_identity(table, cis, at(ids, keep), keep)
    _add_description(table, cis, keep)
    _add_reliability(table, cis, keep)
    attributes = {
        name: attribute_of(at(cells, keep)) for name, cells in table.further_columns().items()
    }
    cis.attributes = {name: cells for name, cells in attributes.items() if cells}
    table.context.records.cis.extend(cis)
    table.use_at(keep)


def _add_identity(
    table: GenericTable, cis: CiColumns, ids: Sequence[str], keep: NDArray[np.int64]
) -> None:
    classes = mapped(at(table.texts("class"), keep), lambda name: name or UNSAID_CLASS)
    kinds = _kinds(table, classes, keep)
    put(
        cis,
        source=table.constant(source_of(table), len(keep)),
        class_name=classes,
        native_id=ids,
        name=filled_up(at(table.texts("name", literal=True), keep), ids),
        kind=mapped(classes, lambda name: kinds[name][0]),
        is_logical=mapped(classes, lambda name: kinds[name][1]),
        is_stub=table.constant(False, len(keep)),
        file=table.constant(table.file, len(keep)),
        row=table.rows_of(keep),
    )


def _add_description(table: GenericTable, cis: CiColumns, keep: NDArray[np.int64]) -> None:
    lifecycle = at(table.texts("lifecycle"), keep)
    environment = at(table.texts("environment"), keep)
    tags = table.values("tags", split_list, NO_ENTRIES, "invalid-value")
    put(
        cis,
        state=_states(table, lifecycle, environment),
        owner_team=at(table.texts("owner_team"), keep),
        supplier=at(table.texts("supplier"), keep),
        lifecycle=lifecycle,
        environment=environment,
        criticality=at(table.texts("criticality"), keep),
        tags=at(tags, keep),
    )


def source_of(table: GenericTable) -> str:
    """Return the source of the CIs of a table: as told, else the format of its file."""
    if table.context.options.source:
        return table.context.options.source
    return _SOURCES.get(PurePosixPath(table.file.partition("#")[0]).suffix.casefold(), "csv")


def _add_reliability(table: GenericTable, cis: CiColumns, keep: NDArray[np.int64]) -> None:
    availability = table.values("availability", read_fraction, None, "invalid-availability")
    mtbf_hours = table.values("mtbf_hours", read_operating_hours, None, "invalid-value")
    mttr_hours = table.values("mttr_hours", read_hours, None, "invalid-value")
    put(
        cis,
        availability=at(availability, keep),
        mtbf_hours=at(mtbf_hours, keep),
        mttr_hours=at(mttr_hours, keep),
        observed_from=at(table.moments("observed_from"), keep),
        observed_to=at(table.moments("observed_to"), keep),
        last_seen=at(table.moments("last_seen"), keep),
    )


def _kinds(
    table: GenericTable, classes: Sequence[str], keep: NDArray[np.int64]
) -> dict[str, tuple[CiKind, bool]]:
    """Return kind and "is logical" of each class; unknown classes are reported, once each."""
    kinds: dict[str, tuple[CiKind, bool]] = {}
    for name in different(classes):
        decision = table.context.rules.ci_class(name)
        kinds[name] = (decision.kind, decision.is_logical)
        positions = [] if decision.known or name == UNSAID_CLASS else positions_of(classes, {name})
        if positions:
            text = f"class {name!r} is not known; it counts as {decision.kind.value!r}"
            table.report("unknown-class", text, int(keep[positions[0]]), count=len(positions))
    return kinds


def _states(
    table: GenericTable, lifecycle: Sequence[str], environment: Sequence[str]
) -> Sequence[OperatingState]:
    """Return whether each CI is live, retired or a test CI, by the words of the mapping."""
    rules = table.context.rules
    if isinstance(lifecycle, CodedColumn) and isinstance(environment, CodedColumn):
        used, codes = combined(lifecycle, environment)
        return CodedColumn([operating_state(rules, *pair) for pair in used], codes)
    pairs = list(zip(lifecycle, environment, strict=True))
    states = {pair: operating_state(rules, *pair) for pair in set(pairs)}
    return [states[pair] for pair in pairs]


def operating_state(rules: MappingRules, lifecycle: str, environment: str) -> OperatingState:
    """Return whether a CI is live, retired or a test CI, by the words of the mapping."""
    return rules.operating_state({"lifecycle": lifecycle, "environment": environment})
