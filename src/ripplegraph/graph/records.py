"""Records: what loaders hand to :func:`ripplegraph.graph.build.build_service_graph`.

CIs and relations are columns, because CMDBs hold millions of them; the rest are few.
References are text as the export writes them; building the graph resolves them.
"""

# mypy: disable-error-code="explicit-any"
# columns are read by their names here

from __future__ import annotations

from collections.abc import Mapping, MutableSequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.columns import ArrayColumn, as_list, joined
from ripplegraph.graph.columns import taken as taken_cells
from ripplegraph.graph.findings import Finding
from ripplegraph.graph.model import CiKind, OperatingState, Requirement, Strength
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.process_records import ProcessLists
from ripplegraph.graph.sparse_texts import SparseTexts


@dataclass(slots=True, kw_only=True)
class CiColumns:
    """CIs as columns of equal length; see :class:`ConfigurationItem` for each meaning.

    ``source`` and ``file`` repeat few values. ``attributes`` maps a column name to the cells
    that are not empty, by position.
    """

    source: MutableSequence[str] = field(default_factory=list)
    class_name: MutableSequence[str] = field(default_factory=list)
    native_id: MutableSequence[str] = field(default_factory=list)
    name: MutableSequence[str] = field(default_factory=list)
    kind: MutableSequence[CiKind] = field(default_factory=list)
    is_logical: MutableSequence[bool] = field(default_factory=list)
    state: MutableSequence[OperatingState] = field(default_factory=list)
    owner_team: MutableSequence[str] = field(default_factory=list)
    supplier: MutableSequence[str] = field(default_factory=list)
    lifecycle: MutableSequence[str] = field(default_factory=list)
    environment: MutableSequence[str] = field(default_factory=list)
    criticality: MutableSequence[str] = field(default_factory=list)
    availability: MutableSequence[Decimal | None] = field(default_factory=list)
    mtbf_hours: MutableSequence[float | None] = field(default_factory=list)
    mttr_hours: MutableSequence[float | None] = field(default_factory=list)
    tags: MutableSequence[tuple[str, ...]] = field(default_factory=list)
    observed_from: MutableSequence[datetime | None] = field(default_factory=list)
    observed_to: MutableSequence[datetime | None] = field(default_factory=list)
    last_seen: MutableSequence[datetime | None] = field(default_factory=list)
    is_stub: MutableSequence[bool] = field(default_factory=list)
    file: MutableSequence[str] = field(default_factory=list)
    row: MutableSequence[int] = field(default_factory=list)
    attributes: dict[str, Mapping[int, str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.native_id)

    def append(  # noqa: PLR0913 - one argument per column
        self,
        *,
        source: str,
        class_name: str,
        native_id: str,
        name: str = "",
        kind: CiKind = CiKind.OTHER,
        is_logical: bool = False,
        state: OperatingState = OperatingState.LIVE,
        owner_team: str = "",
        supplier: str = "",
        lifecycle: str = "",
        environment: str = "",
        criticality: str = "",
        availability: Decimal | None = None,
        mtbf_hours: float | None = None,
        mttr_hours: float | None = None,
        tags: tuple[str, ...] = (),
        observed_from: datetime | None = None,
        observed_to: datetime | None = None,
        last_seen: datetime | None = None,
        is_stub: bool = False,
        file: str = "",
        row: int = 0,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        """Add one CI; an empty name becomes the native id."""
        if not (isinstance(self.row, list) and isinstance(self.native_id, list)):
            _become_lists(self)  # ids alone are held in arrays after a big table of relations
        position = len(self.native_id)
        self.source.append(source)
        self.class_name.append(class_name)
        self.native_id.append(native_id)
        self.name.append(name or native_id)
        self.kind.append(kind)
        self.is_logical.append(is_logical)
        self.state.append(state)
        self.owner_team.append(owner_team)
        self.supplier.append(supplier)
        self.lifecycle.append(lifecycle)
        self.environment.append(environment)
        self.criticality.append(criticality)
        self.availability.append(availability)
        self.mtbf_hours.append(mtbf_hours)
        self.mttr_hours.append(mttr_hours)
        self.tags.append(tags)
        self.observed_from.append(observed_from)
        self.observed_to.append(observed_to)
        self.last_seen.append(last_seen)
        self.is_stub.append(is_stub)
        self.file.append(file)
        self.row.append(row)
        for column, cell in (attributes or {}).items():
            if cell:
                self._attribute(column)[position] = cell

    def _attribute(self, name: str) -> dict[int, str]:
        """Return the cells of an attribute, held so that they can grow one by one."""
        cells = self.attributes.get(name, {})
        if not isinstance(cells, dict):
            cells = dict(cells)
        self.attributes[name] = cells
        return cells

    def take(self, positions: NDArray[np.int64] | slice) -> CiColumns:
        """Return the CIs at these positions, in this order, as new columns."""
        taken = CiColumns()
        for column in fields(self):
            if column.name != "attributes":
                setattr(taken, column.name, taken_cells(getattr(self, column.name), positions))
        for name, cells in self.attributes.items():
            kept = _taken_attribute(cells, positions)
            if kept:
                taken.attributes[name] = kept
        return taken

    def extend(self, more: CiColumns) -> None:
        """Add the CIs of other columns after these."""
        start = len(self)
        for name, cells in more.attributes.items():
            if start:
                shifted = {start + position: cell for position, cell in cells.items()}
                self._attribute(name).update(shifted)
            else:
                self.attributes[name] = cells
        extend_columns(self, more)


def _taken_attribute(
    cells: Mapping[int, str], positions: NDArray[np.int64] | slice
) -> Mapping[int, str]:
    if isinstance(cells, SparseTexts):
        return cells.take(positions)
    if isinstance(positions, slice):  # all
        return dict(cells)
    return {new: cells[old] for new, old in enumerate(positions.tolist()) if old in cells}


@dataclass(slots=True, kw_only=True)
class DependencyColumns:
    """Dependencies as columns of equal length, already mapped to an impact direction.

    ``dependent`` and ``dependency`` are a native id or a full ``ci_id``. ``group`` is the key
    of a redundancy group of the dependent, "" for none. ``weight`` None means 1. One relation
    row may give two dependencies (impact both ways); they carry the same place.
    """

    dependent: MutableSequence[str] = field(default_factory=list)
    dependency: MutableSequence[str] = field(default_factory=list)
    relation_type: MutableSequence[str] = field(default_factory=list)
    strength: MutableSequence[Strength] = field(default_factory=list)
    group: MutableSequence[str] = field(default_factory=list)
    weight: MutableSequence[Decimal | None] = field(default_factory=list)
    valid_from: MutableSequence[datetime | None] = field(default_factory=list)
    valid_to: MutableSequence[datetime | None] = field(default_factory=list)
    file: MutableSequence[str] = field(default_factory=list)
    row: MutableSequence[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.dependent)

    def append(  # noqa: PLR0913 - one argument per column
        self,
        *,
        dependent: str,
        dependency: str,
        relation_type: str = "",
        strength: Strength = Strength.HARD,
        group: str = "",
        weight: Decimal | None = None,
        valid_from: datetime | None = None,
        valid_to: datetime | None = None,
        file: str = "",
        row: int = 0,
    ) -> None:
        """Add one dependency."""
        if not isinstance(self.row, list):
            _become_lists(self)
        self.dependent.append(dependent)
        self.dependency.append(dependency)
        self.relation_type.append(relation_type)
        self.strength.append(strength)
        self.group.append(group)
        self.weight.append(weight)
        self.valid_from.append(valid_from)
        self.valid_to.append(valid_to)
        self.file.append(file)
        self.row.append(row)

    def few(self, positions: NDArray[np.integer]) -> DependencyColumns:
        """Return the dependencies at a few positions, in this order, as columns of lists."""
        numbers = positions.astype(np.int64)
        return DependencyColumns(
            **{
                column.name: as_list(taken_cells(getattr(self, column.name), numbers))
                for column in fields(self)
            }
        )

    def extend(self, more: DependencyColumns) -> None:
        """Add the dependencies of other columns after these."""
        extend_columns(self, more)


def extend_columns(
    columns: CiColumns | DependencyColumns, more: CiColumns | DependencyColumns
) -> None:
    """Add the cells of each column of one table to the columns of another; lists grow in place."""
    for column in fields(columns):
        before, cells = getattr(columns, column.name), getattr(more, column.name)
        if isinstance(before, ArrayColumn) or isinstance(cells, ArrayColumn):
            setattr(columns, column.name, joined(before, cells))
        elif isinstance(before, list):
            before.extend(cells)


def _become_lists(columns: CiColumns | DependencyColumns) -> None:
    """Hold columns so that they can grow row by row, as after a big table of another format."""
    for column in fields(columns):
        cells = getattr(columns, column.name)
        if isinstance(cells, ArrayColumn):
            setattr(columns, column.name, list(cells))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRecord:
    """The requirement of one redundancy group; members name it by ``(dependent, key)``.

    ``all`` is a requirement of 100 percent, ``any`` of ``count:1``. ``is_assumed`` marks a
    requirement that a mapping rule set because the data names none.
    """

    dependent: str
    key: str
    min_up: Requirement | None = None
    degraded_below: Requirement | None = None
    grounded: bool = False
    is_assumed: bool = False
    file: str = ""
    row: int = 0


@dataclass(slots=True, kw_only=True)
class Records(ProcessLists):
    """Everything that one export holds, mapped, before the graph is built."""

    cis: CiColumns = field(default_factory=CiColumns)
    dependencies: DependencyColumns = field(default_factory=DependencyColumns)
    groups: MutableSequence[GroupRecord] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    calendars: list[Calendar] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
