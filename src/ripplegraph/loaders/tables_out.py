"""Write a graph as generic tables: a folder of CSV files, or one XLSX book.

No cell can start a formula (see ``formula_guard``); reading the tables takes the guard off.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from io import StringIO
from pathlib import Path

from ripplegraph.errors import LimitExceededError
from ripplegraph.graph.build import ci_id_of
from ripplegraph.graph.process_records import PROCESS_KINDS
from ripplegraph.graph.records import Records
from ripplegraph.graph.records_of import records_of
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.calendar_texts import exception_text
from ripplegraph.loaders.formula_guard import guarded
from ripplegraph.loaders.process_tables import process_columns, process_rows
from ripplegraph.loaders.quantities import weekly_text
from ripplegraph.loaders.whole_files import beside

Row = tuple[str, ...]

_CI_COLUMNS = (
    "id", "name", "class", "owner_team", "supplier", "lifecycle", "environment", "criticality",
    "availability", "mtbf_hours", "mttr_hours", "tags", "observed_from", "observed_to",
    "last_seen",
)  # fmt: skip
_RELATION_COLUMNS = (
    "dependent", "dependency", "type", "strength", "group", "weight", "valid_from", "valid_to",
)  # fmt: skip
_GROUP_COLUMNS = ("dependent", "group", "min_up", "degraded_below", "grounded")
_AGREEMENT_COLUMNS = (
    "id", "kind", "name", "customer", "provider", "owner", "covers", "scope",
    "target_availability", "window", "calendar", "state", "valid_from", "valid_to",
    "next_review", "penalty", "planned_rule", "degraded_weight", "max_outages",
    "longest_outage_minutes", "mtrs_hours", "min_outage_seconds", "planned_notice_hours", "fixed",
    "level", "penalty_per_minute", "cost_currency", "time_zone",
)  # fmt: skip
_CALENDAR_COLUMNS = ("id", "time_zone", "weekly", "holidays", "exceptions")
_OUTAGE_COLUMNS = (
    "ci", "start", "end", "kind", "cause", "source", "external_id", "excluded", "announced",
    "change",
)  # fmt: skip
_LONGEST_XLSX_CELL = 32_767
_LONGEST_XLSX_SHEET = 1_048_576
_NOT_IN_XLSX = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF], "\ufffd"
)


def write_tables(graph: ServiceGraph, path: Path | str) -> None:
    """Write the generic tables of a graph: to a book if the name ends in .xlsx, else a folder.

    Raises :class:`LimitExceededError` if a cell or table is too large for a book.
    """
    target = Path(path)
    is_book = target.suffix.casefold() == ".xlsx"
    tables = generic_tables(graph, source="xlsx" if is_book else "csv")
    if is_book:
        _write_book(tables, target)
        return
    target.mkdir(parents=True, exist_ok=True)
    with beside(*(target / f"{name}.csv" for name in tables)) as files:
        for file, rows in zip(files, tables.values(), strict=True):
            file.write_bytes(csv_text(rows).encode("utf-8", errors="replace"))


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as CSV in which no cell can start a formula."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def generic_tables(graph: ServiceGraph, *, source: str = "csv") -> dict[str, list[Row]]:
    """Return the tables of the generic interface, header first; those without rows are left out.

    A reference is the native id where it is unique, else the ``ci_id`` that the CI will have
    when the tables are read again as ``source``.
    """
    records = records_of(graph)
    spelling = _references(graph, source)
    tables: Mapping[str, tuple[Row, Callable[[], Iterator[Row]]]] = {
        "cis": (_CI_COLUMNS, lambda: _ci_rows(records)),
        "relations": (_RELATION_COLUMNS, lambda: _relation_rows(records, spelling)),
        "groups": (_GROUP_COLUMNS, lambda: _group_rows(records, spelling)),
        "agreements": (_AGREEMENT_COLUMNS, lambda: _agreement_rows(records, spelling)),
        "calendars": (_CALENDAR_COLUMNS, lambda: _calendar_rows(records)),
        "outages": (_OUTAGE_COLUMNS, lambda: _outage_rows(records, spelling)),
        **{
            name: (process_columns(name), partial(process_rows, name, records, spelling))
            for name in PROCESS_KINDS
        },
    }
    written = {name: [header, *rows()] for name, (header, rows) in tables.items()}
    if further := _further_columns(records):
        names = tuple(further)
        written["cis"] = [
            (*row, *(names if at == 0 else (further[name].get(at - 1, "") for name in names)))
            for at, row in enumerate(written["cis"])
        ]
    return {name: rows for name, rows in written.items() if len(rows) > 1}


def _references(graph: ServiceGraph, source: str) -> dict[str, str]:
    """Return how each reference in the records is written: native id or new ``ci_id``."""
    cis = graph.cis
    times = Counter(cis.native_id)
    spelling: dict[str, str] = {}
    for number, native_id in enumerate(cis.native_id):
        unique = times[native_id] == 1
        text = native_id if unique else ci_id_of(source, cis.class_name[number], native_id)
        spelling[graph.ci_ids[number]] = text
    return spelling


def _further_columns(records: Records) -> dict[str, Mapping[int, str]]:
    """Return the attributes by column name; one that is named like a field gets a prefix."""
    return {
        f"attribute {name}" if name in _CI_COLUMNS else name: cells
        for name, cells in sorted(records.cis.attributes.items())
    }


def _ci_rows(records: Records) -> Iterator[Row]:
    cis = records.cis
    for at in range(len(cis)):
        yield (
            cis.native_id[at],
            cis.name[at],
            cis.class_name[at],
            cis.owner_team[at],
            cis.supplier[at],
            cis.lifecycle[at],
            cis.environment[at],
            cis.criticality[at],
            _number(cis.availability[at]),
            _number(cis.mtbf_hours[at]),
            _number(cis.mttr_hours[at]),
            "; ".join(cis.tags[at]),
            _moment(cis.observed_from[at]),
            _moment(cis.observed_to[at]),
            _moment(cis.last_seen[at]),
        )


def _relation_rows(records: Records, spelling: Mapping[str, str]) -> Iterator[Row]:
    columns = records.dependencies
    for at in range(len(columns)):
        dependent, dependency = columns.dependent[at], columns.dependency[at]
        yield (
            spelling.get(dependent, dependent),
            spelling.get(dependency, dependency),
            columns.relation_type[at],
            columns.strength[at].word,
            columns.group[at],
            _number(columns.weight[at]),
            _moment(columns.valid_from[at]),
            _moment(columns.valid_to[at]),
        )


def _group_rows(records: Records, spelling: Mapping[str, str]) -> Iterator[Row]:
    for group in records.groups:
        yield (
            spelling.get(group.dependent, group.dependent),
            group.key,
            str(group.min_up or ""),
            str(group.degraded_below or ""),
            "true" if group.grounded else "",
        )


def _agreement_rows(records: Records, spelling: Mapping[str, str]) -> Iterator[Row]:
    for agreement in records.agreements:
        yield (
            agreement.agreement_id,
            agreement.kind.value,
            agreement.name,
            agreement.customer,
            agreement.provider,
            agreement.owner,
            "; ".join(spelling.get(entry, entry) for entry in agreement.covers),
            agreement.scope.value,
            _number(agreement.target_availability),
            str(agreement.window),
            agreement.calendar,
            agreement.state.value,
            _moment(agreement.valid_from),
            _moment(agreement.valid_to),
            _moment(agreement.next_review),
            agreement.penalty,
            agreement.planned_rule,
            _number(agreement.degraded_weight),
            _number(agreement.max_outages),
            _number(agreement.longest_outage_minutes),
            _number(agreement.mtrs_hours),
            _number(agreement.min_outage_seconds or None),
            _number(agreement.planned_notice_hours or None),
            "true" if agreement.fixed else "",
            agreement.level,
            _number(agreement.penalty_per_minute),
            agreement.cost_currency,
            agreement.time_zone,
        )


def _calendar_rows(records: Records) -> Iterator[Row]:
    for one in records.calendars:
        exceptions = "; ".join(map(exception_text, one.exceptions))
        holidays = "; ".join(one.holidays)
        yield (one.calendar_id, one.time_zone, weekly_text(one.weekly), holidays, exceptions)


def _outage_rows(records: Records, spelling: Mapping[str, str]) -> Iterator[Row]:
    for outage in records.outages:
        yield (
            spelling.get(outage.ci, outage.ci),
            _moment(outage.start),
            _moment(outage.end),
            outage.kind.value,
            outage.cause,
            outage.source,
            outage.external_id,
            outage.excluded,
            _moment(outage.announced),
            outage.change,
        )


def _number(number: Decimal | float | None) -> str:
    return "" if number is None else str(number)


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


def _write_book(tables: Mapping[str, Sequence[Row]], path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    for name, rows in tables.items():
        if len(rows) > _LONGEST_XLSX_SHEET:
            limit = f"{name} has {len(rows)} rows, a sheet holds {_LONGEST_XLSX_SHEET}"
            raise LimitExceededError(str(path), limit, "Export to CSV")
    # every cell is checked before the book is begun: a book given up halfway complains later
    checked = {
        name: [[_book_cell(text, path) for text in row] for row in rows]
        for name, rows in tables.items()
    }
    book = Workbook(write_only=True)
    for name, texts_of_rows in checked.items():
        sheet = book.create_sheet(name)
        for texts in texts_of_rows:
            cells = []
            for text in texts:
                cell = WriteOnlyCell(sheet, value=text)
                cell.data_type = "s"  # also "#N/A" and numbers are texts
                cells.append(cell)
            sheet.append(cells)
    with beside(path) as (file,):
        book.save(file)


def _book_cell(text: str, path: Path) -> str:
    cell = guarded(text).translate(_NOT_IN_XLSX)
    if len(cell) > _LONGEST_XLSX_CELL:
        limit = f"a cell has {len(cell)} characters, a book's cell holds {_LONGEST_XLSX_CELL}"
        raise LimitExceededError(str(path), limit, "Export to CSV")
    return cell
