"""CSV and TSV: delimiters, encodings, quotes, ragged rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.loaders.reading import RawExport, RawTable, ReadLimits, read_export


def _export(folder: Path, content: bytes | str, name: str = "cis.csv") -> RawExport:
    data = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(data)
    return read_export([folder / name])


def _table(folder: Path, content: bytes | str, name: str = "cis.csv") -> RawTable:
    (table,) = _export(folder, content, name).tables
    return table


def _codes(export: RawExport) -> list[tuple[str, int, int]]:
    return [(one.code, one.row, one.count) for one in export.findings]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_out_though_cells_hold_the_others(
    tmp_path: Path, delimiter: str
) -> None:
    others = "".join({",", ";", "\t", "|"} - {delimiter})
    cell = f'"{others}{delimiter}"'
    table = _table(tmp_path, f"id{delimiter}name\na{delimiter}{cell}\n")
    assert table.columns == {"id": ["a"], "name": [(others + delimiter).strip()]}


def test_list_separator_in_cells_does_not_pass_for_the_delimiter(tmp_path: Path) -> None:
    table = _table(tmp_path, "id,tags\na,x;y;z\nb,x;y;z\n")
    assert table.columns == {"id": ["a", "b"], "tags": ["x;y;z", "x;y;z"]}


def test_tsv_prefers_tabs(tmp_path: Path) -> None:
    table = _table(tmp_path, "id\tfirst, last\na\tx, y\n", "cis.tsv")
    assert table.columns == {"id": ["a"], "first, last": ["x, y"]}


def test_one_column_needs_no_delimiter(tmp_path: Path) -> None:
    assert _table(tmp_path, "id\na\nb").columns == {"id": ["a", "b"]}


@pytest.mark.parametrize("first_line", ["sep=;", '"sep=;"', "SEP=;"])
def test_line_that_declares_the_delimiter_is_no_header(tmp_path: Path, first_line: str) -> None:
    table = _table(tmp_path, f"{first_line}\nid;name\na;b,c\n")
    assert table.columns == {"id": ["a"], "name": ["b,c"]}
    assert list(table.rows) == [2]


@pytest.mark.parametrize(
    ("encoding", "codes"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", []),
        ("utf-32", []),
        ("utf-16-le", ["encoding-guessed"]),
        ("utf-16-be", ["encoding-guessed"]),
        ("cp1252", ["encoding-guessed"]),
    ],
)
def test_encoding_is_found_out_and_a_guess_is_told(
    tmp_path: Path, encoding: str, codes: list[str]
) -> None:
    export = _export(tmp_path, "id,name,team\na,Zürich,Support\n".encode(encoding))
    assert export.tables[0].columns["name"] == ["Zürich"]
    assert list(export.tables[0].columns) == ["id", "name", "team"]
    assert [one.code for one in export.findings] == codes


def test_utf_8_with_a_few_broken_bytes_stays_utf_8(tmp_path: Path) -> None:
    export = _export(tmp_path, "id,name\na,äöü\n".encode() + b"b,\xff\n")
    assert export.tables[0].columns["name"] == ["äöü", "\ufffd"]
    assert _codes(export) == [("replaced-characters", 0, 1)]


def test_nul_characters_are_dropped_and_counted(tmp_path: Path) -> None:
    export = _export(tmp_path, b"id,na\0me\na,x\0y\0\n")
    assert export.tables[0].columns == {"id": ["a"], "name": ["xy"]}
    assert _codes(export) == [("replaced-characters", 0, 3)]


def test_cells_are_stripped_and_quotes_doubled_or_with_line_breaks_are_read(
    tmp_path: Path,
) -> None:
    table = _table(tmp_path, 'id,name\r\n a ,"say ""hi""\r\nto all"\r\nb,"3,665"\r\n')
    assert table.columns == {"id": ["a", "b"], "name": ['say "hi"\r\nto all', "3,665"]}
    assert list(table.rows) == [2, 3]


def test_row_numbers_are_those_of_a_spreadsheet_also_behind_blank_lines(tmp_path: Path) -> None:
    table = _table(tmp_path, "\nid,name\n\na,b\n\n\nc,d\n")
    assert table.columns == {"id": ["a", "c"], "name": ["b", "d"]}
    assert list(table.rows) == [4, 7]


def test_quote_that_never_closes_costs_its_own_row_only(tmp_path: Path) -> None:
    export = _export(tmp_path, 'id,name\na,"x\nb,y\nc,z\n')
    assert export.tables[0].columns == {"id": ["a", "b", "c"], "name": ['"x', "y", "z"]}
    assert _codes(export) == [("broken-file", 2, 1)]


def test_after_three_quotes_that_never_close_quotes_are_plain_characters(tmp_path: Path) -> None:
    limits = ReadLimits(line_chars=12)
    (tmp_path / "cis.csv").write_text("id,name\n" + 'a,"xxxxx\n' * 5)
    export = read_export([tmp_path / "cis.csv"], limits=limits)
    assert export.tables[0].columns["name"] == ['"xxxxx'] * 5
    assert [one.row for one in export.findings] == [2, 3, 4]
    told = [one.message.partition("; ")[2].partition(" quotes")[0] for one in export.findings]
    assert told == ["in this row", "in this row", "from this row on"]


def test_ragged_rows_are_repaired_and_told_once(tmp_path: Path) -> None:
    export = _export(tmp_path, "id,name\na\nb,c,d\ne\nf,g,,\n")
    assert export.tables[0].columns == {"id": ["a", "b", "e", "f"], "name": ["", "c", "", "g"]}
    assert _codes(export) == [("ragged-row", 2, 2), ("ragged-row", 3, 1)]


def test_second_of_two_equal_columns_is_left_out(tmp_path: Path) -> None:
    export = _export(tmp_path, "id,name,id\na,b,c\n")
    assert export.tables[0].columns == {"id": ["a"], "name": ["b"]}
    assert _codes(export) == [("duplicate-column", 1, 1)]


def test_empty_column_without_a_name_is_left_out(tmp_path: Path) -> None:
    assert _table(tmp_path, "id,name,,\na,b,,\n").columns == {"id": ["a"], "name": ["b"]}


def test_column_without_a_name_but_with_cells_is_kept(tmp_path: Path) -> None:
    assert _table(tmp_path, "id,,\na,b,c\n").columns == {"id": ["a"], "": ["b"]}


def test_table_of_many_chunks_is_whole(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    (tmp_path / "cis.csv").write_text("id\n" + "".join(f"{i}\n" for i in range(50_000)))
    export = read_export([tmp_path / "cis.csv"], progress=lambda *step: seen.append(step))
    assert export.tables[0].columns["id"] == [str(i) for i in range(50_000)]
    assert export.tables[0].rows == range(2, 50_002)
    size = (tmp_path / "cis.csv").stat().st_size
    assert seen[0] == ("cis.csv", 0, size)
    assert seen[-1] == ("cis.csv", size, size)
    assert len(seen) == 15


def test_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    table = _table(tmp_path, "id,name\n")
    assert table.columns == {"id": [], "name": []}
    assert len(table) == 0


def test_blank_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"cis\.csv: it is empty"):
        _export(tmp_path, "\n\n")


def test_overlong_cell_is_left_empty_with_a_finding_at_its_row(tmp_path: Path) -> None:
    (tmp_path / "cis.csv").write_text("id,name\na,b\nc,ddddddddddd\n")
    export = read_export([tmp_path / "cis.csv"], limits=ReadLimits(cell_chars=10))
    assert export.tables[0].columns["name"] == ["b", ""]
    assert _codes(export) == [("limit-exceeded", 3, 1)]


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (ReadLimits(rows=2), r"more than 2 rows \(rows\)"),
        (ReadLimits(columns=1), r"2 columns, at most 1 are read \(columns\)"),
        (ReadLimits(line_chars=5), r"more than 5 characters \(line_chars\)"),
        (ReadLimits(memory_bytes=100), r"more than 100 bytes of memory \(memory_bytes\)"),
        (ReadLimits(file_bytes=10), r"at most 10 are read \(file_bytes\)"),
    ],
)
def test_exceeded_limit_is_named(tmp_path: Path, limits: ReadLimits, text: str) -> None:
    (tmp_path / "cis.csv").write_text("id,name\na,b\nc,d\ne,f\n\n")
    with pytest.raises(LimitExceededError, match=text):
        read_export([tmp_path / "cis.csv"], limits=limits)
