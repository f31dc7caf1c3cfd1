"""ServiceNow's tables of CIs: rows to configuration items, one per ``sys_id``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableSequence, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from ripplegraph.graph.column_pairs import combined
from ripplegraph.graph.columns import CodedColumn, coded, taken
from ripplegraph.graph.model import CiKind, OperatingState, Requirement
from ripplegraph.loaders.generic_columns import different, is_filled, mapped, positions_of
from ripplegraph.loaders.quantities import (
    read_fraction,
    read_hours,
    read_operating_hours,
    read_requirement,
)
from ripplegraph.loaders.servicenow.attributes import with_attribute
from ripplegraph.loaders.servicenow.cells import (
    Reference,
    ServiceNowTable,
    first_filled,
    is_sys_id,
)
from ripplegraph.loaders.servicenow.register import (
    Link,
    NeededMembers,
    Register,
    class_spelling,
)
from ripplegraph.loaders.servicenow.tables import is_technical

SOURCE = "servicenow"
BASE_CLASS = "cmdb_ci"

_STATUS_FIELDS = (
    "life_cycle_stage_status",
    "life_cycle_stage",
    "operational_status",
    "install_status",
    "hardware_status",
    "service_status",
)
_MERGED = (
    "name", "owner_team", "supplier", "lifecycle", "environment", "criticality", "availability",
    "mtbf_hours", "mttr_hours", "tags", "observed_from", "observed_to", "last_seen",
)  # fmt: skip

_MAY_DIFFER = frozenset({"lifecycle", "tags", "last_seen"})
"""Fields that tables tell from different columns or at different times."""

_NOT_USED = -1
_BLOCK = 1 << 16
"""Rows that are held as lists at a time: those of a big table are held in arrays."""


def read_ci_table(table: ServiceNowTable, register: Register) -> None:
    """Add the CIs of a table; a CI that another table told already is merged into that."""
    _CiTable(table, register).read()


def has_sys_id_column(table: ServiceNowTable) -> bool:
    """Return whether the table gives ids, so that it is read before those without."""
    return bool(is_filled(table.raw_column("sys_id")).any())


class _Row(NamedTuple):
    """What a row tells of a CI; ``fields`` are those of the records, in the table's order."""

    at: int
    sys_id: str
    name: str
    class_name: str
    state: OperatingState
    min_up: Requirement | None
    degraded_below: Requirement | None
    parent: Reference
    agreement: Reference
    fields: tuple[object, ...]


class _CiTable:
    """One table of CIs on its way into the records."""

    def __init__(self, table: ServiceNowTable, register: Register) -> None:
        self._table, self._register = table, register
        self._context = table.context
        self._cis = table.context.records.cis
        self._ids, self._names = table.raw_column("sys_id"), table.column("name", literal=True)
        self._classes = mapped(table.raw_column("class"), lambda cell: cell or table.name)
        self._fields = _fields_of(table)
        self._states = _states_of(table)
        self._min_up, self._degraded_below = (
            table.values(field, read_requirement, None, "invalid-requirement")
            for field in ("min_up", "degraded_below")
        )
        self._parents = table.reference_column("parent")
        self._agreements = table.reference_column("agreement")
        self._position_at = np.full(len(table), _NOT_USED, dtype=np.int64)
        self._merged: list[int] = []
        self._differing: dict[int, list[str]] = {}
        self._without_id: list[int] = []

    def read(self) -> None:
        """Add every record of the table."""
        earlier = len(self._cis)
        for row in self._rows():
            if row.sys_id or row.name:
                self._read_one(row, earlier)
            else:
                self._table.refuse(row.at, "missing-id", "a CI has neither id nor name")
        self._table.use_at(np.flatnonzero(self._position_at != _NOT_USED))
        self._add_attributes()
        self._report()

    def _rows(self) -> Iterator[_Row]:
        """Yield the usable rows, one block of them as lists at a time."""
        usable = self._table.usable_positions()
        for start in range(0, len(usable), _BLOCK):
            positions = np.asarray(usable[start : start + _BLOCK], dtype=np.int64)
            fields = [taken(cells, positions) for cells in self._fields.values()]
            yield from map(
                _Row,
                positions.tolist(),
                taken(self._ids, positions),
                taken(self._names, positions),
                taken(self._classes, positions),
                taken(self._states, positions),
                taken(self._min_up, positions),
                taken(self._degraded_below, positions),
                taken(self._parents, positions),
                taken(self._agreements, positions),
                zip(*fields, strict=True),
            )

    def _read_one(self, row: _Row, earlier: int) -> None:
        ci_id, register = row.sys_id, self._register
        if not ci_id:
            self._without_id.append(row.at)
            ci_id = register.find_like(row.name, row.class_name) or row.name
        known = register.position_of.get(ci_id)
        is_same = known is not None and (
            bool(row.sys_id)
            or class_spelling(self._cis.class_name[known]) == class_spelling(row.class_name)
        )
        if known is not None and is_same and known < earlier:
            self._merge(row, known)
            position = known
        else:
            position = self._append(row, ci_id)
        self._position_at[row.at] = position
        self._follow(row, ci_id, position)

    def _append(self, row: _Row, ci_id: str) -> int:
        position, context = len(self._cis), self._context
        decision = context.rules.ci_class(row.class_name)
        self._cis.append(
            source=context.options.source or SOURCE,
            class_name=row.class_name,
            native_id=ci_id,
            kind=decision.kind,
            is_logical=decision.is_logical,
            file=self._table.file,
            row=self._table.rows[row.at],
        )
        for field, told in zip(self._fields, row.fields, strict=True):
            if told:
                getattr(self._cis, field)[position] = told
        self._cis.state[position] = row.state
        self._register.enter(ci_id, row.name, position)
        return position

    def _merge(self, row: _Row, position: int) -> None:
        """Fill what the CI's first record left empty; report where the two contradict."""
        self._merged.append(row.at)
        self._merge_class(row.class_name, position)
        cis, fields = self._cis, dict(zip(self._fields, row.fields, strict=True))
        differing = self._differing[row.at] = []
        for field in _MERGED:
            column, told = getattr(cis, field), fields[field]
            if not told:
                continue
            kept = column[position]
            is_filler = field == "name" and kept == cis.native_id[position]
            if not kept or is_filler or _is_id_for_name(kept):
                column[position] = told
            elif kept != told and field not in _MAY_DIFFER and not _is_id_for_name(told):
                differing.append(field)
        cis.last_seen[position] = _latest(cis.last_seen[position], fields["last_seen"])
        cis.state[position] = max(cis.state[position], row.state, key=_STATE_ORDER.index)
        self._register.enter(cis.native_id[position], cis.name[position], position)

    def _merge_class(self, told: str, position: int) -> None:
        kept = self._cis.class_name[position]
        if class_spelling(told) == class_spelling(kept):
            better = is_technical(told) and not is_technical(kept)
        else:
            better = _precision(told) > _precision(kept)
        if better:
            decision = self._context.rules.ci_class(told)
            self._cis.class_name[position] = told
            self._cis.kind[position] = decision.kind
            self._cis.is_logical[position] = decision.is_logical

    def _follow(self, row: _Row, ci_id: str, position: int) -> None:
        """Keep what the record says about other records, until all are known."""
        file, number = self._table.file, self._table.rows[row.at]
        if row.min_up or row.degraded_below:
            needed = NeededMembers(
                min_up=row.min_up, degraded_below=row.degraded_below, file=file, row=number
            )
            self._register.needed_members.setdefault(ci_id, needed)
        if row.parent and self._cis.kind[position] is CiKind.SERVICE_OFFERING:
            link = Link(ci=ci_id, to=row.parent, file=file, row=number)
            self._register.offering_parents.append(link)
        if row.agreement:
            link = Link(ci=ci_id, to=row.agreement, file=file, row=number)
            self._register.agreement_links.append(link)

    def _add_attributes(self) -> None:
        positions, attributes = self._position_at, self._cis.attributes
        for column, cells in self._table.further_columns().items():
            known = attributes.get(column, {})
            self._compare(column, cells, known)
            told = with_attribute(known, cells, positions, len(self._cis))
            if told:
                attributes[column] = told

    def _compare(self, column: str, cells: Sequence[str], known: Mapping[int, str]) -> None:
        """Note which records contradict what an attribute of their CI was before."""
        if column.startswith("sys_"):
            return
        for at in self._merged:
            kept = known.get(int(self._position_at[at]), "")
            if kept and _contradict(kept, cells[at]):
                self._differing[at].append(column)

    def _report_differing(self) -> None:
        cis = self._cis
        for at, fields in self._differing.items():
            if fields:
                position = self._position_at[at]
                place = f"{cis.file[position]}:{cis.row[position]}"
                text = f"CI {cis.name[position]!r} differs from {place} in {', '.join(fields)}"
                self._table.report("conflicting-records", text, at)

    def _report(self) -> None:
        self._report_differing()
        if self._without_id:
            text = "records without sys_id: their names serve as ids"
            count = len(self._without_id)
            self._table.report("id-from-name", text, self._without_id[0], count=count)
        if self._merged:
            text = "records of CIs that another table holds too were merged with those"
            self._table.report("merged-record", text, self._merged[0], count=len(self._merged))
        self._report_unknown_classes()

    def _report_unknown_classes(self) -> None:
        is_used, rules = self._position_at != _NOT_USED, self._context.rules
        for class_name in different(self._classes):
            if not rules.ci_class(class_name).known:
                at = np.array(positions_of(self._classes, {class_name}), dtype=np.int64)
                used = at[is_used[at]]
                if len(used):
                    text = f"class {class_name!r} is not known; it counts as 'other'"
                    self._table.report("unknown-class", text, int(used[0]), count=len(used))


_STATE_ORDER = (OperatingState.LIVE, OperatingState.TEST, OperatingState.RETIRED)


def _precision(class_name: str) -> int:
    """Return how much a class says: the base class nothing, a label less than a name."""
    if class_spelling(class_name) in {BASE_CLASS, "configuration_item", ""}:
        return 0
    return 2 if is_technical(class_name) else 1


def _fields_of(table: ServiceNowTable) -> dict[str, Sequence[object]]:
    """Return the columns of a table that are fields of a CI."""
    fields: dict[str, Sequence[object]] = {
        "name": table.column("name", literal=True),
        "supplier": table.column("supplier"),
        "criticality": table.column("criticality"),
        "environment": table.column("environment"),
        "owner_team": table.column("owner_team"),
        "lifecycle": first_filled([table.column(name) for name in _STATUS_FIELDS], len(table)),
        "tags": mapped(table.column("tags"), _tags),
        "availability": table.values("availability", read_fraction, None, "invalid-availability"),
        "mtbf_hours": table.values("mtbf_hours", read_operating_hours, None, "invalid-value"),
        "mttr_hours": table.values("mttr_hours", read_hours, None, "invalid-value"),
    }
    for field in ("observed_from", "observed_to", "last_seen"):
        fields[field] = table.moments(field)
    return fields


def _tags(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, cell.replace(";", ",").split(","))))


def _states_of(table: ServiceNowTable) -> CodedColumn[OperatingState]:
    """Return the operating state by the status words of each record, as shown and as stored."""
    said: CodedColumn[tuple[str, ...]] = CodedColumn.constant((), len(table))
    columns = [table.column("environment")]
    for field in _STATUS_FIELDS:
        columns += [table.column(field), table.raw_column(field)]
    for column in columns:
        pairs, codes = combined(said, coded(column))
        said = CodedColumn([(*before, cell) for before, cell in pairs], codes)
    return said.map(lambda cells: table.context.rules.operating_state(_status_words(cells)))


def _status_words(cells: tuple[str, ...]) -> dict[str, str]:
    words = {"environment": cells[0]}
    for number, field in enumerate(_STATUS_FIELDS):
        shown, stored = cells[2 * number + 1 : 2 * number + 3]
        if stored:
            words[field] = stored
            words[f"{field} shown"] = shown
    return words


def _latest(kept: datetime | None, told: object) -> datetime | None:
    if not isinstance(told, datetime):
        return kept
    return told if kept is None else max(kept, told)


def _is_id_for_name(text: object) -> bool:
    return isinstance(text, str) and is_sys_id(text)


def _contradict(kept: str, told: str) -> bool:
    """Return whether two cells of one field say different things: ids and names may be one."""
    if not told or _is_id_for_name(kept) or _is_id_for_name(told):
        return False
    return kept.casefold() != told.casefold()


def owners_by_name(register: Register) -> None:
    """Write the names of teams and suppliers where records have only their ids."""
    for column in (register.cis.owner_team, register.cis.supplier):
        _name_records(column, register)


def _name_records(column: MutableSequence[str], register: Register) -> None:
    names = register.names_of_records
    for at, text in enumerate(column):
        if text in names:
            column[at] = names[text]
