"""The child process that reads one workbook or Parquet file under limits of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from ripplegraph.loaders.reading.flatten import table_from_records, text_of

Sheets = list[tuple[str, list[list[str]]]]
_CELL_MEMORY = 66
_LEAST_MEMORY = 256_000_000
_LIBRARIES = {"book": "python_calamine", "parquet": "polars"}
_TOO_LARGE = "its cells need more memory than is allowed (memory_bytes)"


class RefusedError(Exception):
    """The file is refused for its size."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def main(order_text: str) -> None:
    """Read what ``order_text`` asks for and write the answer as MessagePack to stdout."""
    import msgspec

    order = json.loads(order_text)
    path = order["path"]
    source = BytesIO(Path(path).read_bytes() if path else sys.stdin.buffer.read())
    import_module(_LIBRARIES[order["kind"]])  # before the limit, so that its size counts apart
    limit_memory(max(order["memory"], _LEAST_MEMORY))
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer_of(order["kind"], source, order)))


def answer_of(kind: str, source: BinaryIO, order: dict[str, int]) -> dict[str, object]:
    """Return the sheets, or why the file is refused; no error of a library gets out."""
    try:
        return {"sheets": {"book": _read_book, "parquet": _read_parquet}[kind](source, order)}
    except RefusedError as error:
        return {"refused": error.reason, "is_limit": True}
    except MemoryError:
        return {"refused": _TOO_LARGE, "is_limit": True}
    except BaseException as error:  # polars and calamine panic outside Exception
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return {"refused": f"it cannot be read ({reason})", "is_limit": False}


def limit_memory(extra: int) -> None:
    """Allow this process ``extra`` bytes more than it has now; where the system knows limits."""
    try:
        import resource
    except ImportError:
        return
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return
    now = int(statm.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + extra, now + extra))


def _read_book(source: BinaryIO, order: dict[str, int]) -> Sheets:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(source)
    budget = _Budget(order["memory"])
    sheets: Sheets = []
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        last_row, last_column = sheet.end or (0, 0)
        if last_column >= order["columns"] or last_row >= order["rows"]:
            reason = f"sheet {name!r} is too wide or too long"
            raise RefusedError(reason)
        sheets.append((name, [budget.row(row) for row in sheet.iter_rows()]))
    return sheets


def _read_parquet(source: BinaryIO, order: dict[str, int]) -> Sheets:
    import polars as pl

    lazy = pl.scan_parquet(source)
    rows, columns = lazy.select(pl.len()).collect().item(), lazy.collect_schema().names()
    if rows > order["rows"] or rows * max(len(columns), 1) * 8 > order["memory"]:
        reason = f"it has {rows:,} rows of {len(columns):,} columns"
        raise RefusedError(reason)
    budget = _Budget(order["memory"])
    frame = lazy.collect()
    if any(isinstance(dtype, pl.Struct) for dtype in frame.dtypes):
        table = table_from_records("", "", frame.to_dicts())
        return [("", [list(table.columns), *map(list, zip(*table.columns.values(), strict=True))])]
    body = (budget.row(row) for row in frame.iter_rows())
    return [("", [list(frame.columns), *body])]


class _Budget:
    """Turns rows of values into rows of text while counting their memory."""

    def __init__(self, memory: int) -> None:
        self._left = memory

    def row(self, values: Iterable[object]) -> list[str]:
        cells = [cell_text(value) for value in values]
        self._left -= 8 * len(cells) + sum(_CELL_MEMORY + len(cell) for cell in cells if cell)
        if self._left < 0:
            raise RefusedError(_TOO_LARGE)
        return cells


def cell_text(value: object) -> str:
    """Return the text of a cell: times in ISO form, whole numbers without a point."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, datetime):
        in_utc = value if value.tzinfo is None else value.astimezone(UTC)
        return in_utc.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return text_of(value)
