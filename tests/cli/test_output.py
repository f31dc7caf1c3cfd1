"""How answers are written: plain tables, terminals, CSV, progress."""

from __future__ import annotations

import pytest

from ripplegraph.cli.output import (
    Table,
    csv_text,
    one_line,
    plain_text,
    printable,
    write_to_terminal,
)
from ripplegraph.cli.session import ProgressLine


def test_plain_table_aligns_columns_also_with_wide_and_combining_characters() -> None:
    table = Table(
        columns=("name", "owner"), rows=[("東京", "a"), ("e\u0301", "b"), ("long name", "c")]
    )
    assert plain_text([table]).splitlines() == [
        "NAME       OWNER",
        "東京       a",
        "e\u0301          b",
        "long name  c",
    ]


def test_plain_table_cuts_nothing_and_leaves_no_trailing_blanks() -> None:
    text = plain_text([Table(columns=("a", "b"), rows=[("x" * 500, ""), ("y", "z")], title="T")])
    assert "x" * 500 in text
    assert all(line == line.rstrip() for line in text.splitlines())
    assert text.startswith("T\n")


def test_text_of_an_export_stays_on_its_line() -> None:
    assert one_line("a\nb\tc\r") == "a\\nb\\tc\\r"
    assert printable("two\nlines") == "two\nlines"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_cell_cannot_start_a_formula(start: str) -> None:
    text = csv_text(Table(columns=("a",), rows=[(start + "1+1",)]))
    assert text.splitlines()[1].lstrip('"').startswith("'")


def test_fast_reading_shows_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    line = ProgressLine()
    line("cis.csv", 1, 2)
    line.clear()
    assert capsys.readouterr().err == ""


def test_slow_reading_shows_progress_and_takes_it_away(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = ProgressLine(quiet_seconds=0.0, step_seconds=0.0)
    line("c\x1bis.csv", 1_000_000, 4_000_000)
    line.clear()
    text = capsys.readouterr().err
    assert "reading c\\x1bis.csv: 25 % of 4 MB" in text
    assert text.endswith("\r\x1b[K")


def test_terminal_folds_long_cells_and_cuts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(columns=("status", "because"), rows=[("down", "x" * 200)], title="Impacted")
    write_to_terminal(["Down: [red]db[/red] :smile:", table], width=60)
    text = capsys.readouterr().out
    assert "Down: [red]db[/red] :smile:" in text
    assert text.count("x") == 200
    assert max(map(len, text.splitlines())) <= 60


@pytest.mark.parametrize("number", ["-60", "-0.5", "-1e-09", "1.5e+20"])
def test_csv_number_below_zero_stays_a_number(number: str) -> None:
    assert csv_text(Table(columns=("left",), rows=[(number,)])) == f"left\n{number}\n"


@pytest.mark.parametrize("text", ["-60 min", "-1+2", "-", "--1", "-1e5", "-٣", "-60\n"])
def test_csv_text_that_is_no_number_as_programs_write_it_is_guarded(text: str) -> None:
    assert csv_text(Table(columns=("left",), rows=[(text,)])).lstrip('"').startswith("left\n")
    cell = csv_text(Table(columns=("left",), rows=[(text,)])).split("\n", 1)[1].lstrip('"')
    assert cell.startswith("'")
