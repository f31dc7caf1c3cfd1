"""From rows of text to a table of columns: headers, ragged rows and over-long cells repaired."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice

from ripplegraph.errors import LimitExceededError
from ripplegraph.loaders.reading.raw import RawTable
from ripplegraph.loaders.reading.session import SPLIT_OR_RAISE, ReadingSession

_CHUNK_ROWS = 4096
_CELL_OVERHEAD = 57  # bytes of a str object and of the pointer to it
_POINTER = 8


class TableHeader:
    """The names of the columns that are kept, and where those stand in a row."""

    def __init__(self, row: Sequence[str], file: str, limit: int) -> None:
        if len(row) > limit:
            text = f"its header has {len(row):,} columns, at most {limit:,} are read (columns)"
            raise LimitExceededError(file, text, SPLIT_OR_RAISE)
        self.kept: list[int] = []
        self.names: list[str] = []
        self._repeated: list[int] = []
        self._row = row
        seen: set[str] = set()
        for index, cell in enumerate(row):
            name = cell.strip()
            if name in seen:
                self._repeated.append(index)
                continue
            seen.add(name)
            self.kept.append(index)
            self.names.append(name)

    def leave_out(self, names: Collection[str]) -> None:
        """Keep no columns of these names."""
        pairs = zip(self.names, self.kept, strict=True)
        kept = [(name, index) for name, index in pairs if name not in names]
        self.names, self.kept = [name for name, _ in kept], [index for _, index in kept]

    def report(self, session: ReadingSession, file: str) -> None:
        """Report the columns whose names stand already; without a name nothing is lost."""
        for index in self._repeated:
            name = self._row[index].strip()
            if name:
                message = f"column {name[:100]!r} stands twice; column {index + 1} was left out"
                session.found.add("duplicate-column", message, file=file, row=1)


class TableBuilder:
    """Builds one table from numbered rows; the first row that is not empty is the header."""

    def __init__(self, session: ReadingSession, name: str, file: str) -> None:
        self._session, self._name, self._file = session, name.casefold(), file
        self._kept: list[int] = []
        self._names: list[str] = []
        self._columns: list[list[str]] = []
        self._width = -1
        self.on_chunk: Callable[[], None] = _nothing
        self._numbers = array("L")
        self._chunk: list[list[str]] = []
        self._short, self._long = _Tally(), _Tally()

    def add_all(self, rows: Iterable[tuple[int, list[str]]]) -> None:
        """Add rows with their numbers; rows without any cell are blank lines."""
        waiting = iter(rows)
        while numbered := list(islice(waiting, _CHUNK_ROWS)):
            numbers, chunk = zip(*numbered, strict=True)
            if set(map(len, chunk)) == {self._width}:  # nothing to mend: nearly every chunk
                self._chunk = list(chunk)
                self._numbers.extend(numbers)
            else:
                self._add_each(numbered)
            self._check_rows(numbers[-1])
            self._flush()

    def _add_each(self, numbered: Iterable[tuple[int, list[str]]]) -> None:
        for number, row in numbered:
            if len(row) != self._width:
                if not row:
                    continue
                if self._width < 0:
                    self._take_header(row)
                    continue
                self._mend(row, number)
            self._chunk.append(row)
            self._numbers.append(number)

    def finish(self) -> RawTable | None:
        """Return the table, or None if there was no header; report what was repaired."""
        if self._width < 0:
            return None
        report_ragged(self._session, self._file, "short", self._short.first, self._short.count)
        report_ragged(self._session, self._file, "long", self._long.first, self._long.count)
        columns: dict[str, Sequence[str]] = dict(zip(self._names, self._columns, strict=True))
        for name in [name for name, cells in columns.items() if not name and not any(cells)]:
            del columns[name]
        return RawTable(
            name=self._name,
            file=self._file,
            columns=columns,
            rows=_compact(self._numbers),
            is_list_export=True,
        )

    def _take_header(self, row: list[str]) -> None:
        header = TableHeader(row, self._file, self._session.limits.columns)
        header.report(self._session, self._file)
        self._width, self._kept, self._names = len(row), header.kept, header.names
        self._columns = [[] for _ in self._kept]

    def _mend(self, row: list[str], number: int) -> None:
        missing = self._width - len(row)
        if missing > 0:
            self._short.add(number)
            row.extend([""] * missing)
        else:
            if any(cell.strip() for cell in row[self._width :]):
                self._long.add(number)
            del row[self._width :]

    def _check_rows(self, number: int) -> None:
        limit = self._session.limits.rows
        if number > limit + 1:
            raise LimitExceededError(
                self._file, f"it has more than {limit:,} rows (rows)", SPLIT_OR_RAISE
            )

    def _flush(self) -> None:
        if not self._chunk:
            return
        by_column: list[tuple[str, ...]] = list(zip(*self._chunk, strict=True))
        first = len(self._numbers) - len(self._chunk)
        self._chunk = []
        memory = 0
        for column, index in zip(self._columns, self._kept, strict=True):
            cells = list(map(str.strip, by_column[index]))
            chars = sum(map(len, cells))
            if chars > self._session.limits.cell_chars:
                cells = self._without_overlong(cells, first)
            memory += chars + _POINTER * len(cells)
            memory += (_CELL_OVERHEAD - _POINTER) * (len(cells) - cells.count(""))
            column.extend(cells)
        self._session.hold(self._file, memory)
        self.on_chunk()

    def _without_overlong(self, cells: Sequence[str], first: int) -> list[str]:
        limit = self._session.limits.cell_chars
        kept = list(cells)
        for index, cell in enumerate(cells):
            if len(cell) > limit:
                kept[index] = ""
                message = (
                    f"a cell of {len(cell):,} characters was left empty, at most {limit:,} are"
                    " read (cell_chars); check the quotes before it"
                )
                row = self._numbers[first + index]
                self._session.found.add("limit-exceeded", message, file=self._file, row=row)
        return kept


def _nothing() -> None:
    """Do nothing when a chunk of rows is done."""


class _Tally:
    """Counts rows with one defect and keeps the first."""

    def __init__(self) -> None:
        self.first = self.count = 0

    def add(self, number: int) -> None:
        """Count one row."""
        self.first = self.first or number
        self.count += 1


_RAGGED = {
    "short": "rows have fewer cells than the header; the rest was taken as empty",
    "long": "rows have more cells than the header; the cells beyond were left out",
}


def report_ragged(session: ReadingSession, file: str, kind: str, first: int, count: int) -> None:
    """Report the rows that are ``short`` or ``long``: the first of them, and how many."""
    if count:
        message = f"{count:,} {_RAGGED[kind]}"
        session.found.add("ragged-row", message, file=file, row=first, count=count)


def _compact(numbers: array[int]) -> Sequence[int]:
    if not numbers or numbers[-1] - numbers[0] == len(numbers) - 1:
        first = numbers[0] if numbers else 0
        return range(first, first + len(numbers))
    return numbers
