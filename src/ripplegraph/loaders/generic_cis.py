"""The generic ``cis`` table: rows to configuration items."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ripplegraph.graph.model import CiKind, OperatingState
from ripplegraph.loaders.generic_table import GenericTable, at
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
    keep = [position for position, native_id in enumerate(ids) if native_id]
    if len(keep) < len(ids):
        for position, native_id in enumerate(ids):
            if not native_id:
                table.refuse(position, "missing-id", "a CI has no id; it was not used")
    start = len(table.context.records.cis)
    _add_identity(table, at(ids, keep), keep)
    _add_description(table, keep)
    _add_reliability(table, keep)
    for name, cells in table.further_columns().items():
        kept = {start + number: cell for number, cell in enumerate(at(cells, keep)) if cell}
        if kept:
            table.context.records.cis.attributes.setdefault(name, {}).update(kept)
    table.use_at(keep)


def _add_identity(table: GenericTable, ids: Sequence[str], keep: Sequence[int]) -> None:
    cis = table.context.records.cis
    classes = [name or UNSAID_CLASS for name in at(table.texts("class"), keep)]
    kinds = _kinds(table, classes, keep)
    names = at(table.texts("name", literal=True), keep)
    cis.source.extend([source_of(table)] * len(keep))
    cis.class_name.extend(classes)
    cis.native_id.extend(ids)
    cis.name.extend([name or ids[number] for number, name in enumerate(names)])
    cis.kind.extend([kinds[name][0] for name in classes])
    cis.is_logical.extend([kinds[name][1] for name in classes])
    cis.is_stub.extend([False] * len(keep))
    cis.file.extend([table.file] * len(keep))
    cis.row.extend(at(list(table.rows), keep))


def _add_description(table: GenericTable, keep: Sequence[int]) -> None:
    cis = table.context.records.cis
    lifecycle = at(table.texts("lifecycle"), keep)
    environment = at(table.texts("environment"), keep)
    tags = table.values("tags", split_list, NO_ENTRIES, "invalid-value")
    cis.state.extend(_states(table, lifecycle, environment))
    cis.owner_team.extend(at(table.texts("owner_team"), keep))
    cis.supplier.extend(at(table.texts("supplier"), keep))
    cis.lifecycle.extend(lifecycle)
    cis.environment.extend(environment)
    cis.criticality.extend(at(table.texts("criticality"), keep))
    cis.tags.extend(at(tags, keep))


def source_of(table: GenericTable) -> str:
    """Return the source of the CIs of a table: as told, else the format of its file."""
    if table.context.options.source:
        return table.context.options.source
    return _SOURCES.get(PurePosixPath(table.file.partition("#")[0]).suffix.casefold(), "csv")


def _add_reliability(table: GenericTable, keep: Sequence[int]) -> None:
    cis = table.context.records.cis
    availability = table.values("availability", read_fraction, None, "invalid-availability")
    mtbf_hours = table.values("mtbf_hours", read_operating_hours, None, "invalid-value")
    mttr_hours = table.values("mttr_hours", read_hours, None, "invalid-value")
    cis.availability.extend(at(availability, keep))
    cis.mtbf_hours.extend(at(mtbf_hours, keep))
    cis.mttr_hours.extend(at(mttr_hours, keep))
    cis.observed_from.extend(at(table.moments("observed_from"), keep))
    cis.observed_to.extend(at(table.moments("observed_to"), keep))
    cis.last_seen.extend(at(table.moments("last_seen"), keep))


def _kinds(
    table: GenericTable, classes: Sequence[str], keep: Sequence[int]
) -> dict[str, tuple[CiKind, bool]]:
    """Return kind and "is logical" of each class; unknown classes are reported, once each."""
    kinds: dict[str, tuple[CiKind, bool]] = {}
    for name in dict.fromkeys(classes):
        decision = table.context.rules.ci_class(name)
        kinds[name] = (decision.kind, decision.is_logical)
        if not decision.known and name != UNSAID_CLASS:
            text = f"class {name!r} is not known; it counts as {decision.kind.value!r}"
            first = keep[classes.index(name)]
            table.report("unknown-class", text, first, count=classes.count(name))
    return kinds


def _states(
    table: GenericTable, lifecycle: Sequence[str], environment: Sequence[str]
) -> list[OperatingState]:
    """Return whether each CI is live, retired or a test CI, by the words of the mapping."""
    rules = table.context.rules
    pairs = list(zip(lifecycle, environment, strict=True))
    states = {pair: operating_state(rules, *pair) for pair in set(pairs)}
    return [states[pair] for pair in pairs]


def operating_state(rules: MappingRules, lifecycle: str, environment: str) -> OperatingState:
    """Return whether a CI is live, retired or a test CI, by the words of the mapping."""
    return rules.operating_state({"lifecycle": lifecycle, "environment": environment})
