"""Answers on stdout: tables for people, JSON and CSV for programs.

Off a terminal nothing is wrapped, cut or coloured. What comes from an export is shown with its
control characters escaped, so that a name cannot move the cursor or forge a line. What programs
read (JSON, CSV, pages) is UTF-8 whatever the locale; on a terminal only it is escaped too.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ripplegraph.api.schemas import Out

_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]\d+)?", re.ASCII)  # -60 is no formula
_STYLES = {
    **dict.fromkeys(("down", "error", "missed"), "bold red"),
    **dict.fromkeys(("degraded", "warning", "unprovable"), "yellow"),
}


class Form(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of texts; ``title`` is a line above it."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    title: str = ""


Part = str | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer in its three forms; each is made only when it is asked for."""

    parts: Callable[[], Sequence[Part]]
    model: Callable[[], Out]
    csv: Callable[[], Table]


def write_answer(answer: Answer, form: Form) -> None:
    """Write an answer to stdout in the form asked for."""
    if form is Form.JSON:
        write_data(json_text(answer.model()))
    elif form is Form.CSV:
        write_data(csv_text(answer.csv()))
    elif _is_terminal():
        write_to_terminal(answer.parts())
    else:
        write_text(plain_text(answer.parts()))


def write_text(text: str) -> None:
    """Write text to stdout now, so that a closed pipe is noticed here."""
    _refuse_closed_stdout()
    sys.stdout.write(text)
    sys.stdout.flush()


def write_data(text: str) -> None:
    """Write what programs read to stdout as UTF-8, on a terminal with escapes that JSON knows."""
    _refuse_closed_stdout()
    sys.stdout.flush()
    shown = _escaped(text) if _is_terminal() else text
    sys.stdout.buffer.write(shown.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _refuse_closed_stdout() -> None:
    if sys.stdout is None:
        message = "stdout is closed, so the answer has nowhere to go"
        raise OSError(message)


def _escaped(text: str) -> str:
    r"""Return text with control and direction characters as ``\uXXXX``; line ends are kept."""
    return "".join(
        one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text
    )


def write_message(text: str) -> None:
    """Write a message for a person to stderr."""
    sys.stderr.write(printable(text) + "\n")
    sys.stderr.flush()


def json_text(model: Out) -> str:
    """Return an answer as JSON."""
    return json.dumps(model.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def csv_text(table: Table) -> str:
    """Return a table as CSV in which no cell can start a formula; numbers stay numbers."""
    from ripplegraph.loaders.formula_guard import guarded

    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(
        [cell if _NUMBER.fullmatch(cell) else guarded(cell) for cell in row] for row in table.rows
    )
    return stream.getvalue()


def printable(text: str) -> str:
    """Return text with control and direction characters escaped; line ends are kept."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one == "\n" else repr(one)[1:-1] for one in text)


def one_line(text: str) -> str:
    """Return text as one printable line."""
    return printable(text).replace("\n", "\\n")


def plain_text(parts: Sequence[Part]) -> str:
    """Return parts as plain text: columns aligned by blanks, nothing wrapped or cut."""
    blocks = [_plain_table(part) if isinstance(part, Table) else printable(part) for part in parts]
    return "\n\n".join(blocks) + "\n"


def _plain_table(table: Table) -> str:
    heading = tuple(column.upper() for column in table.columns)
    lines = [heading, *(tuple(one_line(cell) for cell in row) for row in table.rows)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    text = [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
    return "\n".join([printable(table.title), *text] if table.title else text)


def _width(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return len(text) + wide - sum(unicodedata.combining(one) != 0 for one in text)


def write_to_terminal(parts: Sequence[Part], *, width: int | None = None) -> None:
    """Write parts to a terminal, folded to its width, the worst rows in colour."""
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False, width=width)
    for position, part in enumerate(parts):
        if position:
            console.print()
        if isinstance(part, str):
            console.print(Text(printable(part)))
            continue
        grid = RichTable(box=None, pad_edge=False, title_justify="left", padding=(0, 2, 0, 0))
        for column in part.columns:
            grid.add_column(Text(column.upper(), style="bold"), overflow="fold")
        for row in part.rows:
            first = row[0].split(" ", 1)[0] if row else ""
            style = _STYLES.get(first, "")
            grid.add_row(
                *(
                    Text(one_line(cell), style=style if place == 0 else "")
                    for place, cell in enumerate(row)
                )
            )
        if part.title:
            console.print(Text(printable(part.title), style="bold"))
        console.print(grid)
