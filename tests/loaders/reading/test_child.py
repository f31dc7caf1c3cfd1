"""The reader in the child process, asked in this one: every ending is an answer."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time, timedelta, timezone

import openpyxl
import polars as pl
import pytest

from ripplegraph.loaders.reading.child import answer_of, cell_text

ROOM = {"memory": 1_000_000, "rows": 1000, "columns": 100}


def _workbook(*rows: list[object]) -> io.BytesIO:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    data = io.BytesIO()
    book.save(data)
    return io.BytesIO(data.getvalue())


def _parquet(frame: pl.DataFrame) -> io.BytesIO:
    data = io.BytesIO()
    frame.write_parquet(data)
    return io.BytesIO(data.getvalue())


def test_workbook_is_answered_with_rows_of_text() -> None:
    answer = answer_of("book", _workbook(["id", "n"], ["a", 1], ["b", None]), ROOM)
    assert answer == {"sheets": [("Sheet", [["id", "n"], ["a", "1"], ["b", ""]])]}


def test_parquet_with_nested_columns_is_flattened() -> None:
    frame = pl.DataFrame({"id": ["a"], "ref": [{"value": "v", "link": "l"}]})
    answer = answer_of("parquet", _parquet(frame), ROOM)
    assert answer == {"sheets": [("", [["id", "ref", "ref.link"], ["a", "v", "l"]])]}


@pytest.mark.parametrize(
    ("room", "reason"),
    [
        ({"memory": 50}, "its cells need more memory than is allowed (memory_bytes)"),
        ({"rows": 1}, "sheet 'Sheet' is too wide or too long"),
        ({"columns": 1}, "sheet 'Sheet' is too wide or too long"),
    ],
)
def test_large_workbook_is_refused_for_its_size(room: dict[str, int], reason: str) -> None:
    answer = answer_of("book", _workbook(["id", "n"], ["a", 1]), ROOM | room)
    assert answer == {"refused": reason, "is_limit": True}


@pytest.mark.parametrize("room", [{"rows": 1}, {"memory": 10}])
def test_large_parquet_is_refused_before_it_is_read(room: dict[str, int]) -> None:
    answer = answer_of("parquet", _parquet(pl.DataFrame({"id": ["a", "b"]})), ROOM | room)
    assert answer == {"refused": "it has 2 rows of 1 columns", "is_limit": True}


@pytest.mark.parametrize("kind", ["book", "parquet"])
def test_what_is_no_such_file_is_refused_with_the_reason(kind: str) -> None:
    answer = answer_of(kind, io.BytesIO(b"nonsense"), ROOM)
    assert str(answer["refused"]).startswith("it cannot be read (")
    assert answer["is_limit"] is False


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" x ", "x"),
        (None, ""),
        (True, "true"),
        (3.0, "3"),
        (1e300, "1e+300"),
        (datetime(2026, 1, 2, 3, tzinfo=UTC), "2026-01-02 03:00:00+00:00"),
        (
            datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))),
            "2026-01-02 01:00:00+00:00",
        ),
        (date(2026, 1, 2), "2026-01-02"),
        (time(8, 30), "08:30:00"),
        (timedelta(minutes=5), "0:05:00"),
        (b"a\xff", "a\ufffd"),
    ],
)
def test_cell_becomes_text(value: object, text: str) -> None:
    assert cell_text(value) == text
