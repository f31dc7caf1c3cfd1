"""ServiceNow's tables of relations, read column by column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import ArrayColumn, CodedColumn, TextColumn, coded, taken
from ripplegraph.graph.compilation import COMPILED_FROM_SIZE
from ripplegraph.graph.numbered_texts import MANY_TEXTS, alike, as_texts
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.generic_columns import is_filled
from ripplegraph.loaders.quantities import read_strength, read_weight
from ripplegraph.loaders.servicenow.cells import (
    Reference,
    ServiceNowTable,
    refuse_without_ids,
)
from ripplegraph.loaders.servicenow.mapped_relations import MappedRelations, RelationColumns
from ripplegraph.loaders.servicenow.register import Link, Register

Positions = NDArray[np.int64]
Flags = NDArray[np.bool_]

ASSOCIATION_TYPE = "svc_ci_assoc"
OFFERING_PARENT_TYPE = "service_offering.parent"


class Relations:
    """Reads the relations of an export."""

    def __init__(self, register: Register, context: LoadContext) -> None:
        self._register, self._context = register, context
        self._types: dict[str, str] = dict(context.rules.relation_type_ids)
        self._told_types: dict[str, str] = {}
        self._pair_of: dict[str, tuple[str, str]] = {}
        self._mapped = MappedRelations(register, context)

    def read_types(self, table: ServiceNowTable) -> None:
        """Read ``cmdb_rel_type``: what the ids of relation types mean."""
        ids, names = table.raw_texts("sys_id"), table.texts("name", literal=True)
        descriptors = [
            table.texts(field, literal=True) for field in ("parent_descriptor", "child_descriptor")
        ]
        if not any(ids):
            refuse_without_ids(table)
            return
        for at in table.usable_positions():
            name = names[at] or "::".join(cells[at] for cells in descriptors)
            if not name.strip(":"):
                table.refuse(at, "missing-id", "a relation type has no name; it was not used")
            elif not ids[at]:
                text = f"relation type {name!r} has no sys_id; it was not used"
                table.refuse(at, "missing-id", text)
            else:
                self._take_type(table, at, ids[at].casefold(), name)

    def _take_type(self, table: ServiceNowTable, at: int, sys_id: str, name: str) -> None:
        """Keep what the id of a relation type means; the first record of an id counts."""
        kept = self._told_types.setdefault(sys_id, name)
        if " ".join(kept.casefold().split()) == " ".join(name.casefold().split()):
            self._types[sys_id] = kept
            self._context.ledger.use(table.file, table.rows[at])
        else:
            text = f"relation type {sys_id} is {kept!r} and {name!r}: the second was not used"
            table.refuse(at, "conflicting-records", text)

    def read_relations(self, tables: Sequence[ServiceNowTable]) -> None:
        """Read the tables of ``cmdb_rel_ci``."""
        suspects = _told_again([table.raw_column("sys_id") for table in tables])
        for table, positions in zip(tables, suspects, strict=True):
            self._read_table(table, positions)

    def _read_table(self, table: ServiceNowTable, suspects: Positions) -> None:
        ends = Ends(table, self._register, ("parent", "child"))
        is_repeated = self._are_repeated(table, suspects, ends)
        repeated, new = np.flatnonzero(is_repeated), np.flatnonzero(~is_repeated)
        at = ends.positions[new]
        strengths = table.values("strength", read_strength, None, "invalid-strength")
        weights = table.values("weight", read_weight, None, "invalid-weight")
        self._mapped.add(
            RelationColumns(
                parent=ends.first.take(new),
                child=ends.second.take(new),
                relation_type=table.reference_column("type").map(self._type_name).take(at),
                strength=taken(strengths, at),
                weight=taken(weights, at),
                file=CodedColumn.constant(table.file, len(at)),
                row=table.rows_of(at),
            )
        )
        table.use_at(ends.positions)
        if len(repeated):
            text = "relations that another record tells too were merged with those"
            first = int(ends.positions[repeated[0]])
            table.report("merged-record", text, first, count=len(repeated))

    def read_associations(self, tables: Sequence[ServiceNowTable]) -> None:
        """Read the tables of ``svc_ci_assoc``: a service needs the CI."""
        for table in tables:
            ends = Ends(table, self._register, ("service", "ci"))
            count = len(ends.positions)
            self._mapped.add(
                RelationColumns(
                    parent=ends.first,
                    child=ends.second,
                    relation_type=CodedColumn.constant(ASSOCIATION_TYPE, count),
                    strength=CodedColumn.constant(None, count),
                    weight=CodedColumn.constant(None, count),
                    file=CodedColumn.constant(table.file, count),
                    row=table.rows_of(ends.positions),
                )
            )
            table.use_at(ends.positions)

    def finish(self) -> None:
        """Relate each offering to the service that it is one of; put all into the records."""
        parents: list[str] = []
        links: list[Link] = []
        for link in self._register.offering_parents:
            parent, _ = self._register.resolve(link.to)
            if parent:
                parents.append(parent)
                links.append(link)
            else:
                text = (
                    f"the parent {link.to.name or link.to.key!r} of an offering fits several CIs"
                )
                self._context.found.add("ambiguous-id", text, file=link.file, row=link.row)
        self._mapped.add(
            RelationColumns(
                parent=coded(parents),
                child=coded([link.ci for link in links]),
                relation_type=CodedColumn.constant(OFFERING_PARENT_TYPE, len(links)),
                strength=CodedColumn.constant(None, len(links)),
                weight=CodedColumn.constant(None, len(links)),
                file=[link.file for link in links],
                row=[link.row for link in links],
            )
        )
        self._mapped.finish()

    def _type_name(self, cell: Reference) -> str:
        """Return the name of a relation type: by its id, else as the cell shows it."""
        return self._types.get(cell.key.casefold()) or cell.name or cell.key

    def _are_repeated(self, table: ServiceNowTable, suspects: Positions, ends: Ends) -> Flags:
        """Return which relations join the same two CIs as another record with the same id."""
        flags = np.zeros(len(ends.positions), dtype=np.bool_)
        if len(suspects):
            sys_ids = table.raw_column("sys_id")
            for number in np.flatnonzero(np.isin(ends.positions, suspects)).tolist():
                sys_id = sys_ids[int(ends.positions[number])]
                pair = (ends.first[number], ends.second[number])
                flags[number] = self._is_repeated(sys_id, pair)
        return flags

    def _is_repeated(self, sys_id: str, pair: tuple[str, str]) -> bool:
        """Return whether the relation with this id joins the same two CIs elsewhere too."""
        if sys_id in self._pair_of:
            return self._pair_of[sys_id] == pair
        self._pair_of[sys_id] = pair
        return False


class Ends:
    """The two CIs of each row of a relation table that names both; the others are refused.

    ``positions`` are those of the rows, ``first`` and ``second`` the ids of their CIs.
    """

    def __init__(
        self, table: ServiceNowTable, register: Register, fields: tuple[str, str]
    ) -> None:
        self._table, self._fields = table, fields
        self._cells = [table.reference_column(field) for field in fields]
        resolved = [cells.map(register.resolve) for cells in self._cells]
        is_named = [cells.flags(bool) for cells in self._cells]
        has_id = [ids.flags(lambda answer: bool(answer[0])) for ids in resolved]
        usable = np.asarray(table.usable_positions(), dtype=np.int64)
        is_good = (is_named[0] & is_named[1] & has_id[0] & has_id[1])[usable]
        for position in usable[~is_good].tolist():
            self._refuse(position, [bool(flags[position]) for flags in has_id])
        self.positions = usable[is_good]
        self.first, self.second = (
            ids.map(lambda answer: answer[0]).take(self.positions) for ids in resolved
        )
        by_name = [ids.flags(lambda answer: answer[1])[self.positions] for ids in resolved]
        self._report_names(self.positions[by_name[0] | by_name[1]])

    def _refuse(self, position: int, has_id: Sequence[bool]) -> None:
        cells = [column[position] for column in self._cells]
        missing = [field for field, cell in zip(self._fields, cells, strict=True) if not cell]
        if missing:
            text = f"a relation has no {' and no '.join(missing)}"
            self._table.refuse(position, "missing-reference", text)
            return
        cell = cells[has_id.index(False)]
        text = f"{cell.name or cell.key!r} fits several CIs"
        self._table.refuse(position, "ambiguous-id", text)

    def _report_names(self, positions: Positions) -> None:
        """Report once that names had to do."""
        if len(positions):
            text = "references give names, no ids: each was resolved to the only CI of that name"
            first = int(positions[0])
            self._table.report("reference-by-name", text, first, count=len(positions))


def _told_again(columns: Sequence[Sequence[str]]) -> list[Positions]:
    """Return for each column of ids the cells whose id may stand in another cell of them too."""
    columns = [column if is_filled(column).any() else () for column in columns]
    if not _are_many(columns):
        counts = Counter(chain.from_iterable(columns))
        return [
            _positions(bool(cell) and counts[cell] > 1 for cell in column) for column in columns
        ]
    texts = [as_texts(column) for column in columns]
    is_again = np.zeros(sum(map(len, texts)), dtype=np.bool_)
    is_again[alike(reduce(TextColumn.extended, texts), is_compiled=True)] = True
    parts = np.split(is_again, np.cumsum([len(text) for text in texts])[:-1])
    return [
        np.flatnonzero(part & is_filled(text)) for part, text in zip(parts, texts, strict=True)
    ]


def _are_many(columns: Sequence[Sequence[str]]) -> bool:
    """Return whether compiled code looks through so many cells: none does for small exports."""
    is_of_big_files = any(isinstance(column, ArrayColumn) for column in columns)
    return sum(map(len, columns)) >= (MANY_TEXTS if is_of_big_files else COMPILED_FROM_SIZE)


def _positions(flags: Iterable[bool]) -> Positions:
    return np.flatnonzero(np.fromiter(flags, np.bool_))
