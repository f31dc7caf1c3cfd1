"""What reading yields: tables of text cells and parsed documents, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ripplegraph.graph.findings import Finding

Progress = Callable[[str, int, int], None]
"""Called with the label of a file, the bytes done and the bytes in all."""


@dataclass(slots=True, kw_only=True)
class RawTable:
    """One table as text: columns of equal length, stripped cells, "" for an empty cell.

    The columns of a big file are held in arrays (:mod:`ripplegraph.graph.columns`).
    ``name`` is the casefolded stem, sheet name or record tag; ``file`` is the label for findings;
    ``rows`` gives the row number of each record in its source (row 1 is a header).
    ``is_list_export`` tells that it was written as a table (CSV, workbook, Parquet), as people
    export lists; interfaces answer in records.
    """

    name: str
    file: str
    columns: dict[str, Sequence[str]]
    rows: Sequence[int]
    is_list_export: bool = False

    def __len__(self) -> int:
        """Return how many records the table holds."""
        return len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordColumns:
    """A long list of records, flattened into columns as by :func:`table_from_records`.

    ``first`` is the first entry as it stood, ``keys`` are those of any record.
    """

    first: object
    keys: frozenset[str]
    columns: Mapping[str, Sequence[str]]
    count: int

    def __len__(self) -> int:
        """Return how many entries the list had."""
        return self.count

    def table(self, name: str, file: str) -> RawTable:
        """Return the records as a table."""
        rows = range(1, self.count + 1)
        return RawTable(name=name.casefold(), file=file, columns=dict(self.columns), rows=rows)


@dataclass(slots=True, kw_only=True)
class RawDocument:
    """One parsed JSON or YAML document.

    In that of a big file long lists of records may be columns, or packed records.

    ``lines`` tells the line of a key, by the ``id()`` of the mapping that holds it and the key;
    empty for JSON, and for what lies deep or far behind in a file.
    """

    file: str
    data: object
    lines: Mapping[tuple[int, str], int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class RawExport:
    """Everything that was read, and what was found on the way."""

    tables: list[RawTable] = field(default_factory=list)
    documents: list[RawDocument] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
