"""The row ledger: every row that was read ends as used or as reported, per file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from ripplegraph.graph.findings import FileTally


class RowsOfFile(Protocol):
    """What the ledger needs of a table: its label for findings, and its row numbers."""

    file: str
    rows: Sequence[int]


class RowLedger:
    """Counts the rows of each file on both sides: what was read, and what became of it.

    The sides are counted apart: readers tell the rows that exist, mappers mark them as used or
    refused, building the graph takes some back. A row of which a part was used counts as used.
    """

    def __init__(self) -> None:
        self._read: dict[str, set[int]] = {}
        self._used: dict[str, set[int]] = {}
        self._refused: dict[str, set[int]] = {}

    def register(self, file: str, rows: Iterable[int]) -> None:
        """Enter the rows that were read from a file."""
        self._read.setdefault(file, set()).update(rows)

    def knows(self, file: str) -> bool:
        """Return whether rows of this file were entered."""
        return file in self._read

    def use(self, file: str, row: int) -> None:
        """Mark a row as used: it gave a record, or was merged into one."""
        self._used.setdefault(file, set()).add(row)

    def refuse(self, file: str, row: int) -> None:
        """Mark a row as not used; the caller also reports a finding that stands for it."""
        self._refused.setdefault(file, set()).add(row)

    def use_all(self, table: RowsOfFile) -> None:
        """Mark every row of a table as used."""
        self._used.setdefault(table.file, set()).update(table.rows)

    def refuse_all(self, table: RowsOfFile) -> None:
        """Mark every row of a table as not used; the caller also reports one finding."""
        self._refused.setdefault(table.file, set()).update(table.rows)

    def take_back(self, places: Iterable[tuple[str, int]]) -> None:
        """Turn used rows into reported ones: building the graph refused their records."""
        for file, row in places:
            if row in self._read.get(file, ()):
                self._used.get(file, set()).discard(row)
                self.refuse(file, row)

    def tallies(self) -> tuple[FileTally, ...]:
        """Return the totals per file, sorted by file.

        Raises
        ------
        AssertionError
            If a row is accounted for by nobody, or was never read: a bug of a mapper.
        """
        self._check()
        return tuple(
            FileTally(
                file=file,
                rows_read=len(rows),
                rows_used=len(self._used.get(file, ())),
                rows_reported=len(self._refused.get(file, set()) - self._used.get(file, set())),
            )
            for file, rows in sorted(self._read.items())
        )

    def _check(self) -> None:
        for file in sorted({*self._read, *self._used, *self._refused}):
            read = self._read.get(file, set())
            marked = self._used.get(file, set()) | self._refused.get(file, set())
            if read != marked:
                msg = (
                    f"rows of {file} do not add up: neither used nor reported "
                    f"{sorted(read - marked)[:5]}, never read {sorted(marked - read)[:5]}"
                )
                raise AssertionError(msg)
