"""Big CSV files: the chunked reader gives what the plain one gives, or leaves the file to it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.graph.columns import CodedColumn, TextColumn
from ripplegraph.graph.findings import Finding
from ripplegraph.loaders.reading import (
    RawTable,
    ReadLimits,
    chunked_columns,
    delimited,
    read_export,
)
from ripplegraph.loaders.reading.big_delimited import read_big_delimited
from ripplegraph.loaders.reading.chunk_reading import ChunkReading
from ripplegraph.loaders.reading.delimited import BIG_BYTES, read_delimited
from ripplegraph.loaders.reading.session import ReadingSession
from ripplegraph.loaders.reading.sources import SourceFile, source_of_bytes

_LIMITS = ReadLimits(cell_chars=40, line_chars=200, rows=30, columns=6)
_PIECES = [",", ",", ",", '"', '""', "\n", "\r\n", "\r", " ", "\t", "a", "bc", "x y", "id", "ü",
           "\u00a0", "\u2003", "\u3000", "\u1680", "\u2028", "\u205f", "€", "\u2020", "'", "\x1c",
           "\x85", "\x0b", ";", "\ufeff", "12345678", "123456789abcdef0"]  # fmt: skip


def _read_both(
    data: bytes, *, limits: ReadLimits = _LIMITS, chunk_bytes: int = 32, is_compiled: bool = False
) -> tuple[object, object]:
    """Return what the plain and the chunked reader say; None where the latter refuses the file."""
    source = source_of_bytes(data, "cis.csv")
    plain, big = ReadingSession(limits=limits), ReadingSession(limits=limits)
    expected: object
    try:
        expected = _told(read_delimited(source, plain), plain.found.findings())
    except (UnreadableFileError, LimitExceededError) as error:
        expected = str(error)
    reading = ChunkReading(chunk_bytes=chunk_bytes, is_compiled=is_compiled)
    try:
        table = read_big_delimited(source, big, delimiter=",", reading=reading)
    except (UnreadableFileError, LimitExceededError) as error:
        return expected, str(error)
    if table is None:
        assert big.memory_used == 0
        assert big.found.findings() == ()
        return expected, None
    return expected, _told(table, big.found.findings())


def _told(table: RawTable, findings: Sequence[Finding]) -> object:
    cells = [(name, list(column)) for name, column in table.columns.items()]
    return cells, list(table.rows), findings, (table.name, table.file, table.is_list_export)


@given(
    st.lists(st.sampled_from(_PIECES), max_size=40).map("".join),
    st.sampled_from([16, 23, 64, 1000]),
)
@example('id,n\r\na,"x\r\ny"\r\n', 16)
@example('id,n\na,"x""y"z,"\n', 16)
@settings(max_examples=400, deadline=None)
def test_any_text_gives_the_plain_readers_cells_and_findings(text: str, chunk_bytes: int) -> None:
    # the header keeps the delimiter a comma, whatever follows
    expected, got = _read_both(f"a,b,c\n{text}".encode(), chunk_bytes=chunk_bytes)
    assert got in (None, expected)


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_the_plain_readers_cells_and_findings_or_are_left_to_it(
    data: bytes,
) -> None:
    expected, got = _read_both(b"a,b\n1,2\n1,2\n" + data)
    assert got in (None, expected)


_CELLS = st.text(st.sampled_from("ab ,\"\n\rü'\u00a0"), max_size=12)
_TABLES = st.lists(st.lists(_CELLS, min_size=3, max_size=3), max_size=12)


@given(_TABLES, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from([16, 50, 4096]))
@settings(max_examples=200, deadline=None)
def test_a_well_formed_table_is_read_and_never_left_to_the_plain_reader(
    rows: list[list[str]], line_end: str, chunk_bytes: int
) -> None:
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows]
    lines = ["id,name,class", *map(",".join, quoted)]
    expected, got = _read_both(line_end.join(lines).encode(), chunk_bytes=chunk_bytes)
    assert got == expected
    assert isinstance(got, tuple)
    cells = [[cell.strip() for cell in row] for row in rows]
    assert [list(row) for row in zip(*(column for _, column in got[0]), strict=True)] == cells


@given(st.lists(st.sampled_from(_PIECES), max_size=60).map("".join))
@settings(max_examples=60, deadline=None)
def test_compiled_and_uncompiled_kernels_agree(text: str) -> None:
    data = f"a,b,c\n{text}".encode()
    assert _read_both(data, is_compiled=True) == _read_both(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"id,n\na,b\0c\n", id="a NUL"),
        pytest.param(b"id,n\na,\xff\n", id="bytes that are no UTF-8"),
        pytest.param("id,n\na,\ufffd\n".encode(), id="a replacement character"),
        pytest.param("id,n\na,b\n".encode("utf-16"), id="UTF-16"),
        pytest.param(b'id,n\na,"b\nc,d\n', id="a quote that never closes"),
        pytest.param(b"id,n\na," + b"x" * 41 + b"\n", id="a cell beyond the limit"),
        pytest.param(b"id,n\na,b" + b" " * 200 + b"\n", id="a line beyond the limit"),
        pytest.param(b"\n\n\n", id="no header"),
        pytest.param(b"i" * 500, id="a header without an end"),
    ],
)
def test_what_is_odd_is_left_to_the_plain_reader(data: bytes) -> None:
    assert _read_both(data)[1] is None


def test_byte_order_mark_ragged_and_repeated_columns_are_as_ever() -> None:
    text = "\ufeffid,n,id,,\n\n1,2,3\n1,2,3,,5,6\n  \n1,2,3,4,5, \n"
    expected, got = _read_both(text.encode())
    assert got == expected
    assert isinstance(got, tuple)
    assert [one.code for one in got[2]] == ["duplicate-column", "ragged-row", "ragged-row"]
    assert got[1] == [3, 4, 5, 6]


@pytest.mark.parametrize("rows", [30, 31])
def test_row_limit_counts_blank_lines_as_ever(rows: int) -> None:
    expected, got = _read_both(b"id,n\n" + b"a,b\n" * (rows - 1) + b"\n")
    assert got == expected
    assert isinstance(got, str) == (rows > 30)


def test_too_many_columns_are_refused_as_ever() -> None:
    expected, got = _read_both(b"a,b,c,d,e,f,g\n1\n")
    assert got == expected
    assert "columns" in str(got)


def _big(text: str, *, limits: ReadLimits | None = None, skips_first: bool = False) -> RawTable:
    session = ReadingSession(limits=limits or ReadLimits())
    table = read_big_delimited(
        source_of_bytes(text.encode(), "cis.csv"),
        session,
        delimiter=",",
        skips_first=skips_first,
        reading=ChunkReading(chunk_bytes=512, is_compiled=False),
    )
    assert table is not None
    return table


def test_few_different_texts_are_numbered_and_many_are_kept_as_bytes() -> None:
    rows = [(f"id-{number:09d}", f"team {number % 7}") for number in range(2000)]
    table = _big("id,team\n" + "".join(f"{one},{team}\n" for one, team in rows))
    assert isinstance(table.columns["id"], TextColumn)
    assert isinstance(table.columns["team"], CodedColumn)
    assert list(table.columns["id"]) == [one for one, _ in rows]
    assert list(table.columns["team"]) == [team for _, team in rows]
    assert table.rows == range(2, 2002)


def test_a_column_that_becomes_varied_late_keeps_what_came_before() -> None:
    cells = ["same"] * 3000 + [f"{number:x}" * 3 for number in range(2000)]
    table = _big("id\n" + "\n".join(cells))
    assert list(table.columns["id"]) == cells


def test_texts_longer_than_the_room_for_values_are_kept_as_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chunked_columns, "VALUE_ROOM", 1_000)
    cells = [f"{number}" + "x" * 100 for number in range(12)] * 2
    table = _big("id\n" + "\n".join(cells))
    assert isinstance(table.columns["id"], TextColumn)
    assert list(table.columns["id"]) == cells


def test_rows_behind_blank_lines_keep_their_numbers() -> None:
    table = _big("id\n" + "a\n" * 400 + "\n\n" + "b\n" * 400)
    assert list(table.rows) == [*range(2, 402), *range(404, 804)]


def test_line_that_declares_the_delimiter_is_no_header() -> None:
    table = _big("sep=,\nid,n\na,b\n", skips_first=True)
    assert (dict(table.columns), list(table.rows)) == ({"id": ["a"], "n": ["b"]}, [2])


def test_memory_limit_counts_what_the_columns_hold() -> None:
    text = "id\n" + "".join(f"{number:020d}\n" for number in range(5000))
    assert len(_big(text, limits=ReadLimits(array_bytes=5000 * 33))) == 5000
    with pytest.raises(LimitExceededError, match="array_bytes"):
        _big(text, limits=ReadLimits(array_bytes=5000 * 30))


class _InParts(io.BytesIO):
    """A stream that gives less than it is asked for, as pipes and archives do."""

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return super().readinto(buffer[: max(1, len(buffer) // 3)])


def test_a_stream_that_gives_parts_is_read_to_its_end_and_tells_how_far_it_is() -> None:
    data = b"id,n\n" + b"abc,d\n" * 300
    shown: list[tuple[str, int, int]] = []
    session = ReadingSession(limits=ReadLimits(), progress=lambda *one: shown.append(one))
    source = SourceFile(label="cis.csv", size=len(data), opener=lambda: _InParts(data))
    reading = ChunkReading(chunk_bytes=512, is_compiled=False)
    table = read_big_delimited(source, session, delimiter=",", reading=reading)
    assert table is not None
    assert list(table.columns["id"]) == ["abc"] * 300
    assert [done for _, done, _ in shown] == [512, 1024, 1536, len(data)]


def test_a_big_file_takes_this_way_by_itself(tmp_path: Path) -> None:
    line = b"0123456789abcdef0123456789abcdef;" + b"x" * 200 + b"\n"
    path = tmp_path / "cis.csv"
    path.write_bytes(b"id;name\n" + line * (BIG_BYTES // len(line) + 1))
    (table,) = read_export([path]).tables
    assert isinstance(table.columns["id"], CodedColumn)
    assert len(table) == BIG_BYTES // len(line) + 1
    odd = tmp_path / "odd.csv"
    odd.write_bytes(b"id;name\n" + line * (BIG_BYTES // len(line) + 1) + b"caf\xe9;x\n")
    (table,) = read_export([odd]).tables
    assert table.columns["id"][-1] == "café"
    assert isinstance(table.columns["id"], list)


def test_smaller_files_take_this_way_too_once_a_big_one_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "BIG_BYTES", 40)
    monkeypatch.setattr(delimited, "ALSO_BIG_BYTES", 20)
    for name, size in (("a.csv", 30), ("b.csv", 50), ("c.csv", 30), ("d.csv", 5)):
        (tmp_path / name).write_text("id,name\n" + "x,y\n" * (size // 4))
    tables = {table.name: table for table in read_export([tmp_path]).tables}
    held = {name: type(table.columns["id"]) is list for name, table in tables.items()}
    assert held == {"a": True, "b": False, "c": False, "d": True}


def test_progress_of_a_big_file_rises_in_bytes_to_its_size_and_names_it() -> None:
    shown: list[tuple[str, int, int]] = []
    data = b"id,name\n" + b"".join(b"%d,web %d\n" % (one, one) for one in range(100))
    session = ReadingSession(limits=ReadLimits(), progress=lambda *step: shown.append(step))
    source = source_of_bytes(data, "cis.csv")
    reading = ChunkReading(chunk_bytes=64, is_compiled=False)
    assert read_big_delimited(source, session, delimiter=",", reading=reading) is not None
    done = [one for _, one, _ in shown]
    assert done == [*range(64, len(data), 64), len(data)]
    assert {(label, total) for label, _, total in shown} == {("cis.csv", len(data))}


def test_arrays_that_are_counted_are_those_that_are_held() -> None:
    cells = [f"{one:032x}" for one in range(2000)]
    data = ("id\n" + "\n".join(cells) + "\n").encode()
    session = ReadingSession(limits=ReadLimits())
    reading = ChunkReading(chunk_bytes=4096, is_compiled=False)
    table = read_big_delimited(
        source_of_bytes(data, "cis.csv"), session, delimiter=",", reading=reading
    )
    assert table is not None
    column = table.columns["id"]
    assert isinstance(column, TextColumn)
    held = 32 * len(cells) + column.starts.nbytes + column.lengths.nbytes
    assert held <= session.arrays_used <= 1.1 * held
