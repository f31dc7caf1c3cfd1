"""ServiceNow's tables of CIs: rows to configuration items, one per ``sys_id``."""

from __future__ import annotations

from collections.abc import MutableSequence
from datetime import datetime

from ripplegraph.graph.model import CiKind, OperatingState
from ripplegraph.loaders.quantities import (
    read_fraction,
    read_hours,
    read_operating_hours,
    read_requirement,
)
from ripplegraph.loaders.servicenow.cells import ServiceNowTable, is_sys_id
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

Cells = dict[str, list[object]]


def read_ci_table(table: ServiceNowTable, register: Register) -> None:
    """Add the CIs of a table; a CI that another table told already is merged into that."""
    _CiTable(table, register).read()


def has_sys_id_column(table: ServiceNowTable) -> bool:
    """Return whether the table gives ids, so that it is read before those without."""
    return any(table.raw_texts("sys_id"))


class _CiTable:
    """One table of CIs on its way into the records."""

    def __init__(self, table: ServiceNowTable, register: Register) -> None:
        self._table, self._register = table, register
        self._context = table.context
        self._cis = table.context.records.cis
        self._ids, self._names = table.raw_texts("sys_id"), table.texts("name", literal=True)
        self._classes = _classes_of(table)
        self._fields = _fields_of(table)
        self._environment = table.texts("environment")
        self._statuses = {
            field: (table.texts(field), table.raw_texts(field)) for field in _STATUS_FIELDS
        }
        self._states: dict[tuple[tuple[str, str], ...], OperatingState] = {}
        self._needed = [
            table.values(field, read_requirement, None, "invalid-requirement")
            for field in ("min_up", "degraded_below")
        ]
        self._parents, self._agreements = table.references("parent"), table.references("agreement")
        self._position_at: dict[int, int] = {}
        self._merged: list[int] = []
        self._differing: dict[int, list[str]] = {}
        self._without_id: list[int] = []

    def read(self) -> None:
        """Add every record of the table."""
        earlier = len(self._cis)
        for at in self._table.usable_positions():
            if not self._ids[at] and not self._names[at]:
                self._table.refuse(at, "missing-id", "a CI has neither id nor name")
                continue
            self._read_one(at, earlier)
            self._context.ledger.use(self._table.file, self._table.rows[at])
        self._add_attributes()
        self._report()

    def _read_one(self, at: int, earlier: int) -> None:
        ci_id, class_name, register = self._ids[at], self._classes[at], self._register
        if not ci_id:
            self._without_id.append(at)
            ci_id = register.find_like(self._names[at], class_name) or self._names[at]
        known = register.position_of.get(ci_id)
        is_same = known is not None and (
            bool(self._ids[at])
            or class_spelling(self._cis.class_name[known]) == class_spelling(class_name)
        )
        if known is not None and is_same and known < earlier:
            self._merge(at, known)
            position = known
        else:
            position = self._append(at, ci_id)
        self._position_at[at] = position
        self._follow(at, ci_id, position)

    def _append(self, at: int, ci_id: str) -> int:
        position, context = len(self._cis), self._context
        class_name = self._classes[at]
        decision = context.rules.ci_class(class_name)
        self._cis.append(
            source=context.options.source or SOURCE,
            class_name=class_name,
            native_id=ci_id,
            kind=decision.kind,
            is_logical=decision.is_logical,
            file=self._table.file,
            row=self._table.rows[at],
        )
        for field, cells in self._fields.items():
            if cells[at]:
                getattr(self._cis, field)[position] = cells[at]
        self._cis.state[position] = self._state_at(at)
        self._register.enter(ci_id, self._names[at], position)
        return position

    def _merge(self, at: int, position: int) -> None:
        """Fill what the CI's first record left empty; report where the two contradict."""
        self._merged.append(at)
        self._merge_class(at, position)
        cis = self._cis
        differing = self._differing[at] = []
        for field in _MERGED:
            column, told = getattr(cis, field), self._fields[field][at]
            if not told:
                continue
            kept = column[position]
            is_filler = field == "name" and kept == cis.native_id[position]
            if not kept or is_filler or _is_id_for_name(kept):
                column[position] = told
            elif kept != told and field not in _MAY_DIFFER and not _is_id_for_name(told):
                differing.append(field)
        cis.last_seen[position] = _latest(cis.last_seen[position], self._fields["last_seen"][at])
        state = self._state_at(at)
        cis.state[position] = max(cis.state[position], state, key=_STATE_ORDER.index)
        self._register.enter(cis.native_id[position], cis.name[position], position)

    def _merge_class(self, at: int, position: int) -> None:
        told, kept = self._classes[at], self._cis.class_name[position]
        if class_spelling(told) == class_spelling(kept):
            better = is_technical(told) and not is_technical(kept)
        else:
            better = _precision(told) > _precision(kept)
        if better:
            decision = self._context.rules.ci_class(told)
            self._cis.class_name[position] = told
            self._cis.kind[position] = decision.kind
            self._cis.is_logical[position] = decision.is_logical

    def _state_at(self, at: int) -> OperatingState:
        """Return the operating state by the status words of a record, as shown and as stored."""
        words = {"environment": self._environment[at]}
        for field, (shown, stored) in self._statuses.items():
            if stored[at]:
                words[field] = stored[at]
                words[f"{field} shown"] = shown[at]
        key = tuple(words.items())
        state = self._states.get(key)
        if state is None:
            state = self._states[key] = self._context.rules.operating_state(words)
        return state

    def _follow(self, at: int, ci_id: str, position: int) -> None:
        """Keep what the record says about other records, until all are known."""
        file, row = self._table.file, self._table.rows[at]
        min_up, degraded_below = (cells[at] for cells in self._needed)
        if min_up or degraded_below:
            self._register.needed_members.setdefault(
                ci_id,
                NeededMembers(min_up=min_up, degraded_below=degraded_below, file=file, row=row),
            )
        if self._parents[at] and self._cis.kind[position] is CiKind.SERVICE_OFFERING:
            link = Link(ci=ci_id, to=self._parents[at], file=file, row=row)
            self._register.offering_parents.append(link)
        if self._agreements[at]:
            link = Link(ci=ci_id, to=self._agreements[at], file=file, row=row)
            self._register.agreement_links.append(link)

    def _add_attributes(self) -> None:
        for column, cells in self._table.further_columns().items():
            known = self._cis.attributes.get(column, {})
            for at in self._merged:
                kept = known.get(self._position_at[at], "")
                if kept and _contradict(kept, cells[at]) and not column.startswith("sys_"):
                    self._differing[at].append(column)
            told = {position: cells[at] for at, position in self._position_at.items() if cells[at]}
            if told:
                self._cis.attributes[column] = {**told, **known}

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
        unknown: dict[str, list[int]] = {}
        for at in self._position_at:
            if not self._context.rules.ci_class(self._classes[at]).known:
                unknown.setdefault(self._classes[at], []).append(at)
        for class_name, positions in unknown.items():
            text = f"class {class_name!r} is not known; it counts as 'other'"
            self._table.report("unknown-class", text, positions[0], count=len(positions))


_STATE_ORDER = (OperatingState.LIVE, OperatingState.TEST, OperatingState.RETIRED)


def _classes_of(table: ServiceNowTable) -> list[str]:
    """Return the class of each record: its own, else the table's."""
    return [cell or table.name for cell in table.raw_texts("class")]


def _precision(class_name: str) -> int:
    """Return how much a class says: the base class nothing, a label less than a name."""
    if class_spelling(class_name) in {BASE_CLASS, "configuration_item", ""}:
        return 0
    return 2 if is_technical(class_name) else 1


def _fields_of(table: ServiceNowTable) -> Cells:
    """Return the columns of a table that are fields of a CI."""
    fields: Cells = {
        "name": [*table.texts("name", literal=True)],
        "supplier": [*table.texts("supplier")],
        "criticality": [*table.texts("criticality")],
        "environment": [*table.texts("environment")],
        "owner_team": [*table.texts("owner_team")],
        "lifecycle": [*_first_words(table)],
        "tags": [tuple(filter(None, map(str.strip, cell.replace(";", ",").split(","))))
                 for cell in table.texts("tags")],
        "availability": [
            *table.values("availability", read_fraction, None, "invalid-availability")
        ],
        "mtbf_hours": [*table.values("mtbf_hours", read_operating_hours, None, "invalid-value")],
        "mttr_hours": [*table.values("mttr_hours", read_hours, None, "invalid-value")],
    }  # fmt: skip
    for field in ("observed_from", "observed_to", "last_seen"):
        fields[field] = [*table.moments(field)]
    return fields


def _first_words(table: ServiceNowTable) -> list[str]:
    columns = [table.texts(field) for field in _STATUS_FIELDS]
    return [next(filter(None, words), "") for words in zip(*columns, strict=True)]


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
